package event

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gofab/internal/secret"
)

// TestManyEmitters: 200 goroutines, both renderers; no line is torn, none is
// lost, and each emitter's lines keep their order.
func TestManyEmitters(t *testing.T) {
	const emitters, each = 200, 50
	var text, lines bytes.Buffer
	s := New(t.Context(), Options{
		Sinks: []Sink{NewText(TextOptions{Out: &text, Err: &text}), NewJSONL(&lines)},
		Limit: 64 << 10, // small enough that emitters have to wait
	})
	var all sync.WaitGroup
	for i := range emitters {
		all.Go(func() {
			for j := range each {
				s.Emit(Output{Host: fmt.Sprintf("host%03d", i), Stream: Stdout, Line: fmt.Sprintf("line %d end", j)})
			}
		})
	}
	all.Wait()
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	next := map[string]int{}
	for line := range strings.Lines(text.String()) {
		var j int
		host, rest, _ := strings.Cut(line, " | ")
		if _, err := fmt.Sscanf(rest, "line %d end\n", &j); err != nil || j != next[host] || len(host) != 7 {
			t.Fatalf("line %q, want number %d", line, next[host])
		}
		next[host]++
	}
	for host, n := range next {
		if n != each {
			t.Errorf("%s has %d lines", host, n)
		}
	}
	if len(next) != emitters || strings.Count(lines.String(), "\n") != emitters*each {
		t.Errorf("%d hosts, %d JSON lines", len(next), strings.Count(lines.String(), "\n"))
	}
	if !strings.Contains(lines.String(), fmt.Sprintf(`"seq":%d,`, emitters*each)) {
		t.Error("numbers are not consecutive")
	}
}

// gate is a sink that blocks until it is opened.
type gate struct {
	open    chan struct{}
	handled []Entry
	flushed int
}

func (g *gate) Handle(e Entry) error {
	<-g.open
	g.handled = append(g.handled, e)
	return nil
}

func (g *gate) Flush() error { g.flushed++; return nil }

// TestFullQueue: with a sink that takes nothing, emitters wait; when the run
// ends they wait no more, and lost lines are counted.
func TestFullQueue(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	g := &gate{open: make(chan struct{})}
	s := New(ctx, Options{Sinks: []Sink{g}, Limit: 10 * (entryOverhead + 4)})
	emitted := make(chan int, 1000)
	var emitter sync.WaitGroup
	emitter.Go(func() {
		for i := range 500 {
			s.Emit(Output{Host: "a", Line: "xyz"})
			emitted <- i
		}
	})
	for range 10 { // so many fit for certain
		<-emitted
	}
	if n := len(emitted); n > 20 {
		t.Errorf("%d events beyond the limit", n)
	}
	cancel()
	emitter.Wait()
	s.Emit(HostState{Host: "a", State: Cancelled}) // states are kept in any case
	close(g.open)
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	last := g.handled[len(g.handled)-2:]
	if last[0].Event.Name() != "host_state" || !strings.Contains(fmt.Sprint(last[1].Event), "lines of output not shown") {
		t.Errorf("%v", last)
	}
	if len(g.handled) > 40 {
		t.Errorf("%d events were kept", len(g.handled))
	}
}

// TestCloseDoesNotWaitForEver on a sink that is stuck.
func TestCloseDoesNotWaitForEver(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	s := New(t.Context(), Options{Sinks: []Sink{g}})
	s.Emit(Print{Text: "x"})
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Close(ended); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := s.Flush(ended); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(g.open)
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
	s.Emit(Print{Text: "late"}) // no panic
	if err := s.Flush(context.Background()); err != nil {
		t.Error(err)
	}
	if len(g.handled) != 1 {
		t.Error(g.handled)
	}
}

type failing struct{ calls int }

func (f *failing) Handle(Entry) error { f.calls++; return errors.New("broken pipe") }
func (f *failing) Flush() error       { f.calls++; return nil }

