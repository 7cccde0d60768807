package command

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"sync"
	"time"

	"gofab/internal/fault"
	"gofab/internal/shell"
)

// TimeLimit is what an executor may return for a command that reached the limit
// of its attempt when it did so at another time.
var TimeLimit error = errTimeout

// errTimeout is the cause with which a context ends at the limit of an
// attempt.
var errTimeout = errors.New("time limit of the attempt")

// attempt is one start of a command.
type attempt struct {
	job      *job
	line     string
	ctx      context.Context
	cancel   context.CancelCauseFunc
	limit    *time.Timer // nil without a timeout
	input    *feed       // nil is an empty standard input
	file     *os.File    // standard input from a file; nil is none
	dialogue *dialogue   // with sudo, su or doas; nil is none
	person   *person     // who types; nil is nobody
	work     sync.WaitGroup

	mu     sync.Mutex // one writer at a time, whichever the stream
	stdout stream
	stderr stream
	counts []int // answers given to each question, in either stream
	over   bool  // what is written from now on is dropped
}

// begin prepares an attempt; nothing runs yet.
func (j *job) begin(ctx context.Context) (*attempt, error) {
	a := &attempt{job: j, counts: make([]int, len(j.questions))}
	if name := j.options.Stdin.File; name != "" && !j.options.Dry {
		var err error
		if a.file, err = openInput(name); err != nil {
			return nil, err
		}
	}
	c := j.shell
	if j.asks {
		c.Marker = rand.Text()
	}
	if j.request.OnPID != nil && !c.Raw {
		c.PID = rand.Text()
	}
	if j.transparent {
		c.Terminal, c.Input = shell.Transparent, a.inputSize()
	}
	var err error
	if a.line, err = shell.Compose(c); err != nil {
		a.closeFile()
		return nil, err
	}
	a.ctx, a.cancel = context.WithCancelCause(ctx)
	a.stdout, a.stderr = a.newStream("stdout"), a.newStream("stderr")
	if c.PID != "" {
		a.expectPID(c.PID)
	}
	a.stdin()
	if c.Marker != "" {
		a.expectPrompt(c.Marker)
	}
	return a, nil
}

// close releases what begin took.
func (a *attempt) close() {
	a.cancel(nil)
	a.work.Wait()
	a.closeFile()
}

func (a *attempt) closeFile() {
	if a.file != nil {
		_ = a.file.Close()
	}
}

// run starts the command and waits for its end.
func (a *attempt) run() (Result, error) {
	if a.job.options.Stdin.Terminal {
		if err := a.seat(); err != nil {
			return a.result(Exit{Code: -1}, 0), err
		}
	}
	started := time.Now()
	if limit := a.job.options.Timeout; limit > 0 {
		a.limit = time.AfterFunc(limit, func() { a.cancel(errTimeout) })
		defer a.limit.Stop()
	}
	exit, err := a.job.executor.Exec(a.ctx, a.exec())
	a.finish()
	result := a.result(exit, time.Since(started))
	return a.outcome(result, err)
}

func (a *attempt) exec() Exec {
	o := a.job.options
	req := Exec{Line: a.line, Request: &a.job.request, Stdout: &a.stdout, Stderr: &a.stderr}
	if a.job.request.Stdout != nil && a.stdout.dialogue == nil {
		req.Stdout = a.job.request.Stdout
	}
	if a.input != nil {
		req.Stdin = a.input
	}
	switch {
	case o.PTY:
		req.PTY = a.terminal()
	case a.job.transparent:
		req.PTY = &PTY{Term: "dumb", Rows: 24, Cols: 80}
	}
	if a.job.shell.Raw {
		req.Env = o.Env
	}
	return req
}

// finish settles the streams; what comes late is dropped.
func (a *attempt) finish() {
	if a.input != nil {
		a.input.stop()
	}
	a.mu.Lock()
	for _, s := range []*stream{&a.stdout, &a.stderr} {
		s.finish()
	}
	a.over = true
	a.mu.Unlock()
	if a.person != nil {
		a.person.leave()
	}
}

func (a *attempt) result(exit Exit, took time.Duration) Result {
	out, errs := &a.stdout.capture, &a.stderr.capture
	stdout := out.text()
	return Result{
		Code: exit.Code, Signal: exit.Signal,
		Stdout: stdout, Stderr: errs.text(), Lines: cutLines(stdout), StdoutBytes: out.total, StderrBytes: errs.total,
		Truncated: out.left() > 0 || errs.left() > 0,
		Command:   a.job.text, Host: a.job.request.Host, Line: a.line, Duration: took,
	}
}

// outcome tells why an attempt ended. A known exit is believed, even if the
// limit was reached at the same moment; but not when the attempt was given up,
// by a refused password for instance.
func (a *attempt) outcome(result Result, err error) (Result, error) {
	cause := context.Cause(a.ctx)
	var givenUp *fault.Error
	outside := a.job.ctx.Err() != nil
	if !outside && errors.As(cause, &givenUp) {
		err = givenUp
	}
	if err == nil {
		if refusal := a.refusal(result); refusal != nil {
			return result, refusal
		}
		result.OK = a.job.accepts(result)
		return result, a.job.exitError(result)
	}
	result.Code, result.Signal = -1, ""
	switch {
	case outside:
		err = a.job.cancelled()
	case cause == errTimeout, err == errTimeout:
		result.TimedOut, err = true, a.job.timedOut()
	}
	return result, err
}
