package sshclient

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"gofab/internal/fault"
	"gofab/internal/sshconfig"
)

// Target is what to reach.
type Target struct {
	Name     string              // inventory name; used in errors and events
	Settings *sshconfig.Settings // how to reach it, as ssh_config(5) has it
}

// Question is what a person is asked during a login.
type Question struct {
	Host string // inventory name
	Text string // prompt, already safe for a terminal
	Echo bool   // whether the answer may be shown
}

// Deps is what the connections of one run share. Every function may be called
// from many goroutines at once; Prompt is never called twice at the same time.
type Deps struct {
	// Resolve gives the configuration of a jump host. Without it jump hosts
	// are refused.
	Resolve func(ctx context.Context, name string) (*sshconfig.Settings, error)
	// Prompt asks a person. nil means nobody is there to answer.
	Prompt func(ctx context.Context, q Question) (string, error)
	// Password is a password that is already known, e.g. from --ask-pass.
	Password func(host string) (password string, known bool)
	// Passphrase is one that is already known for the key in a file.
	Passphrase func(path string) (passphrase string, known bool)
	// AgentSocket is the path in SSH_AUTH_SOCK; empty without an agent.
	AgentSocket string
	// Environ are the operator's variables, NAME=value, for SendEnv.
	Environ []string
	// Home is the home directory of the operator; it shortens names in messages.
	Home string
	// Warn tells the operator about something that is not an error.
	Warn func(text string)
	// Banner gets what a server says before the login (RFC 4252, section 5.4),
	// unfiltered and at most 16 KiB of it.
	Banner func(host, text string)
}

// Dialer opens connections. It is safe for concurrent use, and one run uses
// one, since it is what keeps files read, questions asked and limits shared.
type Dialer struct {
	deps     Deps
	gate     *gate
	keys     keyFiles
	agents   agentCache
	hostKeys hostKeys
	jumps    jumpHosts
	asking   chan struct{} // holds a token while a person is asked
	backoff  func(drops int) time.Duration
}

// NewDialer makes the dialer of a run.
func NewDialer(deps Deps) *Dialer {
	if deps.Warn == nil {
		deps.Warn = func(string) {}
	}
	return &Dialer{
		deps: deps, gate: &gate{}, asking: make(chan struct{}, 1), backoff: backoff,
		hostKeys: hostKeys{deciding: make(chan struct{}, 1), accepted: map[string][]byte{}},
	}
}

// With gives a dialer of its own for logins that know more or less than the
// others. It reads keys and known hosts afresh; what protects servers and the
// person who is asked is shared.
func (d *Dialer) With(change func(*Deps)) *Dialer {
	deps := d.deps
	change(&deps)
	own := NewDialer(deps)
	own.gate, own.asking, own.backoff = d.gate, d.asking, d.backoff
	return own
}

// Dial connects and logs in. It returns within 100 ms of the end of ctx; ctx
// has no meaning for the client once it is returned.
func (d *Dialer) Dial(ctx context.Context, target Target) (*Client, error) {
	o, err := d.readOptions(target)
	if err != nil {
		return nil, onHost(target.Name, err)
	}
	c, err := d.dial(ctx, o)
	if err != nil {
		return nil, onHost(target.Name, err)
	}
	return c, nil
}

func (d *Dialer) dial(ctx context.Context, o *options) (*Client, error) {
	hosts, err := d.chain(ctx, o)
	if err != nil {
		return nil, err
	}
	return d.dialThrough(ctx, o, hosts)
}

// dialThrough reaches o through jump hosts, the nearest one first.
func (d *Dialer) dialThrough(ctx context.Context, o *options, hosts []*options) (*Client, error) {
	r, err := d.route(ctx, o, hosts)
	if err != nil {
		return nil, err
	}
	c, err := d.persist(ctx, o, r)
	if err != nil {
		r.release()
		return nil, err
	}
	c.onClose(r.release)
	return c, nil
}

// maxDrops is how often a login is tried again after the server dropped it
// before the authentication began.
const maxDrops = 5

// persist logs in, again and again while the server only drops connections.
func (d *Dialer) persist(ctx context.Context, o *options, r *route) (*Client, error) {
	for drops, refusals := 0, 1; ; {
		c, err := d.login(ctx, o, r)
		var dropped *droppedError
		switch {
		case err == nil:
			return c, nil
		case errors.As(err, &dropped) && drops < maxDrops:
			drops++
			err = sleep(ctx, d.backoff(drops))
		case fault.KindOf(err) == fault.Unreachable && !errors.As(err, &dropped) && refusals < o.attempts:
			refusals++
			err = sleep(ctx, time.Second)
		}
		if err != nil {
			return nil, err
		}
	}
}

// backoff is the pause before attempt n+1: 0.25 s doubled each time, at most
// 5 s, half of it random so that a herd does not come back together.
func backoff(n int) time.Duration {
	d := min(250*time.Millisecond<<(n-1), 5*time.Second)
	return d/2 + rand.N(d)
}

// sleep waits for d or for the end of ctx, which is an error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}

// ended is the error of a context that is over.
func ended(ctx context.Context) error {
	kind := fault.KindOf(ctx.Err())
	if kind == fault.Timeout {
		return fault.Wrap(kind, ctx.Err(), "the time limit ended the connection attempt")
	}
	return fault.Wrap(kind, ctx.Err(), "cancelled")
}

// onHost names the host in an error, unless one is named already. The error
// itself stays in the chain.
func onHost(name string, err error) error {
	e := *fault.From(err)
	if e.Host == "" {
		e.Host = name
	}
	if _, plain := err.(*fault.Error); !plain {
		e.Cause = &quiet{err}
	}
	return &e
}
