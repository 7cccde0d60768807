package sshclient

import (
	"bytes"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// Whatever bytes a server sends, a login ends, and with an error of ours.
func TestFlippedHandshakes(t *testing.T) {
	testenv.Goroutines(t)
	const seed = 1
	rounds := 20
	if testing.Short() {
		rounds = 2
	}
	var all sync.WaitGroup
	for lane := range uint64(10) {
		var flip atomic.Int64 // where the next connection is changed; -1 nowhere
		s := startScripted(t, func(s *scripted) {
			s.accepted = func(c net.Conn) net.Conn { return &flipConn{Conn: c, at: int(flip.Swap(-1))} }
		})
		random := rand.New(rand.NewPCG(seed, lane))
		d := newDialer(Deps{})
		all.Go(func() {
			for range rounds {
				flip.Store(random.Int64N(2500))
				c, err := d.dial(testContext(t), quick(s.options(t)))
				if err == nil {
					c.Close()
				} else if fault.From(err).Kind == fault.Failed {
					t.Errorf("seed %d: %v", seed, err)
				}
			}
		})
	}
	all.Wait()
}

// flipConn changes one bit of what the server sends.
type flipConn struct {
	net.Conn
	at, sent int
}

func (f *flipConn) Write(p []byte) (int, error) {
	if i := f.at - f.sent; i >= 0 && i < len(p) {
		p = bytes.Clone(p)
		p[i] ^= 1 << (f.at % 8)
	}
	f.sent += len(p)
	return f.Conn.Write(p)
}