// TestSinkFails: the others go on, the error comes out at the end.
func TestSinkFails(t *testing.T) {
	var out bytes.Buffer
	bad := &failing{}
	s := New(t.Context(), Options{Sinks: []Sink{bad, NewText(TextOptions{Out: &out, Err: &out})}})
	s.Emit(Print{Text: "one"})
	s.Emit(Print{Text: "two"})
	if err := s.Close(context.Background()); err == nil || err.Error() != "broken pipe" {
		t.Error(err)
	}
	if out.String() != "one\ntwo\n" || bad.calls != 1 {
		t.Errorf("%q, %d calls", out.String(), bad.calls)
	}
}

// TestFlush and the pace: a flush does not wait for it.
func TestFlush(t *testing.T) {
	var out bytes.Buffer
	s := New(t.Context(), Options{Sinks: []Sink{NewText(TextOptions{Out: &out, Err: &out})}, Pace: time.Hour})
	want := ""
	for i := range 5 {
		s.Emit(Print{Text: fmt.Sprint(i)})
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		want += fmt.Sprintln(i)
		if out.String() != want {
			t.Errorf("%q, want %q", out.String(), want)
		}
	}
	s.Emit(Print{Text: "last"})
	if err := s.Close(t.Context()); err != nil || out.String() != want+"last\n" {
		t.Errorf("%v, %q", err, out.String())
	}
}

// TestHold: nothing is written, and no status line stands, while a prompt has
// the terminal.
func TestHold(t *testing.T) {
	var screen bytes.Buffer
	s := New(t.Context(), Options{Sinks: []Sink{NewText(TextOptions{Out: &screen, Err: &screen, Status: true})}})
	s.Emit(RunStart{Hosts: []string{"a", "b"}})
	s.Emit(HostState{Host: "a", State: OK})
	release, err := s.Hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.Emit(Print{Text: "later"})
	if got := show(screen.String()); got != "" {
		t.Errorf("on the screen: %q", got)
	}
	screen.WriteString("Password: \n")
	release()
	release()
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := show(screen.String()); got != "Password: \nlater\n[1/2 hosts] waiting for b" {
		t.Errorf("on the screen: %q", got)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	again, err := s.Hold(ended)
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	again()
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestSecretsSplitOverWrites(t *testing.T) {
	var out bytes.Buffer
	hide := &secret.Redactor{}
	hide.Add(secret.New("hunter2"))
	s := New(t.Context(), Options{Sinks: []Sink{NewText(TextOptions{Out: &out, Err: &out})}, Redactor: hide})
	l := s.Lines(Output{Host: "a", Stream: Stdout})
	long := strings.Repeat("x", maxLine-3)
	for _, part := range []string{"one\ntw", "o\r\n\nhun", "ter2 is it\n", long, "hunter2yy\nlast"} {
		if n, err := l.Write([]byte(part)); err != nil || n != len(part) {
			t.Fatal(n, err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, out.String(), "a | one\na | two\na |\na | *** is it\na | "+long+"***\na | yy\na | last\n")
}

// TestLongLines come in parts that make up the line again.
func TestLongLines(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	close(g.open)
	s := New(t.Context(), Options{Sinks: []Sink{g}})
	l := s.Lines(Output{ID: 3, Host: "a", Stream: Stderr})
	long := strings.Repeat("0123456789", maxLine/4)
	_, _ = l.Write([]byte(long + "\n" + long[:maxLine] + "\nshort"))
	if err := errors.Join(l.Close(), s.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	var got []string
	line := ""
	for _, entry := range g.handled {
		o := entry.Event.(Output)
		if o.ID != 3 || o.Host != "a" || o.Stream != Stderr || len(o.Line) > maxLine {
			t.Errorf("%+v", o)
		}
		if line += o.Line; !o.Partial {
			got, line = append(got, line), ""
		}
	}
	if want := []string{long, long[:maxLine], "short"}; !slices.Equal(got, want) || line != "" {
		t.Errorf("%d lines and %q", len(got), line)
	}
}
