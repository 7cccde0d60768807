package sshserver

import (
	"testing"

	"golang.org/x/crypto/ssh"
)

func TestRunsACommand(t *testing.T) {
	fleet, err := StartFleet(t.Context(), t.TempDir(), []string{"web1"})
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	addr, key, _ := fleet.Lookup("web1")
	client, err := ssh.Dial("tcp", addr, &ssh.ClientConfig{
		User: "bob", Auth: []ssh.AuthMethod{ssh.PublicKeys(fleet.ClientKey())}, HostKeyCallback: ssh.FixedHostKey(key),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	out, err := session.Output("echo $HOSTNAME; pwd; exit 3")
	t.Logf("%s %v", out, err)
}
