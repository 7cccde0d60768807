package command

import (
	"context"
	"io"
	"slices"
	"time"

	"gofab/internal/fault"
	"gofab/internal/interact"
	"gofab/internal/secret"
	"gofab/internal/shell"
)

// Request is one command for one host.
type Request struct {
	Host    string   // name in results and errors
	Line    string   // shell text; or:
	Args    []string // a program and its arguments
	Text    string   // what people read instead of them; "" is those
	Options Options  // see Defaults

	// Stdin is read after Options.Stdin. A command with it is not tried again.
	Stdin io.Reader
	// Stdout gets the standard output as it is, and then the Result has none.
	// It does not go with Watch and PTY.
	Stdout io.Writer
	// OnStart gets the line that is sent, before each attempt, and with Dry
	// instead of it; without what looks after link and password, so that it can
	// be given to a shell by hand.
	OnStart func(line string)
	// OnLine gets each line of output as it arrives, of "stdout" or "stderr",
	// never two at once. The command waits for it.
	OnLine func(stream, line string)
	// Tail gets the last lines of output, also of what is hidden.
	Tail *Tail
	// OnPID gets the process id of the shell that runs the line.
	OnPID func(pid int)
	// OnInput gets a function that writes to standard input, which stays open
	// until it is called with nil.
	OnInput func(write func(text *string))
}

// Deps is what a run lends to its commands. The zero value lends nothing.
type Deps struct {
	// Defaults hold where neither a scope nor the command says otherwise.
	Defaults *Scope
	// BecomePassword is asked when a password is wanted, and not before: that of
	// the login user (of is "") or, for su, of another. It is called from a
	// goroutine of its own, for every host; who asks a person does it once for
	// all. Nil lets sudo fail rather than ask.
	BecomePassword func(ctx context.Context, of string) (secret.Value, error)
	// Window is the operator's terminal, whose size pseudo terminals take.
	Window Window
	// Console gives the operator's terminal to one command.
	Console func(ctx context.Context) (console interact.Console, release func(), err error)
	// Warn shows a failure that is no error.
	Warn func(err error)
}

// Options puts the defaults of the run around the options of one command.
func (d Deps) Options(o Options) Options {
	if d.Defaults != nil {
		o.Scope = d.Defaults.Inside(o.Scope)
	}
	return o
}

// job is a request that was checked.
type job struct {
	ctx         context.Context
	executor    Executor
	request     Request
	options     Options
	deps        Deps
	text        string // the command as it was given
	shell       shell.Command
	questions   []question
	asks        bool // a password may be asked for
	open        bool // standard input stays open until the command ends
	transparent bool // su or doas asks on a terminal only, so there is one
	files       files
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
	if o.Stdin.Terminal {
		o.PTY = true
	}
	if err := o.check(req); err != nil {
		return nil, err
	}
	if !o.Password.Empty() {
		deps.BecomePassword = func(context.Context, string) (secret.Value, error) { return o.Password, nil }
	}
	j := &job{ctx: ctx, executor: ex, request: req, options: o, deps: deps, shell: o.command(req)}
	j.shell.Watch = j.shell.Watch && !Unwatched(ex)
	j.asks = o.Becomes() && deps.BecomePassword != nil
	j.open = len(o.Watch) > 0 || j.shell.Watch || o.Stdin.Terminal || req.OnInput != nil
	var err error
	if j.text, err = j.shell.Text(); err != nil {
		return nil, err
	}
	if req.Text != "" {
		j.text = req.Text
	}
	if _, err = decoder(o.Encoding, io.Discard); err != nil {
		return nil, err
	}
	j.questions, err = questions(o.Watch, o.FailOn)
	return j, err
}

