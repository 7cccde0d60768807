package httpclient

import (
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync"
	"time"
)

// Timeline is when the steps of one hop began and ended. A step that did not
// happen, such as a connection that was open already, is zero.
type Timeline struct {
	Start                     time.Time // the hop was begun
	DNSStart, DNSDone         time.Time
	ConnectStart, ConnectDone time.Time
	TLSStart, TLSDone         time.Time
	Ready                     time.Time // a connection was at hand
	Wrote                     time.Time // the request was sent
	FirstByte                 time.Time // of the answer
	End                       time.Time // the last byte of the body was read
}

// recorder fills a hop from the hooks of net/http, which may come from other
// goroutines and, where connections race, several times.
type recorder struct {
	mu      sync.Mutex
	hop     *Hop
	started map[string]time.Time // connects that are under way, by address
	stage   string
}

func newRecorder(hop *Hop) *recorder {
	return &recorder{hop: hop, started: map[string]time.Time{}, stage: "connect"}
}

// do runs f under the lock, with the time.
func (r *recorder) do(f func(t *Timeline, now time.Time)) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.hop.Time, now)
}

// reached is the step at which the hop is.
func (r *recorder) reached() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stage
}

func (r *recorder) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) {
			r.do(func(t *Timeline, now time.Time) { r.stage = "dns"; first(&t.DNSStart, now) })
		},
		DNSDone: func(info httptrace.DNSDoneInfo) {
			r.do(func(t *Timeline, now time.Time) {
				t.DNSDone = now
				if info.Err == nil {
					r.stage = "connect"
				}
			})
		},
		ConnectStart: func(_, address string) {
			r.do(func(t *Timeline, now time.Time) { r.started[address] = now; first(&t.ConnectStart, now) })
		},
		ConnectDone:       r.connected,
		TLSHandshakeStart: func() { r.do(func(t *Timeline, now time.Time) { r.stage = "tls"; t.TLSStart = now }) },
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			r.do(func(t *Timeline, now time.Time) {
				t.TLSDone = now
				if err == nil {
					r.stage, r.hop.TLS = "request", &state
				}
			})
		},
		GotConn: r.gotConn,
		WroteHeaderField: func(key string, values []string) {
			r.do(func(*Timeline, time.Time) {
				for _, value := range values {
					r.hop.RequestHeader += len(key) + len(value) + 4 // ": " and CR LF
				}
			})
		},
		WroteRequest: func(httptrace.WroteRequestInfo) {
			r.do(func(t *Timeline, now time.Time) { r.stage = "wait"; t.Wrote = now })
		},
		GotFirstResponseByte: func() { r.do(func(t *Timeline, now time.Time) { r.stage = "transfer"; t.FirstByte = now }) },
	}
}

// connected notes the connection that won a race of several.
func (r *recorder) connected(_, address string, err error) {
	r.do(func(t *Timeline, now time.Time) {
		if err != nil || !t.ConnectDone.IsZero() {
			return
		}
		t.ConnectStart, t.ConnectDone = r.started[address], now
		r.stage = "request"
	})
}

func (r *recorder) gotConn(info httptrace.GotConnInfo) {
	r.do(func(t *Timeline, now time.Time) {
		t.Ready, r.stage, r.hop.Reused = now, "request", info.Reused
		r.hop.Remote, r.hop.Local = text(info.Conn.RemoteAddr()), text(info.Conn.LocalAddr())
	})
}

func text(a net.Addr) string {
	if a == nil {
		return ""
	}
	return a.String()
}

// first sets a time that is not set yet.
func first(t *time.Time, now time.Time) {
	if t.IsZero() {
		*t = now
	}
}
