package command

import (
	"context"
	"io"
	"slices"
	"time"

	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/shell"
)

// defaultPTY has no cursor to move, so programs print plainly, and lines long
// enough not to be broken.
var defaultPTY = PTY{Term: "dumb", Rows: 50, Cols: 240}

// Request is one command for one host.
type Request struct {
	Host    string   // name in results and errors
	Line    string   // shell text; or:
	Args    []string // a program and its arguments
	Options Options  // see Defaults

	// Stdin is read after Options.Stdin. A command with it is not tried again.
	Stdin io.Reader
	// Stdout gets the standard output as it is, and then the Result has none.
	// It does not go with Watch and PTY.
	Stdout io.Writer
	// OnLine gets each line of output as it arrives, of "stdout" or "stderr",
	// never two at once. The command waits for it.
	OnLine func(stream, line string)
}

// Deps is what a run lends to its commands.
type Deps struct {
	// SudoPassword is asked when sudo wants the password, and not before. It
	// is called from a goroutine of its own, for every host; who asks a person
	// does it once for all. Nil lets sudo fail rather than ask.
	SudoPassword func(ctx context.Context) (secret.Value, error)
}

// job is a request that was checked.
type job struct {
	ctx       context.Context
	executor  Executor
	request   Request
	options   Options
	deps      Deps
	text      string // the command as it was given
	shell     shell.Command
	questions []question
	asks      bool // sudo may ask for the password
	open      bool // standard input stays open until the command ends
}

// Run runs a command until it succeeds or its attempts are used up. The Result
// is as complete as is known, also beside an error; an error holds it too.
func Run(ctx context.Context, ex Executor, req Request, deps Deps) (Result, error) {
	j, err := newJob(ctx, ex, req, deps)
	if err != nil {
		return Result{Code: -1, Host: req.Host}, onHost(req.Host, err)
	}
	result, err := j.run()
	if err != nil {
		failure := *onHost(req.Host, err)
		failure.Result = result
		return result, &failure
	}
	return result, nil
}

func newJob(ctx context.Context, ex Executor, req Request, deps Deps) (*job, error) {
	o := req.Options
	if err := o.check(req.Stdin != nil); err != nil {
		return nil, err
	}
	if !o.Password.Empty() {
		deps.SudoPassword = func(context.Context) (secret.Value, error) { return o.Password, nil }
	}
	j := &job{ctx: ctx, executor: ex, request: req, options: o, deps: deps, shell: o.command(req)}
	j.asks = (o.Sudo || o.User != "") && deps.SudoPassword != nil
	j.open = len(o.Watch) > 0 || j.shell.Watch
	var err error
	if j.text, err = j.shell.Text(); err != nil {
		return nil, err
	}
	j.questions, err = questions(o.Watch)
	return j, err
}

// check refuses what does not go together.
func (o Options) check(stream bool) error {
	talks := stream || !o.Stdin.Empty() || len(o.Watch) > 0
	switch {
	case o.Detach && (talks || o.PTY):
		return fault.New(fault.Usage, "a detached command has no stdin, watch or pty")
	case stream && o.Retries > 0:
		return fault.New(fault.Usage, "a command that reads a stream cannot be tried again")
	case o.Retries < 0 || o.Delay < 0 || o.Timeout < 0 || o.MaxOutput < 0:
		return fault.New(fault.Usage, "retries, delay, timeout and max_output cannot be negative")
	}
	return nil
}

// command is what package shell has to know. A command dies with its link when
// its standard input is free to tell it; under a PTY the terminal does that.
func (o Options) command(req Request) shell.Command {
	free := o.Stdin.Empty() && req.Stdin == nil && len(o.Watch) == 0
	c := shell.Command{
		Line: req.Line, Args: req.Args,
		Cwd: o.Cwd, Env: o.Env, Umask: o.Umask, Prefix: o.Prefix, Login: o.Login,
		Sudo: o.Sudo, User: o.User, Detach: o.Detach,
		Raw: o.Shell == NoShell,
	}
	if c.Raw {
		c.Env = nil // goes beside the line
		return c
	}
	c.Shell = string(o.Shell)
	c.Watch = free && !o.PTY && !o.Detach
	return c
}

func (j *job) run() (Result, error) {
	for n := 1; ; n++ {
		a, err := j.begin(j.ctx)
		if err != nil {
			return Result{Code: -1, Host: j.request.Host, Command: j.text}, err
		}
		if j.options.Dry {
			a.cancel(nil)
			return Result{OK: true, Dry: true, Host: j.request.Host, Command: j.text, Line: a.line}, nil
		}
		result, err := a.run()
		a.cancel(nil)
		result.Attempts = n
		if err == nil || !again(result, err) {
			return result, err
		}
		if n > j.options.Retries {
			return result, j.raise(err)
		}
		if err := pause(j.ctx, j.options.Delay); err != nil {
			return result, j.cancelled()
		}
	}
}

// again says that a failure may go away by itself. A lost link is not tried
// again: the command may have run.
func again(r Result, err error) bool {
	return r.TimedOut || fault.KindOf(err) == fault.Exit
}

// raise drops the failures that check=false makes a result.
func (j *job) raise(err error) error {
	if j.options.Check {
		return err
	}
	return nil
}

func (j *job) accepts(r Result) bool {
	return r.Code == 0 || slices.Contains(j.options.OKCodes, r.Code)
}

func pause(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