// check refuses what does not go together.
func (o Options) check(req Request) error {
	stream := req.Stdin != nil
	talks := stream || !o.Stdin.IsZero() || len(o.Watch) > 0 || req.OnInput != nil
	switch {
	case o.Detach && (talks || o.PTY):
		return fault.New(fault.Usage, "a detached command has no stdin, watch or pty")
	case stream && o.Retries > 0:
		return fault.New(fault.Usage, "a command that reads a stream cannot be tried again")
	case o.Stdin.Terminal && len(o.Watch) > 0:
		return fault.New(fault.Usage, "either the operator types, or watch answers")
	case o.PTY && (o.Stdout.File != "" || req.Stdout != nil):
		return fault.New(fault.Usage, "a pseudo terminal changes what goes through it: leave out pty, or stdout")
	case o.Shell == NoShell && o.Creates+o.OnlyIf+o.Unless != "":
		return fault.New(fault.Usage, "without a shell there is no creates, only_if or unless")
	case o.Retries < 0 || o.Delay < 0 || o.Timeout < 0 || o.MaxOutput < 0:
		return fault.New(fault.Usage, "retries, delay, timeout and max_output cannot be negative")
	}
	return nil
}

// command is what package shell has to know. A command dies with its link when
// its standard input is free to tell it; under a PTY the terminal does that.
func (o Options) command(req Request) shell.Command {
	free := o.Stdin.IsZero() && req.Stdin == nil && len(o.Watch) == 0 && req.OnInput == nil
	c := shell.Command{
		Line: req.Line, Args: req.Args,
		Cwd: o.Cwd, Env: o.Env, ReplaceEnv: o.ReplaceEnv, Umask: o.Umask, Prefix: o.Prefix, Login: o.Login,
		Sudo: o.Sudo, User: o.User, Group: o.Group, Become: o.Become, Detach: o.Detach,
		Raw: o.Shell == NoShell,
	}
	if c.Raw {
		c.Env = nil // goes beside the line
		return c
	}
	c.Shell = string(o.Shell)
	c.Watch = free && !o.PTY && !o.Detach
	if o.PTY {
		c.Terminal = shell.Wanted
	}
	return c
}

func (j *job) run() (Result, error) {
	if reason, err := j.guard(); reason != "" || err != nil {
		result := Result{OK: err == nil, Skipped: err == nil, Host: j.request.Host, Command: j.text, Lines: []string{}}
		if err != nil {
			result.Code = -1
		}
		return result, err
	}
	if err := j.openFiles(); err != nil {
		return Result{Code: -1, Host: j.request.Host, Command: j.text, Lines: []string{}}, err
	}
	defer j.files.close()
	for n := 1; ; n++ {
		result, err := j.attempt()
		if result.Dry {
			return result, err
		}
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

// attempt starts the command once, and once more when only a terminal was
// missing to ask for the password.
func (j *job) attempt() (Result, error) {
	for {
		a, err := j.begin(j.ctx)
		if err != nil {
			return Result{Code: -1, Host: j.request.Host, Command: j.text, Lines: []string{}}, err
		}
		if j.options.Dry {
			a.line = j.plainLine()
		}
		if j.request.OnStart != nil && !j.transparent {
			j.request.OnStart(j.plainLine())
		}
		if j.options.Dry {
			a.close()
			return Result{OK: true, Dry: true, Host: j.request.Host, Command: j.text, Line: a.line, Lines: []string{}}, nil
		}
		result, err := a.run()
		a.close()
		if !a.wantsTerminal(result) {
			return result, err
		}
		j.transparent = true
	}
}

// Judge tells whether an exit that is known from elsewhere is a failure, as Run
// does.
func Judge(r Result, o Options) (Result, error) {
	j := &job{options: o, text: r.Command}
	r.OK = j.accepts(r)
	err := j.exitError(r)
	if err == nil || j.raise(err) == nil {
		return r, nil
	}
	failure := *onHost(r.Host, err)
	failure.Result = r
	return r, &failure
}

// plainLine is the line that is sent, as a person could paste it.
func (j *job) plainLine() string {
	c := j.shell
	c.Watch, c.Terminal, c.Interactive = false, shell.NoTerminal, true
	line, err := shell.Compose(c)
	if err != nil {
		return j.text // begin has said why
	}
	return line
}

// again says that a failure may go away by itself. A lost link is not tried
// again: the command may have run.
func again(r Result, err error) bool {
	return r.TimedOut || fault.KindOf(err) == fault.Exit
}

// raise drops the failures that check=false makes a result, and shows those
// that are to be a warning.
func (j *job) raise(err error) error {
	switch {
	case j.options.Warn:
		if j.deps.Warn != nil {
			j.deps.Warn(onHost(j.request.Host, err))
		}
		return nil
	case j.options.Check:
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
