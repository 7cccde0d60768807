package testenv

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// echoServer sends back what it gets.
func echoServer(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
	return listener.Addr().String()
}

func dial(t *testing.T, addr string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	return conn.(*net.TCPConn)
}

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, conn net.Conn, n int) string {
	t.Helper()
	buffer := make([]byte, n)
	if _, err := io.ReadFull(conn, buffer); err != nil {
		t.Fatal(err)
	}
	return string(buffer)
}

func TestProxyPassesAndCounts(t *testing.T) {
	Goroutines(t)
	p := Proxy(t, echoServer(t))
	conn := dial(t, p.Addr)
	payload := bytes.Repeat([]byte("0123456789"), 100_000)
	go func() {
		_, _ = conn.Write(payload)
		_ = conn.CloseWrite()
	}()
	got, err := io.ReadAll(conn)
	if err != nil || !bytes.Equal(got, payload) {
		t.Fatalf("got %d bytes, %v", len(got), err)
	}
	if p.Bytes(Up) != int64(len(payload)) || p.Bytes(Down) != int64(len(payload)) {
		t.Errorf("counted %d up, %d down", p.Bytes(Up), p.Bytes(Down))
	}
}

func TestProxyDelays(t *testing.T) {
	p := Proxy(t, echoServer(t))
	p.Delay(30 * time.Millisecond)
	conn := dial(t, p.Addr)
	start := time.Now()
	send(t, conn, "x")
	receive(t, conn, 1)
	if took := time.Since(start); took < 60*time.Millisecond {
		t.Errorf("a round trip took %v, less than twice the delay", took)
	}
}

func TestProxyHoldsBackAndLetsGo(t *testing.T) {
	p := Proxy(t, echoServer(t))
	conn := dial(t, p.Addr)
	send(t, conn, "a")
	receive(t, conn, 1)
	p.BlackHole()
	send(t, conn, "b")
	_ = conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := conn.Read(make([]byte, 1)); n != 0 || !errors.Is(err, syscall.ETIMEDOUT) && !isTimeout(err) {
		t.Fatalf("a black hole let %d bytes through, %v", n, err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	p.Pass()
	if got := receive(t, conn, 1); got != "b" {
		t.Errorf("got %q", got)
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func TestProxyResets(t *testing.T) {
	p := Proxy(t, echoServer(t))
	conn := dial(t, p.Addr)
	send(t, conn, "a")
	receive(t, conn, 1)
	p.Reset()
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("an open connection: %v", err)
	}
	late, err := net.Dial("tcp", p.Addr) // the reset may come before Dial has returned
	if err == nil {
		defer late.Close()
		_, err = late.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a new connection: %v", err)
	}
	p.Pass()
	conn = dial(t, p.Addr)
	send(t, conn, "a")
	receive(t, conn, 1)
}

func TestProxyClosesAtAnOffset(t *testing.T) {
	p := Proxy(t, echoServer(t))
	p.CloseAfter(Down, 5)
	conn := dial(t, p.Addr)
	send(t, conn, "hello world")
	got, _ := io.ReadAll(conn)
	if string(got) != "hello" {
		t.Errorf("got %q", got)
	}
}

func TestProxyResetsAtAnOffset(t *testing.T) {
	p := Proxy(t, echoServer(t))
	p.ResetAfter(Up, 5)
	conn := dial(t, p.Addr)
	send(t, conn, "hello world")
	got, err := io.ReadAll(conn)
	if !errors.Is(err, syscall.ECONNRESET) || !strings.HasPrefix("hello", string(got)) {
		t.Errorf("got %q, %v", got, err)
	}
}

// What is held is one direction; the other one works.
func TestProxyHoldsAtAnOffset(t *testing.T) {
	p := Proxy(t, echoServer(t))
	p.HoldAfter(Down, 5)
	conn := dial(t, p.Addr)
	send(t, conn, "hello world")
	if got := receive(t, conn, 5); got != "hello" {
		t.Errorf("got %q", got)
	}
	for p.Bytes(Up) < int64(len("hello world, hello")) {
		send(t, conn, ", hello")
	}
	if got := p.Bytes(Down); got != 5 {
		t.Errorf("%d bytes came back", got)
	}
}

func TestProxyFlipsOneBit(t *testing.T) {
	p := Proxy(t, echoServer(t))
	p.FlipBit(Down, 6)
	conn := dial(t, p.Addr)
	for _, c := range "abcdefgh" { // one packet at a time: the offset counts through
		send(t, conn, string(c))
		want := string(c)
		if c == 'g' {
			want = "f"
		}
		if got := receive(t, conn, 1); got != want {
			t.Errorf("%q came back as %q", c, got)
		}
	}
}
