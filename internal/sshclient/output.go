package sshclient

import (
	"context"
	"time"

	"gofab/internal/command"
	"gofab/internal/fault"
)

// quietTime without output after the exit status makes us ask whether there is
// more to come.
const quietTime = 200 * time.Millisecond

// awaitOutput waits for the rest of the output after the exit status. A child
// in the background may hold the pipes for ever: once nothing has come for a
// while, and a round trip shows that nothing is on its way, it is over.
func (p *Process) awaitOutput(ctx context.Context, exit command.Exit) error {
	timer := time.NewTimer(quietTime)
	defer timer.Stop()
	for asked := false; ; {
		before := p.activity()
		select {
		case <-p.drained:
			return p.cutShort(exit)
		case <-ctx.Done():
			return p.client.stopped(ctx)
		case <-timer.C:
		}
		quiet := p.activity() == before && !p.stdout.writing.Load() && !p.stderr.writing.Load()
		switch {
		case quiet && asked:
			return nil
		case quiet:
			asked = p.roundTrip(ctx)
		default:
			asked = false
		}
		timer.Reset(quietTime / 2)
		if !asked {
			timer.Reset(quietTime)
		}
	}
}

func (p *Process) activity() uint64 { return p.stdout.bytes.Load() + p.stderr.bytes.Load() }

// roundTrip tells whether the server answered and sent nothing before that.
func (p *Process) roundTrip(ctx context.Context) (quiet bool) {
	before := p.activity()
	answered := make(chan error, 1)
	go func() { answered <- p.client.ping() }()
	select {
	case err := <-answered:
		return err == nil && p.activity() == before
	case <-p.drained:
	case <-ctx.Done():
	}
	return false
}

// cutShort is the error of output that ended with the link and not by itself.
func (p *Process) cutShort(exit command.Exit) error {
	if !p.stdout.cut.Load() && !p.stderr.cut.Load() {
		return nil
	}
	return fault.New(fault.Lost, "the command ended with %d, but the link broke before all of its output arrived", exit.Code)
}
