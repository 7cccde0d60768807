package sshclient

import (
	"context"
	"time"
)

const (
	// killGrace is what a command has between TERM and KILL.
	killGrace = 2 * time.Second
	// killPatience is how long Close waits for the commands being ended.
	killPatience = 1 * time.Second
)

// end makes sure that nothing stays on the far side.
func (p *Process) end() {
	_ = p.Signal("TERM")
	grace := time.NewTimer(killGrace)
	defer grace.Stop()
	select {
	case <-p.closed:
		return
	case <-p.client.done:
		return
	case <-grace.C:
	case <-p.client.hurry:
		p.lastMoment()
	}
	_ = p.Signal("KILL")
	_ = p.ch.Close()
}

// lastMoment gives a command that has just got its TERM half a second when the
// connection is about to be closed.
func (p *Process) lastMoment() {
	select {
	case <-p.closed:
	case <-p.client.done:
	case <-time.After(killPatience / 2):
	}
}

// abort takes back a command that may have begun or not.
func (p *Process) abort(ctx context.Context) {
	if ctx.Err() == nil {
		_ = p.ch.Close()
		return
	}
	_ = p.ch.CloseWrite()
	ended := p.client.beginEnding()
	go func() {
		defer ended()
		p.end()
	}()
}

// beginEnding lets Close wait for a command that is being ended.
func (c *Client) beginEnding() (ended func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return func() {}
	}
	c.ending.Add(1)
	return c.ending.Done
}
