package command

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"time"

	"gofab/internal/fault"
	"gofab/internal/shell"
)

// errTimeout is the cause with which a context ends at the limit of an
// attempt.
var errTimeout = errors.New("time limit of the attempt")

// attempt is one start of a command.
type attempt struct {
	job    *job
	line   string
	ctx    context.Context
	cancel context.CancelCauseFunc
	limit  *time.Timer // nil without a timeout
	input  *feed       // nil is an empty standard input

	mu     sync.Mutex // one writer at a time, whichever the stream
	stdout stream
	stderr stream
	counts []int // answers given to each question, in either stream
	over   bool  // what is written from now on is dropped
}

// stream is one output of a command and what it runs through.
type stream struct {
	attempt   *attempt
	dialogue  *dialogue // nil where sudo does not ask
	responder responder
	capture   capture
	lines     lines
}

// Write never fails: a command's output is drained whatever happens to it
// here.
func (s *stream) Write(p []byte) (int, error) {
	a := s.attempt
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return len(p), nil
	}
	text := p
	if s.dialogue != nil {
		text = s.dialogue.filter(p)
	}
	s.capture.write(text)
	s.lines.write(text)
	if s.dialogue == nil || s.dialogue.begun {
		if err := s.responder.write(text); err != nil {
			a.cancel(err)
		}
	}
	return len(p), nil
}

// begin prepares an attempt; nothing runs yet.
func (j *job) begin(ctx context.Context) (*attempt, error) {
	c := j.shell
	if j.asks {
		c.Marker = rand.Text()
	}
	line, err := shell.Compose(c)
	if err != nil {
		return nil, err
	}
	a := &attempt{job: j, line: line, counts: make([]int, len(j.questions))}
	a.ctx, a.cancel = context.WithCancelCause(ctx)
	a.stdout, a.stderr = a.newStream("stdout"), a.newStream("stderr")
	a.stdin()
	if c.Marker != "" {
		a.expectSudo(c.Marker)
	}
	return a, nil
}

func (a *attempt) newStream(name string) stream {
	s := stream{attempt: a, capture: capture{limit: a.job.options.MaxOutput}}
	s.responder = responder{questions: a.job.questions, counts: a.counts, reply: a.reply}
	if onLine := a.job.request.OnLine; onLine != nil && !a.job.options.Hide {
		s.lines.emit = func(line string) { onLine(name, line) }
	}
	return s
}

func (a *attempt) reply(text string) { a.input.add(strings.NewReader(text)) }

// stdin decides what standard input is. It stays open for answers, and for a
// command that dies with its link, which is told so by the end of its input.
func (a *attempt) stdin() {
	given := !a.job.options.Stdin.Empty() || a.job.request.Stdin != nil
	if !given && !a.job.open && !a.job.asks {
		return
	}
	a.input = newFeed()
	if !a.job.asks {
		a.userInput()
	}
}

// userInput adds what the user has for the command.
func (a *attempt) userInput() {
	text := a.job.options.Stdin.Reveal()
	if a.job.options.PTY && !a.job.open && text != "" {
		text = keyboard(text)
	}
	a.reply(text)
	if a.job.request.Stdin != nil {
		a.input.add(a.job.request.Stdin)
	}
	if !a.job.open {
		a.input.end()
	}
}

// expectSudo holds the user's input back until sudo has what it wants.
func (a *attempt) expectSudo(marker string) {
	d := newDialogue(marker)
	d.ready = a.userInput
	d.asked = func() { go a.password() }
	d.refused = func() { a.cancel(a.job.refused()) }
	if a.stderr.dialogue = d; a.job.options.PTY {
		a.stdout.dialogue, a.stderr.dialogue = d, nil
	}
}

// password answers sudo. The time limit stands still meanwhile, because a
// person may have to type.
func (a *attempt) password() {
	if a.limit != nil {
		a.limit.Stop()
	}
	password, err := a.job.deps.SudoPassword(a.ctx)
	if err != nil {
		a.cancel(a.job.noPassword(err))
		return
	}
	if a.limit != nil && a.ctx.Err() == nil {
		a.limit.Reset(a.job.options.Timeout)
	}
	a.reply(password.Reveal() + "\n")
}

// run starts the command and waits for its end.
func (a *attempt) run() (Result, error) {
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
	req := Exec{Line: a.line, Stdout: &a.stdout, Stderr: &a.stderr}
	if a.job.request.Stdout != nil {
		req.Stdout = a.job.request.Stdout
	}
	if a.input != nil {
		req.Stdin = a.input
	}
	if a.job.options.PTY {
		req.PTY = &defaultPTY
	}
	if a.job.shell.Raw {
		req.Env = a.job.options.Env
	}
	return req
}

// finish settles the streams; what comes late is dropped.
func (a *attempt) finish() {
	if a.input != nil {
		a.input.stop()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	for _, s := range []*stream{&a.stdout, &a.stderr} {
		if s.dialogue != nil {
			s.capture.write(s.dialogue.held)
			s.lines.write(s.dialogue.held)
		}
		s.lines.flush()
	}
}

func (a *attempt) result(exit Exit, took time.Duration) Result {
	out, errs := &a.stdout.capture, &a.stderr.capture
	return Result{
		Code: exit.Code, Signal: exit.Signal,
		Stdout: out.text(), Stderr: errs.text(), StdoutBytes: out.total, StderrBytes: errs.total,
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
		result.OK = a.job.accepts(result)
		return result, a.job.exitError(result)
	}
	result.Code, result.Signal = -1, ""
	switch {
	case outside:
		err = a.job.cancelled()
	case cause == errTimeout:
		result.TimedOut, err = true, a.job.timedOut()
	}
	return result, err
}
