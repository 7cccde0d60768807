package extend

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/runtime/inventory"
	"gofab/runtime/transport"
)

// dialFunction opens a way whose lines are run by a function.
func (t *Transport) dialFunction(ctx context.Context, h *inventory.Host, fill filling) (transport.Conn, error) {
	c := &functionConn{conn: newConn(t.Files), t: t}
	c.files.executor = c
	if t.Connect.IsZero() {
		return c, nil
	}
	about := map[string]any{"name": h.Name, "address": fill.values["address"], "user": h.User, "port": h.Port, "vars": h.Vars}
	results, err := t.Connect.Call(ctx, about)
	if err != nil {
		return nil, unreachable(err)
	}
	if len(results) > 0 {
		c.state = results[0]
	}
	return c, nil
}

// unreachable is what a failed connect makes of its host.
func unreachable(err error) error {
	e := *fault.From(err)
	if e.Kind == fault.Script || e.Kind == fault.Exit || e.Kind == fault.Failed || e.Kind == fault.NotFound {
		e.Kind = fault.Unreachable
	}
	return &e
}

// functionConn runs each line by a function.
type functionConn struct {
	conn
	t     *Transport
	state any
}

// Exec calls the function. What it writes after its end reaches nobody.
func (c *functionConn) Exec(ctx context.Context, req command.Exec) (command.Exit, error) {
	s := &streams{req: req}
	defer s.close()
	results, err := c.t.Run.Call(ctx, c.state, req.Line, s)
	if err != nil {
		return command.Exit{}, err
	}
	if len(results) > 0 {
		if code, ok := results[0].(float64); ok && code >= 0 && code == float64(int(code)) {
			return command.Exit{Code: int(code)}, nil
		}
	}
	e := fault.New(fault.Usage, "transport %s: run returns no exit code", c.t.Name)
	e.Where = c.t.Run.Where()
	return command.Exit{}, e
}

// Unwatched says that the input of a line can be empty: there is no link whose
// end it would tell.
func (c *functionConn) Unwatched() bool { return true }

// closeLimit is the time that a close function has.
const closeLimit = 5 * time.Second

// Close calls the close function once.
func (c *functionConn) Close() error {
	var err error
	c.end.Do(func() {
		close(c.done)
		if c.t.Close.IsZero() {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
		defer cancel()
		_, err = c.t.Close.Call(ctx, c.state)
	})
	return err
}

// streams is what a function that runs a line reads from and writes to.
type streams struct {
	req command.Exec

	mu     sync.Mutex
	closed bool
}

func (s *streams) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

func streamsType() kit.Type {
	return kit.TypeOf[*streams]("streams", "Input and output of a line that a transport runs.",
		kit.Method("read", "Give what there is of standard input: at most n bytes, or all of it; nil at its end.", read),
		kit.Method("stdout", "Write standard output.", func(_ *kit.Call, s *streams, a textArgs) (kit.None, error) {
			return kit.None{}, s.write(s.req.Stdout, a.Text)
		}),
		kit.Method("stderr", "Write standard error.", func(_ *kit.Call, s *streams, a textArgs) (kit.None, error) {
			return kit.None{}, s.write(s.req.Stderr, a.Text)
		}),
	).Fields(
		kit.Field("pty", "Whether a terminal is wanted.", func(s *streams) bool { return s.req.PTY != nil }),
	)
}

type textArgs struct {
	Text string `lua:"text,arg1" doc:"What to write."`
}

func (s *streams) write(to io.Writer, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || to == nil {
		return nil
	}
	_, err := io.WriteString(to, text)
	return err
}

type readArgs struct {
	N int `lua:"n,arg1" default:"0" doc:"How many bytes at most; 0 waits for the end of the input and gives all."`
}

// maxInput bounds an input that is read as a whole.
const maxInput = 64 << 20

// read gives input, or nil at its end. A read that is pending when the command
// ends is left to whoever gave the reader.
func read(c *kit.Call, s *streams, a readArgs) (any, error) {
	if s.req.Stdin == nil {
		return nil, nil
	}
	type part struct {
		data []byte
		err  error
	}
	got := make(chan part, 1)
	go func() {
		if a.N > 0 {
			data := make([]byte, a.N)
			n, err := s.req.Stdin.Read(data)
			got <- part{data[:n], err}
			return
		}
		data, err := io.ReadAll(io.LimitReader(s.req.Stdin, maxInput+1))
		got <- part{data, err}
	}()
	select {
	case <-c.Context.Done():
		return nil, context.Cause(c.Context)
	case p := <-got:
		switch {
		case len(p.data) > maxInput:
			return nil, fault.New(fault.Failed, "the input is larger than %d bytes: read it in parts", maxInput)
		case len(p.data) == 0 && (p.err == nil || errors.Is(p.err, io.EOF)):
			return nil, nil
		case len(p.data) == 0:
			return nil, p.err
		}
		return string(p.data), nil
	}
}
