package sftpfs

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"gofab/internal/fault"
)

// call is one request and, once done is closed, its answer.
type call struct {
	request request
	payload []byte // data of a write, after the request
	into    []byte // where the data of a read goes
	patient bool   // fsync(2) of a large file on a slow disk
	late    func(*call)

	id    uint32
	began time.Time
	left  time.Time // when its caller went away; zero while there is one

	done chan struct{}
	kind byte
	body []byte
	n    int // bytes of into
	err  error
}

// weight is what a call costs of a channel's capacity.
func (k *call) weight() int64 { return int64(512 + len(k.payload) + len(k.into)) }

// ask sends a request and waits for its answer.
func (c *channel) ask(ctx context.Context, k *call) error {
	if err := c.start(ctx, k); err != nil {
		return err
	}
	return c.wait(ctx, k)
}

// start sends a request. It does not block: what waits to be sent is bounded by
// those who wait for answers.
func (c *channel) start(ctx context.Context, k *call) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	k.done = make(chan struct{})
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why != nil {
		return c.why
	}
	c.put(k)
	return nil
}

// wait waits for the answer to a request. When ctx ends before, the answer goes
// to late, and the channel is closed if none comes.
func (c *channel) wait(ctx context.Context, k *call) error {
	select {
	case <-k.done:
		return k.err
	default:
	}
	select {
	case <-k.done:
		return k.err
	case <-ctx.Done():
		c.abandon(k)
		return context.Cause(ctx)
	}
}

func (c *channel) abandon(k *call) {
	c.mu.Lock()
	_, open := c.calls[k.id]
	if open {
		k.left = time.Now()
		c.lookIn(c.times.grace)
	}
	c.mu.Unlock()
	if !open && k.err == nil && k.late != nil {
		k.late(k)
	}
}

// complete hands an answer to whoever waits for it.
func (c *channel) complete(k *call, kind byte, body []byte, n int) {
	c.mu.Lock()
	if c.calls[k.id] != k {
		c.mu.Unlock()
		return
	}
	c.remove(k)
	k.kind, k.body, k.n = kind, body, n
	abandoned := !k.left.IsZero()
	if len(k.payload)+len(k.into) == 0 && !k.patient {
		c.trip = min(c.trip, time.Since(k.began))
	}
	close(k.done)
	c.mu.Unlock()
	if abandoned && k.late != nil {
		k.late(k)
	}
}

// result checks the type of an answer. what names what is due.
func (k *call) result(want byte, what string) (*fields, error) {
	f := &fields{rest: k.body}
	switch {
	case k.kind == typeStatus:
		return nil, k.status(f, want, what)
	case k.kind != want:
		return nil, fault.New(fault.Protocol, "the sftp server sent a packet of type %d instead of a %s", k.kind, what)
	}
	return f, nil
}

// status gives the error of a status; OK is one where something else is due.
func (k *call) status(f *fields, want byte, what string) error {
	code := f.uint32()
	switch {
	case f.short:
		return errMalformed
	case code != statusOK:
		return &statusError{code, f.string()}
	case want != typeStatus:
		return noAnswer(what)
	}
	return nil
}

// handle reads the handle of an open file or folder.
func (k *call) handle() (string, error) {
	f, err := k.result(typeHandle, "handle")
	if err != nil {
		return "", err
	}
	handle := f.string()
	if f.short || len(handle) > 256 { // section 6.2
		return "", errMalformed
	}
	return handle, nil
}

// data tells how many bytes a read gave; none at all is a broken server, the
// end of the file is io.EOF.
func (k *call) data() (int, error) {
	_, err := k.result(typeData, "data")
	var status *statusError
	switch {
	case errors.As(err, &status) && status.code == statusEOF:
		return 0, io.EOF
	case err != nil:
		return 0, err
	case k.n == 0:
		return 0, noAnswer("data")
	}
	return k.n, nil
}

// name reads the one name of an answer to realpath and readlink.
func (k *call) name(what string) (string, error) {
	f, err := k.result(typeName, what)
	if err != nil {
		return "", err
	}
	if n := f.uint32(); n != 1 {
		return "", fault.New(fault.Protocol, "the sftp server sent %s names instead of one", strconv.Itoa(int(n)))
	}
	name := f.string()
	if f.short || name == "" {
		return "", noAnswer(what)
	}
	return name, nil
}

var errMalformed = fault.New(fault.Protocol, "the sftp server sent a malformed packet")
