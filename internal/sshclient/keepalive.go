package sshclient

import (
	"sync"
	"time"

	"gofab/internal/fault"
)

// keepalive finds a dead link, as ServerAliveInterval and ServerAliveCountMax
// do (ssh_config(5)): after each interval in which nothing arrived it asks, and
// after max intervals without any answer the connection is given up. Between
// the ticks it costs a timer and no goroutine.
type keepalive struct {
	client   *Client
	interval time.Duration
	max      int

	mu     sync.Mutex
	timer  *time.Timer
	seen   uint64 // bytes received until the last tick
	asked  bool   // a question is under way
	missed int    // intervals since it was asked
	over   bool
}

// newKeepalive starts the ticks; an interval of 0 is none.
func newKeepalive(c *Client, interval time.Duration, max int) *keepalive {
	k := &keepalive{client: c, interval: interval, max: max}
	k.mu.Lock() // the first tick may come before this returns
	defer k.mu.Unlock()
	if interval > 0 {
		k.timer = time.AfterFunc(interval, k.tick)
	}
	return k
}

func (k *keepalive) stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.over = true
	if k.timer != nil {
		k.timer.Stop()
	}
}

func (k *keepalive) tick() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.over {
		return
	}
	received := k.client.link.received.Load()
	alive := received != k.seen
	k.seen = received
	switch {
	case alive:
		k.missed = 0
	case !k.asked:
		k.asked = true
		go k.ask()
	default:
		k.missed++
	}
	if k.missed >= k.max {
		go k.client.fail(fault.New(fault.Lost, "no sign of life for %s", time.Duration(k.max+1)*k.interval))
		return
	}
	k.timer.Reset(k.interval)
}

// ask makes one request; whatever the server answers is a sign of life.
func (k *keepalive) ask() {
	_ = k.client.ping() // an error is the end of the link, which is noticed there
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked, k.missed = false, 0
}
