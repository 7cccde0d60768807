package portforward

import (
	"context"
	"io"
	"net"
	"testing"
	"time"
)

// Whatever a SOCKS client says, it gets an address that can be dialled, or
// none; and nothing is read beyond the greeting.
func FuzzSocks(f *testing.F) {
	f.Add([]byte("\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50rest"))
	f.Add([]byte("\x05\x02\x00\x02\x05\x01\x00\x03\x09localhost\x00\x50"))
	f.Add([]byte("\x05\x01\x00\x05\x01\x00\x04" + "0123456789abcdef" + "\x00\x50"))
	f.Add([]byte("\x04\x01\x00\x50\x7f\x00\x00\x01me\x00"))
	f.Add([]byte("\x04\x01\x00\x50\x00\x00\x00\x01me\x00localhost\x00"))
	f.Fuzz(func(t *testing.T, said []byte) {
		client, server := net.Pipe()
		deadline := time.Now().Add(10 * time.Second)
		_, _ = client.SetDeadline(deadline), server.SetDeadline(deadline)
		go io.Copy(io.Discard, client) // answers
		go func() {
			_, _ = client.Write(said)
			_ = client.Close()
		}()
		asked := ""
		_, err := socks(func(_ context.Context, address string) (net.Conn, error) {
			asked = address
			return nil, net.ErrClosed
		})(t.Context(), server)
		if err == nil {
			t.Error("no error from a target that is closed")
		}
		if asked != "" {
			if _, _, err := net.SplitHostPort(asked); err != nil {
				t.Errorf("%q is asked for: %v", asked, err)
			}
		}
		_ = server.Close()
	})
}
