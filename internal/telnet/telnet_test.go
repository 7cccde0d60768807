package telnet

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"
)

// peer is the server's side of a connection, and what the client said to it.
func peer(t *testing.T) (*Conn, net.Conn) {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() })
	return New(ours, "vt100", 24, 0x1ff), theirs
}

// TestNegotiation: what the client answers to each wish, once.
func TestNegotiation(t *testing.T) {
	for _, c := range []struct {
		name         string
		server, want []byte
	}{
		{"echo and go-ahead", []byte{iac, will, optEcho, iac, will, optSGA}, []byte{iac, do, optEcho, iac, do, optSGA}},
		{"twice the same", []byte{iac, will, optEcho, iac, will, optEcho}, []byte{iac, do, optEcho}},
		{"and back", []byte{iac, will, optEcho, iac, wont, optEcho, iac, wont, optEcho}, []byte{iac, do, optEcho, iac, dont, optEcho}},
		{"unknown", []byte{iac, will, 99, iac, do, 98, iac, dont, 98}, []byte{iac, dont, 99, iac, wont, 98}},
		{"type", []byte{iac, do, optType, iac, sb, optType, 1, iac, se}, append(append([]byte{iac, will, optType, iac, sb, optType, 0}, "vt100"...), iac, se)},
		{"size, with 255 doubled", []byte{iac, do, optSize}, []byte{iac, will, optSize, iac, sb, optSize, 1, iac, iac, 0, 24, iac, se}},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, server := peer(t)
			go func() {
				_, _ = server.Write(append(append([]byte("a"), c.server...), "z"...))
			}()
			shown := make(chan string, 1)
			go func() {
				b := make([]byte, 10)
				text := ""
				for len(text) < 2 {
					n, err := client.Read(b)
					if err != nil {
						break
					}
					text += string(b[:n])
				}
				shown <- text
			}()
			got := make([]byte, len(c.want))
			_ = server.SetReadDeadline(time.Now().Add(20 * time.Second))
			if _, err := io.ReadFull(server, got); err != nil || !bytes.Equal(got, c.want) {
				t.Errorf("got %v %v, want %v", got, err, c.want)
			}
			if text := <-shown; text != "az" {
				t.Errorf("shown: %q", text)
			}
		})
	}
}

func TestData(t *testing.T) {
	client, server := peer(t)
	go func() {
		_, _ = server.Write([]byte{'a', iac, iac, '\r', 0, 'b', '\r', '\n', iac, 241, 'c'})
		_ = server.Close()
	}()
	text, _ := io.ReadAll(client)
	if string(text) != "a\xff\rb\r\nc" {
		t.Errorf("%q", text)
	}
	client, server = peer(t)
	go func() {
		n, err := client.Write([]byte("x\n\xff"))
		if n != 3 || err != nil {
			t.Error(n, err)
		}
		_ = client.Close()
	}()
	if sent, _ := io.ReadAll(server); string(sent) != "x\r\n\xff\xff" {
		t.Errorf("%q", sent)
	}
}

// FuzzServer: whatever a server sends, nothing panics, the answers are bounded,
// and the result does not depend on the pieces.
func FuzzServer(f *testing.F) {
	f.Add([]byte{iac, will, optEcho, 'a', iac, iac, iac, sb, optType, 1, iac, se}, uint8(1))
	f.Fuzz(func(t *testing.T, stream []byte, size uint8) {
		read := func(size int) string {
			ours, theirs := net.Pipe()
			go func() {
				for rest := stream; len(rest) > 0; {
					n := min(size, len(rest))
					if _, err := theirs.Write(rest[:n]); err != nil {
						return
					}
					rest = rest[n:]
				}
				_ = theirs.Close()
			}()
			go func() { _, _ = io.Copy(io.Discard, theirs) }()
			text, _ := io.ReadAll(New(ours, "dumb", 1, 1))
			_ = ours.Close()
			return string(text)
		}
		if a, b := read(len(stream)+1), read(1+int(size)); a != b {
			t.Fatalf("%q and %q", a, b)
		}
	})
}
