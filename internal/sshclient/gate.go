package sshclient

import (
	"context"
	"sync"
)

// handshakesAtOnce is how many logins may be in progress at one address. sshd
// begins to drop them at random at 10 (MaxStartups 10:30:100), and it notices a
// finished login late: of 200 in a row it dropped up to eight with 8 at once
// and none with 6, which took no longer.
const handshakesAtOnce = 6

// gate limits the logins in progress at each address.
type gate struct {
	mu    sync.Mutex
	lanes map[string]chan struct{}
}

// enter waits for a free place at address and returns what gives it back.
func (g *gate) enter(ctx context.Context, address string) (leave func(), err error) {
	lane := g.lane(address)
	select {
	case lane <- struct{}{}:
		return func() { <-lane }, nil
	case <-ctx.Done():
		return nil, ended(ctx)
	}
}

func (g *gate) lane(address string) chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	lane := g.lanes[address]
	if lane == nil {
		if g.lanes == nil {
			g.lanes = map[string]chan struct{}{}
		}
		lane = make(chan struct{}, handshakesAtOnce)
		g.lanes[address] = lane
	}
	return lane
}
