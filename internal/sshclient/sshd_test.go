package sshclient

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// sshdOptions log in to a real OpenSSH server.
func sshdOptions(t testing.TB, s *testenv.SSHD) *options {
	o := optionsFor(t, s.Addr, nil)
	o.name, o.user = s.Name, s.User
	o.userKnownHosts, o.identityFiles = []string{s.KnownHosts}, []string{s.ClientKey}
	return o
}

func TestOpenSSH(t *testing.T) {
	testenv.Goroutines(t)
	s := testenv.StartSSHD(t)
	c := connectTo(t, sshdOptions(t, s))
	for _, test := range []struct {
		line, stdout, stderr string
		exit                 command.Exit
	}{
		{"echo out; echo err >&2", "out\n", "err\n", command.Exit{}},
		{"exit 3", "", "", command.Exit{Code: 3}},
		{"kill -TERM $$", "", "", command.Exit{Code: 143, Signal: "TERM"}},
		{"cat", "", "", command.Exit{}},
		{"sleep 1000 & echo $!", "PID", "", command.Exit{}}, // holds the pipes
	} {
		stdout, stderr, exit, err := run(t, c, test.line)
		if test.stdout == "PID" {
			run(t, c, "kill "+stdout)
			test.stdout = stdout
		}
		if err != nil || stdout != test.stdout || stderr != test.stderr || exit != test.exit {
			t.Errorf("%s: got %q %q %+v %v", test.line, stdout, stderr, exit, err)
		}
	}
	if i := c.Info(); !strings.HasPrefix(i.ServerVersion, "SSH-2.0-OpenSSH_") || i.Cipher != "aes128-gcm@openssh.com" {
		t.Errorf("Info is %+v", i)
	}
}

func TestOpenSSHMovesData(t *testing.T) {
	testenv.Goroutines(t)
	c := connectTo(t, sshdOptions(t, testenv.StartSSHD(t)))
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<19)
	var out bytes.Buffer
	exit, err := c.Exec(testContext(t), command.Exec{Line: "cat", Stdin: bytes.NewReader(data), Stdout: &out})
	if err != nil || exit.Code != 0 || !bytes.Equal(out.Bytes(), data) {
		t.Errorf("%+v %v, %d of %d bytes", exit, err, out.Len(), len(data))
	}
	// Output right before the end, while nobody reads at once.
	for range 3 {
		out.Reset()
		slow := writerFunc(func(p []byte) (int, error) { return out.Write(p) })
		_, err := c.Exec(testContext(t), command.Exec{Line: "head -c 3000000 /dev/zero", Stdout: slow})
		if err != nil || out.Len() != 3000000 {
			t.Fatalf("%d bytes, %v", out.Len(), err)
		}
	}
}

func TestOpenSSHTerminal(t *testing.T) {
	testenv.Goroutines(t)
	c := connectTo(t, sshdOptions(t, testenv.StartSSHD(t)))
	out := make(lineWriter, 100)
	p, err := c.Start(testContext(t), command.Exec{
		Line: "trap 'stty size; exit 7' WINCH; echo ready; while :; do sleep 0.05; done", Stdout: out,
		PTY: &command.PTY{Term: "vt100", Rows: 30, Cols: 99},
	})
	check(t, err)
	<-out
	check(t, p.Resize(31, 101))
	if got := <-out; got != "31 101\r\n" {
		t.Errorf("got %q", got)
	}
	if exit, err := p.Wait(); err != nil || exit.Code != 7 {
		t.Errorf("got %+v %v", exit, err)
	}
}

// A user's command gets the signals; an OpenSSH server gives root none, there
// the end of input has to do.
func TestOpenSSHCancel(t *testing.T) {
	testenv.Goroutines(t)
	user := testenv.TempUser(t, "x")
	asUser := sshdOptions(t, testenv.StartSSHD(t, testenv.As(user.Name)))
	asRoot := sshdOptions(t, testenv.StartSSHD(t))
	for line, o := range map[string]*options{
		"echo $$; exec sleep 1000":                              asUser,
		"trap '' TERM; echo $$; while :; do sleep 0.1; done":    asUser,
		"echo $$; (read x; kill -TERM 0) <&0 & exec sleep 1000": asRoot,
		"echo $$; cat; while echo line; do sleep 0.1; done":     asRoot,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			c := connectTo(t, o)
			ctx, cancel := context.WithCancel(context.Background())
			out := make(lineWriter, 1000)
			input, w := io.Pipe()
			defer w.Close()
			p, err := c.Start(ctx, command.Exec{Line: line, Stdin: input, Stdout: out})
			check(t, err)
			pid := waitPID(t, out)
			cancel()
			if _, err := p.Wait(); fault.KindOf(err) != fault.Cancelled {
				t.Errorf("got %v", err)
			}
			waitDead(t, pid)
		})
	}
}

