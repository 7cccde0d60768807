package testenv

import (
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// login connects to a hostile server as a careful client would: the whole
// handshake has a deadline.
func login(t *testing.T, h *HostileServer) (*ssh.Client, error) {
	t.Helper()
	conn := dial(t, h.Addr)
	_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
	config := &ssh.ClientConfig{
		User: "bob", HostKeyCallback: ssh.FixedHostKey(h.HostKey),
		Auth:           []ssh.AuthMethod{ssh.Password("x")},
		BannerCallback: func(string) error { return nil },
	}
	link, channels, requests, err := ssh.NewClientConn(conn, h.Addr, config)
	if err != nil {
		return nil, err
	}
	client := ssh.NewClient(link, channels, requests)
	t.Cleanup(func() { client.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	return client, nil
}

func TestHostileHandshakes(t *testing.T) {
	for _, c := range []struct {
		name string
		b    Behaviour
		want string // in the error; empty: the login works
	}{
		{"harmless", Behaviour{}, ""},
		{"silent", Behaviour{Silent: true}, "timeout"},
		{"another protocol", Behaviour{Greeting: "HTTP/1.1 400 Bad Request\r\n\r\n"}, "handshake failed"},
		{"lines ahead", Behaviour{Lines: 20}, ""},
		{"hang up after hello", Behaviour{HangUp: AfterHello}, "handshake failed"},
		{"hang up after kex", Behaviour{HangUp: AfterKex}, "handshake failed"},
		{"banner flood", Behaviour{Banner: strings.Repeat("\x1b]0;x\x07", 1000), Banners: 100}, ""},
		{"nobody gets in", Behaviour{RefuseAuth: true}, "unable to authenticate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			Goroutines(t)
			_, err := login(t, Hostile(t, c.b))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestHostileEnds(t *testing.T) {
	var missing *ssh.ExitMissingError
	var exit *ssh.ExitError
	for _, c := range []struct {
		name string
		b    Behaviour
		ok   func(out string, err error) bool
	}{
		{"status", Behaviour{Stdout: "a", Code: 7}, func(out string, err error) bool {
			return out == "a" && errors.As(err, &exit) && exit.ExitStatus() == 7
		}},
		{"no status", Behaviour{End: ExitMissing}, func(_ string, err error) bool { return errors.As(err, &missing) }},
		{"short status", Behaviour{End: ExitTruncated}, func(_ string, err error) bool { return err != nil }},
		{"signal", Behaviour{End: ExitSignal, Signal: "KILL"}, func(_ string, err error) bool {
			return errors.As(err, &exit) && exit.Signal() == "KILL"
		}},
		{"hang up after output", Behaviour{Stdout: "half", HangUp: AfterOutput}, func(out string, err error) bool {
			return errors.As(err, &missing)
		}},
		{"exec refused", Behaviour{RefuseExec: true}, func(_ string, err error) bool { return err != nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			Goroutines(t)
			h := Hostile(t, c.b)
			client, err := login(t, h)
			if err != nil {
				t.Fatal(err)
			}
			session, err := client.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			if out, err := session.Output("x; y"); !c.ok(string(out), err) {
				t.Errorf("got %q, %v", out, err)
			}
			if !c.b.RefuseExec && (len(h.Commands()) != 1 || h.Commands()[0] != "x; y") {
				t.Errorf("commands %q", h.Commands())
			}
		})
	}
}

// open opens a session and gives up when the connection ends: x/crypto's
// NewSession waits for ever when the end comes just before it (v0.58.0, the
// channel is added to a list that was already emptied).
func open(client *ssh.Client) error {
	result, ended := make(chan error, 1), make(chan error, 1)
	go func() { _, err := client.NewSession(); result <- err }()
	go func() { ended <- client.Wait() }()
	select {
	case err := <-result:
		client.Close()
		return err
	case err := <-ended:
		return err
	}
}

func TestHostileSessions(t *testing.T) {
	for _, b := range []Behaviour{{RefuseSession: true}, {HangUp: AfterAuth}} {
		client, err := login(t, Hostile(t, b))
		if err != nil {
			continue // hung up before the client was done
		}
		if err := open(client); err == nil {
			t.Errorf("%+v: a session opened", b)
		}
	}
}

func TestEndlessOutputEndsWithTheClient(t *testing.T) {
	Goroutines(t)
	client, err := login(t, Hostile(t, Behaviour{Stdout: strings.Repeat("y\n", 1<<14), Endless: true}))
	if err != nil {
		t.Fatal(err)
	}
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	out, err := session.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Start("yes"); err != nil {
		t.Fatal(err)
	}
	if n, err := io.CopyN(io.Discard, out, 10<<20); err != nil {
		t.Errorf("%d bytes, then %v", n, err)
	}
	client.Close()
}

func TestMuteServerAnswersNoKeepalive(t *testing.T) {
	client, err := login(t, Hostile(t, Behaviour{Mute: true}))
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() {
		_, _, err := client.SendRequest("keepalive@openssh.com", true, nil)
		answered <- err
	}()
	client.Close()
	if err := <-answered; err == nil {
		t.Error("a mute server answered")
	}
}

func TestSystemClientKnowsAHostileServer(t *testing.T) {
	program := Require(t, "ssh")
	h := Hostile(t, Behaviour{Stdout: "out", Stderr: "err", Code: 3})
	known := filepath.Join(t.TempDir(), "known_hosts")
	writeFile(t, known, h.KnownHosts, 0o600)
	host, port, _ := net.SplitHostPort(h.Addr)
	out, err := exec.Command(program, "-F", "none", "-o", "UserKnownHostsFile="+known, "-o", "StrictHostKeyChecking=yes",
		"-o", "BatchMode=yes", "-p", port, host, "anything").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 || !strings.Contains(string(out), "out") || !strings.Contains(string(out), "err") {
		t.Errorf("got %q, %v", out, err)
	}
}

func sftpOf(t *testing.T, b SFTPBehaviour) (*sftp.Client, error) {
	t.Helper()
	client, err := login(t, Hostile(t, Behaviour{SFTP: &b}))
	if err != nil {
		t.Fatal(err)
	}
	files, err := sftp.NewClient(client)
	if err == nil {
		t.Cleanup(func() { files.Close() })
	}
	return files, err
}

func TestHostileSFTPReadsAndLists(t *testing.T) {
	files, err := sftpOf(t, SFTPBehaviour{Size: 10, Names: []string{"../../etc/passwd", "\x1b[2J", "plain"}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := files.Open("any")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(f); string(data) != "xxxxxxxxxx" || err != nil {
		t.Errorf("got %q, %v", data, err)
	}
	if entries, err := files.ReadDir("any"); len(entries) != 3 || err != nil {
		t.Errorf("got %d entries, %v", len(entries), err)
	}
}

func TestHostileSFTPFails(t *testing.T) {
	files, err := sftpOf(t, SFTPBehaviour{Fail: []byte{SFTPWrite}, FailText: "No space left on device"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := files.OpenFile("any", os.O_WRONLY|os.O_CREATE)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("data")); err == nil || !strings.Contains(err.Error(), "No space left") {
		t.Errorf("got %v", err)
	}
}

func TestHostileSFTPHangsUp(t *testing.T) {
	if _, err := sftpOf(t, SFTPBehaviour{HangUpAt: 1}); err == nil {
		t.Error("a client came up without an answer")
	}
	files, err := sftpOf(t, SFTPBehaviour{HangUpAt: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := files.Stat("any"); err == nil {
		t.Error("an answer came over a closed channel")
	}
}

func TestHostileSFTPLies(t *testing.T) {
	for name, b := range map[string]SFTPBehaviour{
		"ok for a handle":   {OKFor: []byte{SFTPOpen}},
		"number of another": {WrongID: true},
		"impossible length": {HugeLength: true},
	} {
		t.Run(name, func(t *testing.T) {
			Goroutines(t)
			files, err := sftpOf(t, b)
			if err != nil {
				return // the very first answer was a lie
			}
			if f, err := files.Open("any"); f != nil {
				t.Errorf("a file opened: %v", err)
			}
		})
	}
}
