package sshclient

import (
	"context"
	"errors"
	"io"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
)

// answerLimit is how long a server may think about a channel or a request. One
// that is alive but never answers would hold us for ever.
const answerLimit = time.Minute

// noAnswer is the error of a server that did not keep to it. What it was asked
// for may or may not have happened.
func (c *Client) noAnswer(about string) error {
	return onHost(c.name, fault.New(fault.Lost, "no answer to %s within %s", about, answerLimit))
}

// open opens a channel. When ctx ends first, the channel is closed as soon as
// it is there.
func (c *Client) open(ctx context.Context, kind string, extra []byte) (ssh.Channel, <-chan *ssh.Request, error) {
	type opened struct {
		ch       ssh.Channel
		requests <-chan *ssh.Request
		err      error
	}
	result := make(chan opened, 1)
	go func() {
		ch, requests, err := c.conn.OpenChannel(kind, extra)
		result <- opened{ch, requests, err}
	}()
	abandon := func() {
		if r := <-result; r.err == nil {
			go ssh.DiscardRequests(r.requests)
			_ = r.ch.Close()
		}
	}
	late := time.NewTimer(answerLimit)
	defer late.Stop()
	select {
	case r := <-result:
		if r.err != nil {
			return nil, nil, c.openError(r.err)
		}
		return r.ch, r.requests, nil
	case <-ctx.Done():
		go abandon()
		return nil, nil, c.stopped(ctx)
	case <-c.done:
		go abandon()
		return nil, nil, c.Err()
	case <-late.C:
		go abandon()
		return nil, nil, c.noAnswer("a " + kind + " channel")
	}
}

// openError tells a refusal from a lost link.
func (c *Client) openError(err error) error {
	var refused *ssh.OpenChannelError
	if errors.As(err, &refused) {
		return refused
	}
	return c.orLost(err)
}

// orLost gives the reason of the end of the connection if it is over, or is
// just about to be, else err.
func (c *Client) orLost(err error) error {
	wait := time.NewTimer(50 * time.Millisecond)
	defer wait.Stop()
	select {
	case <-c.done:
		return c.Err()
	case <-wait.C:
		return fault.Wrap(fault.Protocol, err, "the server broke the protocol")
	}
}

// stopped is the error of a call whose context is over.
func (c *Client) stopped(ctx context.Context) error {
	e := fault.Wrap(fault.KindOf(ctx.Err()), ctx.Err(), "stopped")
	e.Host = c.name
	return e
}

// Patience with a server that refuses a session while no command runs: one that
// just ended may still count there; a dialogue may be closed by another task,
// or never.
const (
	shortPatience = 700 * time.Millisecond
	longPatience  = 15 * time.Second
)

// openSession opens a session within the limits of both sides. The returned
// function gives the slot back.
func (c *Client) openSession(ctx context.Context, u use) (ssh.Channel, <-chan *ssh.Request, func(), error) {
	var waited time.Duration // without a command to wait for
	for pause := 50 * time.Millisecond; ; {
		if err := c.slots.take(ctx, u, c.done); err != nil {
			return nil, nil, nil, c.stopped(ctx)
		}
		ch, requests, err := c.open(ctx, "session", nil)
		var refused *ssh.OpenChannelError
		if err == nil {
			return ch, requests, func() { c.slots.give(u) }, nil
		}
		if !errors.As(err, &refused) {
			c.slots.give(u)
			return nil, nil, nil, err
		}
		commands, dialogues := c.slots.refused(u)
		if commands > 0 {
			continue
		}
		if waited >= c.slots.patience || dialogues == 0 && waited >= shortPatience {
			return nil, nil, nil, c.refusedSession(refused, dialogues)
		}
		pause = min(2*pause, time.Second)
		if waited += pause; sleep(ctx, pause) != nil {
			return nil, nil, nil, c.stopped(ctx)
		}
	}
}

func (c *Client) refusedSession(err *ssh.OpenChannelError, dialogues int) error {
	e := fault.New(fault.Denied, "the server refused a session: %s", termsafe.Line(err.Message)).
		WithHint("its MaxSessions may be reached by file transfers, or the account may only forward ports")
	if dialogues > 0 {
		e = e.WithHint("its MaxSessions may be reached: %d dialogues are open on this connection; close one, or open another connection", dialogues)
	}
	e.Host = c.name
	return e
}

// request makes a channel request and waits for its answer, at the longest
// until ctx or the connection ends.
func (c *Client) request(ctx context.Context, ch ssh.Channel, name string, payload any) error {
	type answer struct {
		ok  bool
		err error
	}
	result := make(chan answer, 1)
	go func() {
		ok, err := ch.SendRequest(name, true, ssh.Marshal(payload))
		result <- answer{ok, err}
	}()
	late := time.NewTimer(answerLimit)
	defer late.Stop()
	select {
	case a := <-result:
		switch {
		case a.err != nil:
			return c.orLost(a.err)
		case !a.ok:
			return errRefused
		}
		return nil
	case <-ctx.Done():
		return c.stopped(ctx)
	case <-c.done:
		return c.Err()
	case <-late.C:
		return c.noAnswer(name)
	}
}

// errRefused is a request that the server answered with no.
var errRefused = errors.New("refused by the server")

// SFTP opens the SFTP subsystem; internal/sftpfs speaks the protocol.
func (c *Client) SFTP(ctx context.Context) (io.ReadWriteCloser, error) {
	return c.Subsystem(ctx, "sftp")
}

// Subsystem opens a subsystem of the server (RFC 4254, section 6.5). It counts
// as a session until it is closed and the server has confirmed it. A Read that
// waits ends when the server confirms the Close, or with the connection.
func (c *Client) Subsystem(ctx context.Context, name string) (io.ReadWriteCloser, error) {
	ch, requests, release, err := c.openSession(ctx, forSubsystem)
	if err != nil {
		return nil, err
	}
	go func() {
		defer release()
		ssh.DiscardRequests(requests)
	}()
	go io.Copy(io.Discard, ch.Stderr()) //nolint:errcheck // drained so that it cannot fill the window
	err = c.request(ctx, ch, "subsystem", struct{ Name string }{name})
	if err == nil {
		return ch, nil
	}
	_ = ch.Close()
	if errors.Is(err, errRefused) {
		e := fault.New(fault.Unsupported, "the server has no subsystem %s", name)
		e.Host = c.name
		return nil, e.WithHint("look for a Subsystem line in its sshd_config")
	}
	return nil, err
}
