package event

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"gofab/internal/termsafe"
	"gofab/internal/testenv"
)

// keeper is a sink that keeps what it gets, and finishes with an error.
type keeper struct {
	names    []string
	flushes  chan struct{}
	finished int
	failure  error
}

func (k *keeper) Handle(e Entry) error {
	if _, output := e.Event.(Output); !output {
		k.names = append(k.names, e.Event.Name())
	}
	return nil
}
func (k *keeper) Finish() error { k.finished++; return k.failure }
func (k *keeper) Flush() error {
	select {
	case k.flushes <- struct{}{}:
	default:
	}
	return nil
}

// TestAttach: a sink that comes late gets the events from there on, in order.
func TestAttach(t *testing.T) {
	testenv.Goroutines(t)
	first, late := &keeper{}, &keeper{}
	sinks := []Sink{first}
	s := New(t.Context(), Options{Sinks: sinks})
	s.Emit(Print{Text: "before"})
	s.Attach(late)
	s.Emit(Warning{Text: "after"})
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(first.names) != 2 || len(late.names) != 1 || late.names[0] != "warning" || late.finished != 1 {
		t.Errorf("%v, %v", first.names, late.names)
	}
	s.Attach(&keeper{}) // too late, and no harm
}

// TestFinish: each sink is finished once, before the end and with its error;
// what shows events live goes on.
func TestFinish(t *testing.T) {
	testenv.Goroutines(t)
	var out bytes.Buffer
	broken := errors.New("disk full")
	k := &keeper{failure: broken}
	s := New(t.Context(), Options{Sinks: []Sink{k, NewText(TextOptions{Out: &out, Err: &out})}})
	s.Emit(Print{Text: "one"})
	if err := s.Finish(t.Context()); !errors.Is(err, broken) || len(k.names) != 1 {
		t.Errorf("%v after %v", err, k.names)
	}
	s.Emit(Print{Text: "two"})
	if err := s.Close(t.Context()); !errors.Is(err, broken) {
		t.Error(err)
	}
	if k.finished != 1 || out.String() != "one\ntwo\n" {
		t.Errorf("finished %d times, %q", k.finished, out.String())
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Finish(ended); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestTick: a sink is flushed although nothing happens.
func TestTick(t *testing.T) {
	testenv.Goroutines(t)
	k := &keeper{flushes: make(chan struct{}, 1)}
	s := New(t.Context(), Options{Sinks: []Sink{k}, Tick: time.Millisecond})
	for range 3 {
		<-k.flushes
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// FuzzText: whatever a host writes, in whatever way it is shown, nothing gets
// out that a terminal acts upon, and every line of it has the host's name in
// front or is indented.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"plain", "\x1b[2J", "\u009b31m", "a\rb", "\u202e", "x\nweb2 | forged", "\x9b\xff", "\x1b]8;;http://x\x07"} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, fold bool) {
		var out bytes.Buffer
		r := NewText(TextOptions{Out: &out, Err: &out, Verbosity: Everything, Fold: fold, Diff: fold})
		failure := &Failure{Message: text, Hint: text}
		for _, e := range joined(
			visit1("t", "web1", answers(1, "web1", "c", 0, false, "same", text)...), visit1("t", "web2", answers(2, "web2", "c", 0, false, "same")...),
			[]Event{
				HostState{Host: "web1", State: Failed, Error: failure}, Log{Level: Info, Host: "web1", Text: text}, Print{Host: "web1", Text: text},
				Transfer{Host: "web1", Path: text, Finished: true}, GroupResult{Groups: []Folded{{Hosts: []string{"web1"}, Output: text}}},
				RunEnd{Summary{Hosts: 1, Failures: []HostFailure{{"web3", Failed, failure}}}},
			}) {
			if err := r.Handle(Entry{Event: e}); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Flush(); err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(out.Bytes()) {
			if i := bytes.IndexFunc(bytes.TrimSuffix(line, []byte("\n")), func(c rune) bool { return c != '\t' && termsafe.Unsafe(c) }); i >= 0 {
				t.Fatalf("%q", line)
			}
			if bytes.HasPrefix(line, []byte("web2 | forged")) {
				t.Fatalf("forged: %q", line)
			}
		}
	})
}
