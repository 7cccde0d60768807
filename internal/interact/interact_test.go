package interact

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"gofab/internal/testenv"
)

// person is the far end of a console: a pipe for keys, one for what is shown.
type person struct {
	keys    *io.PipeWriter
	shown   *io.PipeReader
	console *fakeTerminal
}

// fakeTerminal is a terminal without a device behind it.
type fakeTerminal struct {
	in      *io.PipeReader
	out     *io.PipeWriter
	resized chan struct{}
	mu      sync.Mutex
	cols    int
	closed  int
}

func (c *fakeTerminal) Read(p []byte) (int, error)  { return c.in.Read(p) }
func (c *fakeTerminal) Write(p []byte) (int, error) { return c.out.Write(p) }
func (c *fakeTerminal) Resized() <-chan struct{}    { return c.resized }
func (c *fakeTerminal) Size() (cols, rows int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cols, 24
}
func (c *fakeTerminal) Close() error {
	c.closed++
	c.in.CloseWithError(io.ErrClosedPipe)
	return c.out.Close()
}

func newPerson() *person {
	in, keys := io.Pipe()
	shown, out := io.Pipe()
	return &person{keys, shown, &fakeTerminal{in: in, out: out, resized: make(chan struct{}, 1), cols: 80}}
}

// echo is a program that shows what is typed, in capitals; "q" ends it.
type echo struct {
	output chan []byte
	sizes  chan int
}

func newEcho() *echo { return &echo{make(chan []byte, 1), make(chan int, 9)} }

func (e *echo) Next(ctx context.Context) ([]byte, error) {
	select {
	case p := <-e.output:
		if string(p) == "Q" {
			return nil, io.EOF
		}
		return p, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (e *echo) Send(ctx context.Context, p []byte) error {
	select {
	case e.output <- []byte(strings.ToUpper(string(p))):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (e *echo) Resize(cols, _ int) error { e.sizes <- cols; return nil }

// run starts a session; the result comes when it is over.
func run(ctx context.Context, p *person, program Program, o Options) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		reason, err := Run(ctx, p.console, program, o)
		done <- outcome{reason, err}
	}()
	return done
}

func (p *person) types(t *testing.T, keys string) {
	t.Helper()
	if _, err := p.keys.Write([]byte(keys)); err != nil {
		t.Fatal(err)
	}
}

func (p *person) sees(t *testing.T, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(p.shown, got); err != nil || string(got) != want {
		t.Fatalf("saw %q, %v, not %q", got, err, want)
	}
}

func TestKeysGoInAndOutputComesOut(t *testing.T) {
	testenv.Goroutines(t)
	p := newPerson()
	done := run(context.Background(), p, newEcho(), Options{Escape: 0x1d})
	p.types(t, "abc")
	p.sees(t, "ABC")
	p.types(t, "x\x1dnot sent")
	rest, _ := io.ReadAll(p.shown)
	if r := <-done; r.reason != Escaped || r.err != nil {
		t.Errorf("%+v", r)
	}
	if got := string(rest); got != "X\r\n" && got != "\r\n" { // the X may come too late to be shown
		t.Errorf("shown at the end: %q", got)
	}
	if p.console.closed != 1 {
		t.Error("the terminal was not given back")
	}
}

func TestTheProgramEnds(t *testing.T) {
	testenv.Goroutines(t)
	p := newPerson()
	done := run(context.Background(), p, newEcho(), Options{})
	p.types(t, "\x1b[?1049h\x1b[?25l")
	p.sees(t, "\x1b[?1049H\x1b[?25L") // capitals mean something else
	p.types(t, "q")
	_, _ = io.Copy(io.Discard, p.shown)
	if r := <-done; r.reason != Ended || r.err != nil {
		t.Errorf("%+v", r)
	}
}

func TestTheTerminalIsSetBack(t *testing.T) {
	p, program := newPerson(), newEcho()
	done := run(context.Background(), p, program, Options{})
	program.output <- []byte("\x1b[?1049h\x1b[?25l\x1b[?2004h")
	p.sees(t, "\x1b[?1049h\x1b[?25l\x1b[?2004h")
	p.types(t, "q")
	p.sees(t, "\x1b[?1049l\x1b[?25h\x1b[?2004l")
	_, _ = io.Copy(io.Discard, p.shown)
	<-done
}

func TestTheContextEnds(t *testing.T) {
	testenv.Goroutines(t)
	ctx, cancel := context.WithCancelCause(context.Background())
	p := newPerson()
	done := run(ctx, p, newEcho(), Options{})
	enough := errors.New("enough")
	cancel(enough)
	if r := <-done; r.err != enough {
		t.Errorf("%+v", r)
	}
}

func TestThePersonHangsUp(t *testing.T) {
	testenv.Goroutines(t)
	p := newPerson()
	done := run(context.Background(), p, newEcho(), Options{})
	p.keys.Close()
	if r := <-done; r.reason != HungUp || r.err != nil {
		t.Errorf("%+v", r)
	}
}

func TestSizesAreToldOn(t *testing.T) {
	p, program := newPerson(), newEcho()
	done := run(context.Background(), p, program, Options{})
	if cols := <-program.sizes; cols != 80 {
		t.Error("first", cols)
	}
	p.console.mu.Lock()
	p.console.cols = 132
	p.console.mu.Unlock()
	p.console.resized <- struct{}{}
	if cols := <-program.sizes; cols != 132 {
		t.Error("then", cols)
	}
	p.keys.Close()
	<-done
}

func TestFilters(t *testing.T) {
	p := newPerson()
	var typed, shown strings.Builder
	done := run(context.Background(), p, newEcho(), Options{
		Input:  func(p []byte) ([]byte, error) { return append(p, '!'), nil },
		Output: func(p []byte) ([]byte, error) { return append([]byte("> "), p...), nil },
		Typed:  func(p []byte) { typed.Write(p) },
		Shown:  func(p []byte) { shown.Write(p) },
	})
	p.types(t, "a")
	p.sees(t, "> A!")
	p.keys.Close()
	<-done
	if typed.String() != "a!" || shown.String() != "A!" {
		t.Errorf("told of %q and %q", typed.String(), shown.String())
	}
}

func TestAFailingFilterEndsIt(t *testing.T) {
	p := newPerson()
	wrong := errors.New("wrong")
	done := run(context.Background(), p, newEcho(), Options{Input: func([]byte) ([]byte, error) { return nil, wrong }})
	p.types(t, "a")
	if r := <-done; r.err != wrong {
		t.Errorf("%+v", r)
	}
}
