package expect

import (
	"context"
	"strings"
	"time"

	"gofab/bindings/kit"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/screen"
	"gofab/internal/termsafe"
)

type waitScreenArgs struct {
	For     condition      `lua:"for,arg1" doc:"A regular expression over the text of the screen, expect.literal(text), or a function."`
	Timeout *time.Duration `lua:"timeout" default:"" doc:"Limit; the dialogue's own when absent, 0 looks at what is there."`
}

// waitScreen looks at the screen after every change. The waiting for the end
// of the output keeps the output moving, and the standing rules at work.
func waitScreen(c *kit.Call, v *view, a waitScreenArgs) (any, error) {
	ctx, stop := context.WithCancel(c.Context)
	ended := make(chan error, 1)
	over := make(chan struct{})
	go func() {
		defer close(over)
		wait := waiting{Timeout: a.Timeout}.wait()
		wait.Peek = true
		_, err := v.process.Expect(ctx, []engine.Pattern{engine.EOF}, wait)
		ended <- err
	}()
	defer func() { stop(); <-over }()
	for last := error(nil); ; {
		changed := v.Look(func(*screen.Screen) {})
		value, ok, err := v.holds(c, a.For)
		switch {
		case err != nil || ok:
			return value, err
		case last != nil:
			return nil, v.unseen(a.For, last)
		}
		select {
		case <-changed:
		case err := <-ended:
			if last = err; err == nil {
				last = errEnded
			}
		case <-c.Context.Done():
			return nil, context.Cause(c.Context)
		}
	}
}

var errEnded error = fault.New(fault.Failed, "the program has ended")

// holds tells whether a condition is met, and gives what met it.
func (v *view) holds(c *kit.Call, w condition) (any, bool, error) {
	if w.pattern == nil {
		values, err := w.function.Call(c.Context, v)
		if err != nil || len(values) == 0 || values[0] == nil || values[0] == false {
			return nil, false, err
		}
		return values[0], true, nil
	}
	text := v.text()
	found := w.pattern.FindStringIndex(text)
	if found == nil {
		return nil, false, nil
	}
	return text[found[0]:found[1]], true, nil
}

func (v *view) text() (text string) {
	v.Look(func(s *screen.Screen) { text = s.Text() })
	return text
}

// shownRows is how much of the screen an error shows.
const shownRows = 10

// unseen says what was not seen, and what was.
func (v *view) unseen(w condition, why error) error {
	what := w.text
	if w.pattern == nil {
		what = "what the function at " + w.function.Where() + " wants"
	}
	e := *fault.From(why)
	if e.Kind == fault.Timeout {
		e = *fault.New(fault.Timeout, "the screen did not show %s in time", what)
	} else if why == errEnded {
		e = *fault.New(fault.Failed, "the program has ended, and the screen does not show %s", what)
	}
	e.Hint = "it is blank"
	if text := v.text(); text != "" {
		lines := strings.Split(termsafe.Clean(text), "\n")
		e.Hint = "it shows:\n    " + strings.Join(lines[max(len(lines)-shownRows, 0):], "\n    ")
	}
	e.Host = v.process.Host()
	return &e
}
