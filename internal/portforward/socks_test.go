package portforward

import (
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"gofab/internal/testenv"
)

// curl is a SOCKS client of its own, in each version.
func TestSocksWithCurl(t *testing.T) {
	testenv.Goroutines(t)
	curl := testenv.Require(t, "curl")
	c := connect(t)
	web := serve(t, tcp(t), func(conn net.Conn) {
		head := make([]byte, 4096)
		_, _ = conn.Read(head)
		_, _ = io.WriteString(conn, "HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\ninside")
	})
	f := open(t, c, Spec{Socks: "127.0.0.1:0"})
	_, port, _ := net.SplitHostPort(web)
	for _, scheme := range []string{"socks4", "socks4a", "socks5", "socks5h"} {
		host := "127.0.0.1"
		if strings.HasSuffix(scheme, "a") || strings.HasSuffix(scheme, "h") {
			host = "localhost"
		}
		out, err := exec.CommandContext(testContext(t), curl, "-sS", "--noproxy", "", "-x", scheme+"://"+f.Addr().String(), "http://"+host+":"+port).CombinedOutput()
		if err != nil || string(out) != "inside" {
			t.Errorf("%s: %v %s; %+v", scheme, err, out, f.Stats())
		}
	}
}

// What a SOCKS client says wrong is answered, or ends the connection.
func TestSocksAnswers(t *testing.T) {
	testenv.Goroutines(t)
	c := connect(t)
	gone := tcp(t)
	port := gone.Addr().(*net.TCPAddr).Port
	gone.Close()
	dead := string([]byte{127, 0, 0, 1, byte(port >> 8), byte(port)})
	f := open(t, c, Spec{Socks: "0"})
	zeros := strings.Repeat("\x00", 6)
	for _, test := range []struct{ name, say, answer string }{
		{"refused, version 5", "\x05\x01\x00" + "\x05\x01\x00\x01" + dead, "\x05\x00" + "\x05\x05\x00\x01" + zeros},
		{"refused, version 4", "\x04\x01" + dead[4:] + dead[:4] + "me\x00", "\x00\x5b" + zeros},
		{"only with a password", "\x05\x01\x02", "\x05\xff"},
		{"no method", "\x05\x00", "\x05\xff"},
		{"bind", "\x05\x01\x00" + "\x05\x02\x00\x01" + dead, "\x05\x00" + "\x05\x07\x00\x01" + zeros},
		{"bind, version 4", "\x04\x02" + dead[4:] + dead[:4] + "\x00", "\x00\x5b" + zeros},
		{"type of address", "\x05\x01\x00" + "\x05\x01\x00\x09" + dead, "\x05\x00" + "\x05\x08\x00\x01" + zeros},
		{"cut short", "\x05\x01\x00\x05\x01", "\x05\x00"},
		{"an HTTP request", "GET / HTTP/1.0\r\n\r\n", ""},
		{"a name without an end", "\x04\x01" + dead[4:] + dead[:4] + strings.Repeat("x", 999), ""},
	} {
		conn, err := net.Dial("tcp", f.Addr().String())
		check(t, err)
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		_, err = io.WriteString(conn, test.say)
		check(t, err)
		_ = conn.(*net.TCPConn).CloseWrite()
		answer, err := io.ReadAll(conn) // a reset drops nothing that was read
		if late, ok := err.(net.Error); string(answer) != test.answer || ok && late.Timeout() {
			t.Errorf("%s: %q, %v", test.name, answer, err)
		}
		conn.Close()
	}
	check(t, f.Close())
	if s := f.Stats(); s.Failed != 10 {
		t.Errorf("%+v", s)
	}
}
