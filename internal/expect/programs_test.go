package expect_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gofab/internal/expect"
	"gofab/internal/ptyproc"
	"gofab/internal/telnet"
	"gofab/internal/testenv"
)

// secretly sends a line as a password is sent.
func secretly(t *testing.T, p *expect.Process, text string) {
	t.Helper()
	if err := p.SendSecret(t.Context(), text+"\n", 0); err != nil {
		t.Fatal(err)
	}
}

// ends waits for the end of the program and checks its code.
func ends(t *testing.T, p *expect.Process, code int) {
	t.Helper()
	if exit, err := p.Wait(t.Context()); err != nil || exit.Code != code || exit.Signal != "" {
		t.Errorf("%+v %v", exit, err)
	}
}

func session(t *testing.T, name string) *expect.Session {
	t.Helper()
	spec, ok := expect.KnownREPL(name)
	if !ok {
		t.Fatal("not known:", name)
	}
	env := os.Environ()
	for key, value := range spec.Command.Env {
		env = append(env, key+"="+value)
	}
	p := spawn(t, ptyproc.Options{Env: append(env, "TERM=dumb"), Rows: 50, Cols: 240}, spec.Command.Args...)
	s, err := expect.NewSession(t.Context(), p, spec)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestShells: output and code of each command, also of several lines, of a
// command that prints the prompt's own variable, and after one that is not
// finished or takes too long.
func TestShells(t *testing.T) {
	for _, name := range []string{"sh", "bash", "zsh"} {
		t.Run(name, func(t *testing.T) {
			testenv.Require(t, name)
			testenv.Goroutines(t)
			s := session(t, name)
			for _, c := range []struct {
				input, output string
				code          int
			}{
				{"echo hello", "hello\n", 0},
				{"false", "", 1},
				{"x=$((6 * 7))\nfor i in 1 2; do\n  echo $i $x\ndone", "1 42\n2 42\n", 0},
				{"printf 'no end of line'", "no end of line", 0},
				{"env | grep -c '^PS1'", "1\n", 0},
				{"false\n", "", 1},
				{"echo begin\r\necho done\rfalse\r\n", "begin\ndone\n", 1},
				{"echo begin\\\n;echo done", "begin\ndone\n", 0},
				{"echo " + strings.Repeat("long ", 300), strings.TrimSuffix(strings.Repeat("long ", 300), " ") + "\n", 0},
			} {
				if r, err := s.Run(t.Context(), c.input, 0); err != nil || r.Output != c.output || *r.Code != c.code {
					t.Errorf("%s: %q %v, %v", c.input, r.Output, r.Code, err)
				}
			}
			for _, all := range []string{"env", "set"} { // both show the prompts' own variables
				if r, err := s.Run(t.Context(), all, 0); err != nil || *r.Code != 0 || !strings.Contains(r.Output, "\nPS2=") {
					t.Errorf("%s: %q %v", all, r.Output, err)
				}
			}
			if _, err := s.Run(t.Context(), "echo 'open", 0); err == nil || !strings.Contains(err.Error(), "not finished") {
				t.Error(err)
			}
			if _, err := s.Run(t.Context(), "sleep 1000", 200*time.Millisecond); err == nil {
				t.Error("no timeout")
			}
			if r, err := s.Run(t.Context(), "echo again", 0); err != nil || r.Output != "again\n" {
				t.Errorf("%q %v", r.Output, err)
			}
		})
	}
}

func TestPython(t *testing.T) {
	s := session(t, "python3")
	for input, output := range map[string]string{
		"6 * 7": "42\n", "print('a')\nprint('b')": "a\nb\n", "def f(x):\n    return x + 1\n\nf(1)": "2\n",
		"for a in range(3): print(a)\n": "0\n1\n2\n", "4 + 7\n": "11\n",
	} {
		if r, err := s.Run(t.Context(), input, 0); err != nil || r.Output != output || r.Code != nil {
			t.Errorf("%s: %q %v", input, r.Output, err)
		}
	}
	if _, err := s.Run(t.Context(), "x = (1,", 0); err == nil || !strings.Contains(err.Error(), "not finished") {
		t.Error(err)
	}
	if r, err := s.Run(t.Context(), "1/0", 0); err != nil || !strings.Contains(r.Output, "ZeroDivisionError") {
		t.Errorf("%q %v", r.Output, err)
	}
}

func TestBcAndGdb(t *testing.T) {
	p := spawn(t, ptyproc.Options{}, testenv.Require(t, "bc"), "-q")
	send(t, p, "2^64\n")
	wait(t, p, re(`\b18446744073709551616\r\n`))
	send(t, p, "quit\n")
	wait(t, p, expect.EOF)
	ends(t, p, 0)

	g := spawn(t, ptyproc.Options{Env: append(os.Environ(), "TERM=dumb")}, testenv.Require(t, "gdb"), "-q", "-nx")
	prompt := re(`\(gdb\) $`)
	wait(t, g, prompt)
	send(t, g, "print 6 * 7\n")
	if m := wait(t, g, prompt); !strings.Contains(m.Before, "$1 = 42") {
		t.Errorf("%q", m.Before)
	}
	send(t, g, "quit\n")
	ends(t, g, 0)
}

func TestPagerAndEditor(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(strings.Repeat("line\n", 200)+"last\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	less := spawn(t, ptyproc.Options{Env: append(os.Environ(), "TERM=dumb", "LESS="), Rows: 24, Cols: 80}, testenv.Require(t, "less"), file)
	wait(t, less, re("Press RETURN to continue"), re("file"))
	send(t, less, "\nG")
	wait(t, less, re("last\r\n"))
	send(t, less, "q")
	ends(t, less, 0)

	vi := spawn(t, ptyproc.Options{Env: append(os.Environ(), "TERM=xterm"), Rows: 24, Cols: 80}, testenv.Require(t, "vi"), file)
	wait(t, vi, re("line"))
	send(t, vi, ":%d\rihello\x1b:wq\r")
	ends(t, vi, 0)
	if text, err := os.ReadFile(file); err != nil || string(text) != "hello\n" {
		t.Errorf("%q %v", text, err)
	}
}

// TestPasswordPrompts: passwd and su ask twice and once, print their question
// before they switch the echo off, and nothing of the password comes back.
func TestPasswordPrompts(t *testing.T) {
	user := testenv.SudoUser(t, "first-Secret1", false)
	passwd := spawn(t, ptyproc.Options{Echo: true}, testenv.Require(t, "passwd"), user.Name)
	var shown strings.Builder
	passwd.Tap(func(d expect.Direction, text []byte) {
		if d == expect.Output {
			shown.Write(text)
		}
	})
	for range 2 {
		wait(t, passwd, re(`(?i)new password: $`))
		secretly(t, passwd, "second-Secret2")
	}
	wait(t, passwd, re("updated successfully"))
	ends(t, passwd, 0)

	sudo := spawn(t, ptyproc.Options{Echo: true}, testenv.Require(t, "su"), user.Name)
	wait(t, sudo, re(`\$ $`))
	send(t, sudo, "exec sudo -k id -u\n")
	wait(t, sudo, re(`(?i)password for .*: $`))
	secretly(t, sudo, "wrong")
	wait(t, sudo, re(`(?i)sorry[^:]*(?s:.*)password for .*: $`))
	secretly(t, sudo, "second-Secret2")
	wait(t, sudo, re(`\b0\r\n`))
	ends(t, sudo, 0)
	if strings.Contains(shown.String(), "Secret") {
		t.Errorf("the password was shown: %q", shown.String())
	}
}

func TestSftp(t *testing.T) {
	sshd := testenv.StartSSHD(t)
	p := spawn(t, ptyproc.Options{}, testenv.Require(t, "sftp"), "-F", sshd.ConfigFile, sshd.Name)
	wait(t, p, re(`sftp> $`))
	send(t, p, "pwd\n")
	if m := wait(t, p, re(`Remote working directory: (\S+)\r\n`)); !strings.HasPrefix(m.Groups[1], "/") {
		t.Errorf("%+v", m)
	}
	wait(t, p, re(`sftp> $`))
	send(t, p, "bye\n")
	ends(t, p, 0)
}

// TestTelnetd: a real server with a real terminal, told the type and the size.
func TestTelnetd(t *testing.T) {
	program := testenv.Require(t, "telnetd")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ended := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			ended <- err
			return
		}
		file, _ := conn.(*net.TCPConn).File()
		_ = conn.Close()
		cmd := exec.Command(program, "--exec-login=/bin/sh")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = file, file, file
		err = cmd.Start()
		_ = file.Close()
		if err == nil {
			_ = cmd.Wait()
		}
		ended <- err
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p := hold(t, telnet.New(conn, "dumb", 33, 99), "telnet")
	wait(t, p, re(`[#$] $`))
	send(t, p, "stty size; echo $TERM\n")
	wait(t, p, re(`33 99\r\n(?i)dumb\r\n`))
	send(t, p, "exit\n")
	wait(t, p, expect.EOF)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
