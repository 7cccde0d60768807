package host

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/runtime/transport"
)

type startArgs struct {
	Command command.Words `lua:"command,arg1" doc:"A line for the shell, or a list of a program and its arguments, which need no quoting."`
	command.Options
	Input bool `lua:"input" default:"false" doc:"Keep standard input open for p:write. The command does not notice a link that breaks then, unless it reads."`
}

func start(c *kit.Call, h *Handle, a startArgs) (*Job, error) {
	job, err := h.Start(c.Context, a.Command, a.Options, a.Input)
	if err == nil && !job.stays {
		keep(c, job)
	}
	return job, err
}

// Start starts a command inside the handle's scope. It ends with ctx; one that
// is detached stays.
func (h *Handle) Start(ctx context.Context, words command.Words, o command.Options, input bool) (*Job, error) {
	o.Scope = h.scope.Inside(o.Scope)
	job := &Job{ID: strings.ToLower(rand.Text()[:12]), host: h, command: words.Text(), stays: o.Detach}
	if o.Detach && !o.Dry {
		run, err := h.stay(ctx, job.ID, words, o)
		job.run = run
		return job, h.named(err)
	}
	o.Detach = false
	var conn transport.Conn
	if !o.Dry {
		var err error
		if conn, err = h.conn(ctx); err != nil {
			return nil, err
		}
	}
	t := Command{Host: h, Words: words, Options: o}.telling(ctx)
	request := command.Request{Host: h.Name, Line: words.Line, Args: words.Args, Options: o, OnStart: t.start, OnLine: t.line}
	began := time.Now()
	r := command.Start(ctx, conn, request, h.services.Commands, input)
	go func() {
		result, _ := r.Wait(context.WithoutCancel(ctx))
		t.end(result, time.Since(began))
	}()
	job.run = attached{r, input}
	return job, nil
}

// Close ends a job at the end of its task.
func (p *Job) Close() error { return p.run.close(context.Background()) }

// attached is a job of this run.
type attached struct {
	*command.Running
	input bool
}

func (a attached) wait(ctx context.Context) (command.Result, error) { return a.Wait(ctx) }

func (a attached) poll(context.Context) (bool, error) {
	select {
	case <-a.Done():
		return true, nil
	default:
		return false, nil
	}
}

func (a attached) tail(_ context.Context, n int) ([]string, error) { return a.Tail.Last(n), nil }

func (a attached) lines() kit.Iter {
	number := int64(0)
	return func(c *kit.Call) (any, bool, error) {
		line, next, ok, err := a.Tail.Next(c.Context, number)
		number = next
		return line, ok, err
	}
}

func (a attached) pid(ctx context.Context) (int, error) { return a.PID(ctx) }

func (a attached) write(text *string) error {
	if !a.input {
		return fault.New(fault.Usage, "the command has no standard input").WithHint("start it with input = true")
	}
	if ended, _ := a.poll(context.Background()); ended {
		return fault.New(fault.Failed, "the command has ended")
	}
	a.Write(text)
	return nil
}

func (a attached) close(context.Context) error { return a.Running.Close() }

// scriptLine runs a script of ours with arguments.
func scriptLine(script string, args ...string) string {
	line := "/bin/sh -c " + quoted(script) + " gofab"
	for _, arg := range args {
		line += " " + quoted(arg)
	}
	return line
}

func decimal(n int) string { return strconv.Itoa(n) }

// isLost says that a link broke, and nothing else.
func isLost(err error) bool {
	var e *fault.Error
	return errors.As(err, &e) && (e.Kind == fault.Lost || e.Kind == fault.Unreachable)
}
