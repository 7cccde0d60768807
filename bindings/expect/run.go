package expect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
)

type runArgs struct {
	Command command.Words `lua:"command,arg1" doc:"A line for the shell, or a list of a program and its arguments."`
	placed
	Events  []step        `lua:"events" default:"" doc:"Questions and answers, as dialog has them. A function that returns true ends the program too."`
	Timeout time.Duration `lua:"timeout" default:"30s" doc:"Limit for the whole run; where an event is TIMEOUT, of each wait."`
	Check   bool          `lua:"check" default:"true" doc:"Raise when it ends with another code than 0, or at the timeout. With false, look at the result."`
	Echo    bool          `lua:"echo" default:"true" doc:"Whether the terminal shows what is sent."`
	Log     string        `lua:"log" default:"" doc:"File to which both directions are added, with secrets as stars."`
}

// runResult is what a run left.
type runResult struct {
	OK       bool   `lua:"ok" doc:"Whether the code was 0, or an event ended the program."`
	Code     *int   `lua:"code" doc:"Exit code; nil when there is none."`
	Signal   string `lua:"signal" doc:"Signal that ended it, without SIG; \"\" after a normal exit."`
	Output   string `lua:"output" doc:"Everything that was shown."`
	TimedOut bool   `lua:"timed_out" doc:"Whether the timeout was reached."`
}

func run(c *kit.Call, a runArgs) (*runResult, error) {
	p, err := start(c, a.placed, held{Timeout: a.Timeout, Log: a.Log}, engine.Command{
		Line: a.Command.Line, Args: a.Command.Args, Term: "dumb", Rows: 50, Cols: 240, Echo: a.Echo,
	})
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.Close() }()
	list, err := rules(c, p, a.Events)
	if err != nil {
		return nil, err
	}
	ctx, each := c.Context, engine.Wait{Timeout: a.Timeout}
	if !slices.ContainsFunc(list, func(r engine.Rule) bool { return r.Pattern == engine.Timeout }) {
		each.Timeout = engine.Forever
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(c.Context, a.Timeout)
		defer stop()
	}
	r, err := converse(ctx, p, list, each)
	r.TimedOut = r.TimedOut || ctx.Err() != nil && c.Context.Err() == nil
	switch {
	case r.TimedOut && err != nil:
		err = fault.New(fault.Timeout, "%s did not end within %s", p, a.Timeout)
	case err != nil && fault.KindOf(err) != fault.Exit:
		return nil, scripted(err)
	}
	if err == nil || !a.Check {
		return r, nil
	}
	e := fault.From(err)
	e.Result, e.Host = r, p.Host()
	return nil, e
}

// converse answers until the output ends, and collects all of it.
func converse(ctx context.Context, p *engine.Process, list []engine.Rule, each engine.Wait) (*runResult, error) {
	r, stopped := &runResult{}, false
	for i := range list {
		list[i].Reply = noting(list[i].Reply, &stopped)
	}
	var output strings.Builder
	defer func() { r.Output = output.String() }()
	turns, err := p.Dialog(ctx, append(list, engine.Rule{Pattern: engine.EOF}), each)
	last := engine.Pattern{}
	for _, t := range turns {
		if last = t.Match.Pattern; last != engine.Timeout { // which takes nothing
			output.WriteString(t.Match.Before + t.Match.Text)
		}
	}
	switch {
	case err == nil && last == engine.EOF:
		return r, r.ended(ctx, p, each)
	case err == nil && !stopped && last != engine.Timeout: // an entry with done
		return r, r.rest(ctx, p, each, &output)
	}
	output.WriteString(p.Pending())
	r.TimedOut = err == nil && last == engine.Timeout
	r.OK = err == nil && !r.TimedOut
	return r, err
}

// rest collects what comes after the last answer.
func (r *runResult) rest(ctx context.Context, p *engine.Process, each engine.Wait, output *strings.Builder) error {
	m, err := p.Expect(ctx, []engine.Pattern{engine.EOF}, each)
	if err != nil {
		output.WriteString(p.Pending())
		r.TimedOut = fault.KindOf(err) == fault.Timeout
		return err
	}
	output.WriteString(m.Before)
	return r.ended(ctx, p, each)
}

// noting is a reply that says when it ends the program.
func noting(reply func(context.Context, *engine.Match) (engine.Answer, error), stopped *bool) func(context.Context, *engine.Match) (engine.Answer, error) {
	return func(ctx context.Context, m *engine.Match) (engine.Answer, error) {
		a, err := reply(ctx, m)
		*stopped = *stopped || a.Done
		return a, err
	}
}

// ended waits for the end of the program, which may outlive its output. Another
// code than 0 is an error.
func (r *runResult) ended(ctx context.Context, p *engine.Process, each engine.Wait) error {
	limited := ctx
	if each.Timeout != engine.Forever {
		var stop context.CancelFunc
		limited, stop = context.WithTimeout(ctx, each.Timeout)
		defer stop()
	}
	exit, err := p.Wait(limited)
	if err != nil {
		r.TimedOut = limited.Err() != nil && ctx.Err() == nil
		return err
	}
	r.OK, r.Signal = exit.Code == 0 && exit.Signal == "", exit.Signal
	how := "signal " + exit.Signal
	if exit.Signal == "" {
		r.Code, how = &exit.Code, fmt.Sprintf("code %d", exit.Code)
	}
	if !r.OK {
		return fault.New(fault.Exit, "%s ended with %s", p, how)
	}
	return nil
}
