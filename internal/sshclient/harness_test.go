package sshclient

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/command"
	"gofab/internal/sshserver"
	"gofab/internal/testenv"
)

// newKey makes a fresh ed25519 key.
func newKey(t testing.TB) (ed25519.PrivateKey, ssh.Signer) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	check(t, err)
	return private, signer
}

// keyFileOf writes a private key and returns its path; with a passphrase it is
// locked.
func keyFileOf(t testing.TB, private any, passphrase string) string {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(private, "test")
	check(t, err)
	path := filepath.Join(t.TempDir(), "id")
	check(t, os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
	if passphrase != "" { // one round of bcrypt: more take seconds under the race detector
		keygen := testenv.Require(t, "ssh-keygen")
		out, err := exec.Command(keygen, "-p", "-a", "1", "-P", "", "-N", passphrase, "-f", path).CombinedOutput()
		if err != nil {
			t.Fatalf("ssh-keygen: %v\n%s", err, out)
		}
	}
	return path
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// testContext ends long before the test binary would be killed.
func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// optionsFor are the options for a server whose key is written to known_hosts.
func optionsFor(t testing.TB, address string, hostKey ssh.PublicKey) *options {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	check(t, err)
	number, err := strconv.Atoi(port)
	check(t, err)
	known := filepath.Join(t.TempDir(), "known_hosts")
	if hostKey != nil {
		line := fmt.Sprintf("[%s]:%s %s", host, port, ssh.MarshalAuthorizedKey(hostKey))
		check(t, os.WriteFile(known, []byte(line), 0o600))
	}
	return &options{
		name: "web1", host: host, port: number, user: "deploy",
		connectTimeout: 5 * time.Second, loginTimeout: 10 * time.Second, attempts: 1,
		methods: defaultMethods, passwordPrompts: 3, strict: "yes", userKnownHosts: []string{known},
	}
}

// startHost starts an embedded server and returns options that log in to it.
func startHost(t testing.TB, adjust func(*sshserver.Config)) (*sshserver.Server, *options) {
	t.Helper()
	private, signer := newKey(t)
	config := sshserver.Config{Name: "web1", Root: t.TempDir(), Authorized: []ssh.PublicKey{signer.PublicKey()}}
	if adjust != nil {
		adjust(&config)
	}
	server, err := sshserver.Start(context.Background(), config)
	check(t, err)
	t.Cleanup(func() { server.Close() })
	o := optionsFor(t, server.Addr(), server.HostKey())
	o.identityFiles = []string{keyFileOf(t, private, "")}
	return server, o
}

// newDialer is NewDialer with short pauses.
func newDialer(deps Deps) *Dialer {
	d := NewDialer(deps)
	d.backoff = func(int) time.Duration { return time.Millisecond }
	return d
}

// connectTo dials with a dialer of its own and closes with the test.
func connectTo(t testing.TB, o *options) *Client {
	t.Helper()
	c, err := newDialer(Deps{}).dial(testContext(t), o)
	check(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

// run executes a line and returns its output.
func run(t testing.TB, c *Client, line string) (stdout, stderr string, exit command.Exit, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	exit, err = c.Exec(testContext(t), command.Exec{Line: line, Stdout: &out, Stderr: &errs})
	return out.String(), errs.String(), exit, err
}

// through lets o go through another address, whose host key is the same.
func through(t testing.TB, o *options, address string, hostKey ssh.PublicKey) *options {
	t.Helper()
	via := optionsFor(t, address, hostKey)
	changed := *o
	changed.host, changed.port, changed.userKnownHosts = via.host, via.port, via.userKnownHosts
	return &changed
}
