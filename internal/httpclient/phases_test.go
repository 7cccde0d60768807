package httpclient

import (
	"crypto/tls"
	"fmt"
	"io"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"gofab/internal/testenv"
)

// slow is a server whose every step takes its time: the TLS handshake, the
// first byte, and the body in between.
func slow(t *testing.T, certificate *tls.Certificate, handshake, first, body time.Duration) string {
	return rawServer(t, func(conn net.Conn) {
		if certificate != nil {
			time.Sleep(handshake)
			conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*certificate}})
		}
		if !head(conn) {
			return
		}
		time.Sleep(first)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n01234")
		time.Sleep(body)
		_, _ = io.WriteString(conn, "56789")
	})
}

// Each moment is where libcurl sees it, within 25 ms or 10 %. A busy machine
// may delay one of the two, so the nearest of several pairs counts.
func TestPhasesAsCurl(t *testing.T) {
	oracle := testenv.Ask(t, testenv.Python(t, "pycurl"), "testdata/oracle.py")
	ca := testenv.NewAuthority(t)
	certificate := ca.Issue(t, "127.0.0.1", time.Now().Add(time.Hour))
	ms := time.Millisecond
	plain := "http://" + slow(t, nil, 0, 150*ms, 100*ms)
	there := rawServer(t, func(conn net.Conn) {
		if head(conn) {
			time.Sleep(80 * ms)
			fmt.Fprintf(conn, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", plain)
		}
	})
	for name, q := range map[string]question{
		"plain":    {URL: plain},
		"TLS":      {URL: "https://" + slow(t, &certificate, 120*ms, 60*ms, 60*ms), CAFile: ca.File},
		"redirect": {URL: "http://" + there},
	} {
		t.Run(name, func(t *testing.T) {
			q.Method, q.MaxRedirects = "GET", 5
			var worst string
			for range 5 {
				var want curlAnswer
				oracle.Ask(q, &want)
				got, _, _ := q.ask(t)
				if worst = apart(got.At, want); worst == "" {
					sum := got.Time.Redirect + got.Time.DNS + got.Time.Connect + got.Time.TLS + got.Time.Request + got.Time.FirstByte + got.Time.Transfer
					if sum != got.Time.Total {
						t.Errorf("the phases are %v, the total is %v", sum, got.Time.Total)
					}
					return
				}
			}
			t.Error(worst)
		})
	}
}

// apart tells the moments that lie too far apart.
func apart(got Moments, want curlAnswer) string {
	var out []string
	for _, m := range []struct {
		name string
		got  time.Duration
		want float64
	}{
		{"namelookup", got.NameLookup, want.Namelookup}, {"connect", got.Connect, want.Connect}, {"appconnect", got.AppConnect, want.Appconnect},
		{"pretransfer", got.PreTransfer, want.Pretransfer}, {"starttransfer", got.StartTransfer, want.Starttransfer},
		{"redirect", got.Redirect, want.Redirect}, {"total", got.Total, want.Total},
	} {
		if math.Abs(m.got.Seconds()-m.want) > max(0.025, m.want/10) {
			out = append(out, fmt.Sprintf("%s is at %.3f s, for curl at %.3f s", m.name, m.got.Seconds(), m.want))
		}
	}
	return strings.Join(out, "; ")
}
