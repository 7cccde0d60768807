package dnsclient

import (
	"bytes"
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
)

// problem is why there is no answer, as a status and a text.
type problem struct {
	status Status
	text   string
}

func (p problem) Error() string { return p.text }

var buffers = sync.Pool{New: func() any { b := make([]byte, 65535); return &b }}

// datagram sends a request and waits for its answer. What is not the answer is
// passed over, and told when nothing better comes.
func (p *Pool) datagram(ctx context.Context, r route, q *request) ([]byte, error) {
	s, err := p.socketTo(r)
	if err != nil {
		return nil, networkProblem(ctx, err, "")
	}
	release := until(ctx, s)
	answer, passed, err := s.ask(q)
	if !release() && err == nil { // the deadline of the context may still be set on it
		_ = s.Close()
		return answer, nil
	}
	if err != nil {
		_ = s.Close()
		return nil, networkProblem(ctx, err, passed)
	}
	p.giveBack(r, s)
	return answer, nil
}

func (s *socket) ask(q *request) (answer []byte, passed string, err error) {
	if _, err := s.Write(q.wire); err != nil {
		return nil, "", err
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	for {
		n, err := s.Read(*buffer)
		if err != nil {
			return nil, passed, err
		}
		got := (*buffer)[:n]
		if passed = q.matches(got); passed == "" {
			return bytes.Clone(got), "", nil
		}
	}
}

// networkProblem says what an error of the network comes to.
func networkProblem(ctx context.Context, err error, passed string) error {
	var already problem
	switch {
	case errors.As(err, &already):
		return already
	case passed != "" && (ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded)):
		return problem{StatusMalformed, passed}
	case ctx.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded):
		return problem{StatusTimeout, "no answer in time"}
	case errors.Is(err, syscall.ECONNREFUSED):
		return problem{StatusUnreachable, "connection refused"}
	}
	return problem{StatusUnreachable, innermost(err)}
}

// innermost gives the text of the cause without Go's words in front of it.
func innermost(err error) string {
	for {
		under := errors.Unwrap(err)
		if under == nil {
			return err.Error()
		}
		err = under
	}
}
