package sshserver

import (
	"testing"

	"golang.org/x/crypto/ssh"
)

func TestWhoMayLogIn(t *testing.T) {
	key, other := mustKey(t), mustKey(t)
	byPassword := func(user, pw string) bool { return user == "bob" && pw == "right" }
	for _, c := range []struct {
		name     string
		password func(user, pw string) bool
		auth     ssh.AuthMethod
		ok       bool
	}{
		{"its key", nil, ssh.PublicKeys(key), true},
		{"another key", nil, ssh.PublicKeys(other), false},
		{"another key first", nil, ssh.PublicKeys(other, key), true},
		{"the key offered, another one used", nil, ssh.PublicKeys(stolen{other, key.PublicKey()}), false},
		{"nothing", nil, nil, false},
		{"password, not wanted", nil, ssh.Password("right"), false},
		{"right password", byPassword, ssh.Password("right"), true},
		{"wrong password", byPassword, ssh.Password("wrong"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			server, err := Start(t.Context(), Config{Root: t.TempDir(), Authorized: []ssh.PublicKey{key.PublicKey()}, Password: c.password})
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			config := &ssh.ClientConfig{User: "bob", HostKeyCallback: ssh.FixedHostKey(server.HostKey())}
			if c.auth != nil {
				config.Auth = []ssh.AuthMethod{c.auth}
			}
			client, err := ssh.Dial("tcp", server.Addr(), config)
			if err == nil {
				client.Close()
			}
			if (err == nil) != c.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func mustKey(t testing.TB) ssh.Signer {
	t.Helper()
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// stolen offers a public key that it cannot sign for.
type stolen struct {
	ssh.Signer
	public ssh.PublicKey
}

func (s stolen) PublicKey() ssh.PublicKey { return s.public }
