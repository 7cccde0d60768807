package testenv

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// SMTPD is Debian's OpenSMTPD on loopback. It takes mail for the users of this
// machine in Domain, and refuses others.
type SMTPD struct {
	Port   int
	Domain string
	mail   string // maildir of all that is delivered
}

// pollPace is how often something is asked that cannot tell by itself.
const pollPace = 10 * time.Millisecond

// StartSMTPD starts the server. It needs root, and there is one at a time.
func StartSMTPD(t testing.TB) *SMTPD {
	t.Helper()
	Require(t, "root")
	program := Require(t, "smtpd")
	dir, err := os.MkdirTemp("", "smtpd") // not t.TempDir: nobody must come in
	if err != nil {
		t.Fatal(err)
	}
	s := &SMTPD{Port: freePort(t), Domain: "box.test", mail: filepath.Join(dir, "mail")}
	config := filepath.Join(dir, "smtpd.conf")
	writeFile(t, config, fmt.Sprintf("listen on 127.0.0.1 port %d hostname %s\naction keep maildir %q user nobody\nmatch from any for domain %q action keep\n",
		s.Port, s.Domain, s.mail, s.Domain), 0o600)
	run(t, "", "install", "-d", "-o", "nobody", dir, s.mail)
	var log Buffer
	cmd := exec.Command(program, "-d", "-f", config)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { _ = cmd.Wait(); close(exited) }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		<-exited
		_ = os.RemoveAll(dir)
	})
	s.await(t, exited, &log)
	return s
}

// await returns when the port is open.
func (s *SMTPD) await(t testing.TB, exited chan struct{}, log *Buffer) {
	t.Helper()
	ticker := time.NewTicker(pollPace)
	defer ticker.Stop()
	for {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.Port))
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-exited:
			t.Fatalf("smtpd does not start:\n%s", log.String())
		case <-ticker.C:
		}
	}
}

// Delivered waits for the next mail and gives it.
func (s *SMTPD) Delivered(t testing.TB) []byte {
	t.Helper()
	ticker := time.NewTicker(pollPace)
	defer ticker.Stop()
	tooLate := time.After(time.Minute)
	for {
		found, err := filepath.Glob(filepath.Join(s.mail, "new", "*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(found) > 0 {
			data, err := os.ReadFile(found[0])
			if err != nil || os.Remove(found[0]) != nil {
				t.Fatal(err)
			}
			return data
		}
		select {
		case <-tooLate:
			t.Fatal("no mail came")
		case <-ticker.C:
		}
	}
}
