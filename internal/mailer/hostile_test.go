package mailer

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"gofab/internal/fault"
)

// dialogue is a server that answers by a list and then does as it likes.
func dialogue(t *testing.T, answers []string, then func(net.Conn)) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		wg.Go(func() { <-t.Context().Done(); conn.Close() })
		reader := bufio.NewReader(conn)
		for i, answer := range answers {
			if i > 0 && !awaitLine(reader, answers[i-1]) {
				return
			}
			_, _ = io.WriteString(conn, answer)
		}
		if len(answers) > 0 && !awaitLine(reader, answers[len(answers)-1]) {
			return
		}
		then(conn)
	})
	t.Cleanup(func() { listener.Close(); wg.Wait() })
	return listener.Addr().(*net.TCPAddr).Port
}

// awaitLine reads a command, or a whole message after 354.
func awaitLine(r *bufio.Reader, before string) bool {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return false
		}
		if !strings.HasPrefix(before, "354") || line == ".\r\n" {
			return true
		}
	}
}

// At each step the server drops the connection, says nothing more, talks
// without end, or talks nonsense. Each ends in a clear error in time.
func TestServersThatBreakOff(t *testing.T) {
	polite := []string{
		"220 here\r\n", "250-here\r\n250 AUTH PLAIN\r\n", "235 in\r\n", "250 sender\r\n", "250 to\r\n", "354 go on\r\n", "250 taken\r\n",
	}
	ways := map[string]func(net.Conn){
		"drops":    func(net.Conn) {},
		"silent":   func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) },
		"endless":  func(conn net.Conn) { flood(conn, "250-more\r\n") },
		"one line": func(conn net.Conn) { flood(conn, "2") },
		"nonsense": func(conn net.Conn) { _, _ = io.WriteString(conn, "\x00\xff\r\n"); _, _ = io.Copy(io.Discard, conn) },
	}
	for steps := range polite {
		for name, way := range ways {
			t.Run(fmt.Sprintf("%s after %d", name, steps), func(t *testing.T) {
				port := dialogue(t, polite[:steps], way)
				s := Server{Host: "127.0.0.1", Port: port, Security: None, User: "ann", Password: "hunter2", Auth: "plain", Timeout: 150 * time.Millisecond}
				_, err := send(t, s, simple(t, "a@example.com"))
				kind := fault.KindOf(err)
				if err == nil || kind == fault.Cancelled || strings.Contains(err.Error(), "hunter2") {
					t.Fatalf("got %v (%s)", err, kind)
				}
				if lost := steps == len(polite)-1; (kind == fault.Lost) != lost && name != "nonsense" {
					t.Errorf("got %v (%s)", err, kind)
				}
			})
		}
	}
}

func flood(conn net.Conn, text string) {
	block := strings.Repeat(text, 1000)
	for {
		if _, err := io.WriteString(conn, block); err != nil {
			return
		}
	}
}

// The end of the context ends a session at once, wherever it is.
func TestCancelled(t *testing.T) {
	reached := make(chan struct{})
	port := dialogue(t, []string{"220 here\r\n", "250 here\r\n"}, func(conn net.Conn) { close(reached); _, _ = io.Copy(io.Discard, conn) })
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-reached; cancel() }()
	x, err := Server{Host: "127.0.0.1", Port: port, Security: None, Timeout: time.Minute}.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = x.Send(ctx, simple(t, "a@example.com"), "", nil); fault.KindOf(err) != fault.Cancelled {
		t.Errorf("got %v", err)
	}
}

// A server that sends commands of its own behind the answer to STARTTLS does
// not get them taken for encrypted ones.
func TestNothingIsSmuggledIntoTLS(t *testing.T) {
	port := dialogue(t, []string{"220 here\r\n", "250-here\r\n250 STARTTLS\r\n"}, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "220 go\r\n250 AUTH PLAIN\r\n")
		_, _ = io.Copy(io.Discard, conn)
	})
	_, err := Server{Host: "127.0.0.1", Port: port, Security: STARTTLS, Insecure: true, Timeout: time.Second}.Open(context.Background())
	if err == nil || !strings.Contains(err.Error(), "(tls)") {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("Subject: =?utf-8?B?w6Q=?=\r\nFrom: a <b@c>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n--x\r\nContent-Type: text/html; charset=latin1\r\n\r\n<p>\xe4\r\n--x--\r\n")
	f.Add("Content-Type: multipart/mixed; boundary=\"\"\nContent-Transfer-Encoding: base64\n\n!!!")
	f.Add("Content-Disposition: attachment; filename*=utf-8''..%2Fx\nA: b\n\nz")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse([]byte(text))
		if err != nil {
			return
		}
		for _, file := range p.Files {
			if strings.ContainsAny(file.Name, "/\\\x00\n") || file.Name == ".." {
				t.Errorf("a file is called %q", file.Name)
			}
		}
	})
}