func TestOpenSSHKeyAndPassword(t *testing.T) {
	testenv.Goroutines(t)
	user := testenv.TempUser(t, "open sesame")
	s := testenv.StartSSHD(t, testenv.As(user.Name), testenv.Lines("PasswordAuthentication yes", "AuthenticationMethods publickey,password"))
	d := newDialer(Deps{Password: func(string) (string, bool) { return user.Password, true }})
	c, err := d.dial(testContext(t), sshdOptions(t, s))
	check(t, err)
	if out, _, _, err := run(t, c, "id -un"); out != user.Name+"\n" || err != nil || c.Info().Auth != "password" {
		t.Errorf("%q %v %+v", out, err, c.Info())
	}
	c.Close()
	d = newDialer(Deps{Password: func(string) (string, bool) { return "wrong", true }})
	_, err = d.dial(testContext(t), sshdOptions(t, s))
	if fault.KindOf(err) != fault.Auth || !strings.Contains(err.Error(), ", password)") {
		t.Errorf("got %v", err)
	}
}

// 200 names for one sshd with its default MaxStartups (10:30:100).
func TestOpenSSHMaxStartups(t *testing.T) {
	testenv.Goroutines(t)
	s := testenv.StartSSHD(t, testenv.LogLevel("INFO"))
	d := NewDialer(Deps{})
	o := sshdOptions(t, s)
	logins := 200
	if testing.Short() {
		logins = 40
	}
	var all sync.WaitGroup
	for range logins {
		all.Go(func() {
			c, err := d.dial(testContext(t), o)
			if err != nil {
				t.Error(err)
				return
			}
			c.Close()
		})
	}
	all.Wait()
	dropped := 0
	for _, m := range regexp.MustCompile(`(\d+) connections dropped`).FindAllStringSubmatch(s.Log(), -1) {
		n, _ := strconv.Atoi(m[1])
		dropped += n
	}
	t.Logf("%d of %d logins were dropped and tried again", dropped, logins)
}

func TestOpenSSHMaxSessions(t *testing.T) {
	testenv.Goroutines(t)
	c := connectTo(t, sshdOptions(t, testenv.StartSSHD(t, testenv.Lines("MaxSessions 2"))))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if out, _, _, err := run(t, c, "echo hi"); out != "hi\n" || err != nil {
				t.Errorf("%q %v", out, err)
			}
		})
	}
	all.Wait()
	files, err := c.SFTP(testContext(t))
	check(t, err)
	if out, _, _, err := run(t, c, "echo hi"); out != "hi\n" || err != nil {
		t.Errorf("beside SFTP: %q %v", out, err)
	}
	check(t, files.Close())
}

// TestOpenSSHDialoguesWithoutEnd: dialogues that stay do not hold up a script
// for ever. The server says how many there may be, more than ten as well; with
// one closed there is room again.
func TestOpenSSHDialoguesWithoutEnd(t *testing.T) {
	testenv.Goroutines(t)
	for _, most := range []int{3, 14} {
		c := connectTo(t, sshdOptions(t, testenv.StartSSHD(t, testenv.Lines(fmt.Sprint("MaxSessions ", most)))))
		ctx, cancel := context.WithCancel(testContext(t))
		var inputs []io.Closer
		for range most {
			in, input := io.Pipe()
			_, err := c.Start(ctx, command.Exec{Line: "cat", Stdin: in})
			check(t, err)
			inputs = append(inputs, input)
		}
		if most < maxSessions {
			c.slots.patience = time.Second
			_, err := c.Exec(ctx, command.Exec{Line: "true"})
			if fault.KindOf(err) != fault.Denied || !strings.Contains(fault.From(err).Hint, "dialogues are open") {
				t.Errorf("one more than %d: %v (%s)", most, err, fault.From(err).Hint)
			}
		}
		c.slots.patience = time.Minute
		go func() { _ = inputs[0].Close() }()
		if exit, err := c.Exec(ctx, command.Exec{Line: "exit 3"}); err != nil || exit.Code != 3 {
			t.Errorf("%d: %+v %v", most, exit, err)
		}
		for _, input := range inputs {
			_ = input.Close()
		}
		cancel()
		c.Close()
	}
}

// A host with three keys of which one is known shows that one.
func TestOpenSSHKnownHostKey(t *testing.T) {
	testenv.Goroutines(t)
	s := testenv.StartSSHD(t, testenv.HostKeys("ed25519", "rsa", "ecdsa"))
	for _, key := range s.HostKeys {
		o := sshdOptions(t, s)
		o.userKnownHosts = optionsFor(t, s.Addr, key).userKnownHosts
		c := connectTo(t, o)
		if i := c.Info(); i.KeyType+" "+i.Fingerprint != fingerprint(key) {
			t.Errorf("got %s %s, want %s", i.KeyType, i.Fingerprint, fingerprint(key))
		}
		if took := c.Info().Took; took.Connect <= 0 || took.HostKey <= 0 || took.Login <= 0 {
			t.Errorf("the steps took %+v", took)
		}
		c.Close()
	}
}

func TestOpenSSHForwards(t *testing.T) {
	testenv.Goroutines(t)
	s := testenv.StartSSHD(t)
	c := connectTo(t, sshdOptions(t, s))
	conn, err := c.DialTCP(testContext(t), s.Addr)
	check(t, err)
	banner := make([]byte, 8)
	if _, err := io.ReadFull(conn, banner); err != nil || string(banner) != "SSH-2.0-" {
		t.Errorf("got %q %v", banner, err)
	}
	conn.Close()
	listener, err := c.Listen(testContext(t), "127.0.0.1:0")
	check(t, err)
	check(t, listener.Close())
}
