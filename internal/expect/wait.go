package expect

import (
	"context"
	"strings"
	"time"

	"gofab/internal/fault"
)

// Wait says how to wait.
type Wait struct {
	Timeout time.Duration // 0 is the process's; Now looks at what is there
	Window  int           // bytes before the end in which a match lies; 0 is all
	Peek    bool          // leave the match in the buffer
	Settle  time.Duration // 0 is the process's
}

// Now and Forever are timeouts: none at all, and one that never ends.
const (
	Now     = -1 * time.Nanosecond
	Forever = 1<<63 - 1
)

// Match is what a wait found.
type Match struct {
	Index   int      // of the pattern in its list, from 0
	Pattern Pattern  // the pattern
	Before  string   // output in front of it
	Text    string   // what matched; "" for EOF and Timeout
	Groups  []string // of the expression; the first is Text
	Took    []bool   // which groups took part
	Names   []string // of the groups
	Dropped int64    // bytes missing in front of Before, for want of room
}

// Expect waits for the first of some patterns. An empty list waits for the end
// of the output. EOF and Timeout are errors unless the list names them. The
// questions of standing rules are no part of what is before the match.
func (p *Process) Expect(ctx context.Context, patterns []Pattern, w Wait) (*Match, error) {
	if len(patterns) == 0 {
		patterns = []Pattern{EOF}
	}
	deadline := p.deadline(w)
	apart := "" // output between the questions of standing rules
	for used := map[int]int{}; ; {
		m, err := p.expectOnce(ctx, patterns, w, deadline)
		if err != nil {
			return nil, err
		}
		m.Before = apart + m.Before
		if over := len(m.Before) - p.opts.Buffer; over > 0 && apart != "" {
			m.Before, m.Dropped = m.Before[over:], m.Dropped+int64(over)
		}
		if m.Index < len(patterns) {
			return m, nil
		}
		apart = m.Before
		if err := p.obey(ctx, m, len(patterns), used); err != nil {
			return nil, err
		}
	}
}

func (p *Process) deadline(w Wait) time.Time {
	switch timeout := defaulted(w.Timeout, p.opts.Timeout); timeout {
	case Now:
		return time.Time{}
	case Forever:
		return time.Now().AddDate(100, 0, 0)
	default:
		return time.Now().Add(timeout)
	}
}

// expectOnce waits for the patterns and the standing rules, whose indexes
// follow.
func (p *Process) expectOnce(ctx context.Context, patterns []Pattern, w Wait, deadline time.Time) (*Match, error) {
	q, err := p.ask(patterns, w)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	err = p.await(ctx, deadline, func(late bool) (bool, time.Duration) { return q.try(late) })
	switch {
	case err == errLate:
		err = q.late(time.Since(began))
	case err == nil && q.failure != nil:
		err = q.failure
	}
	p.trace(q, time.Since(began), err)
	if err != nil {
		return nil, p.readFault(err)
	}
	return q.match, nil
}

// errLate says that the deadline has passed.
var errLate error = fault.New(fault.Timeout, "timeout")

// await calls try until it is done: at once, after each change, when try wants
// it again, and for the last time at the deadline.
func (p *Process) await(ctx context.Context, deadline time.Time, try func(late bool) (bool, time.Duration)) error {
	late := !time.Now().Before(deadline)
	if done, _ := try(late); done {
		return nil
	}
	changes := make(chan struct{}, 1)
	defer p.watch(changes)()
	return awaitOn(ctx, changes, deadline, try) // something may have come before we watched
}

func awaitOn(ctx context.Context, changes <-chan struct{}, deadline time.Time, try func(late bool) (bool, time.Duration)) error {
	for {
		now := time.Now()
		late := !now.Before(deadline)
		done, again := try(late)
		switch {
		case done:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case late:
			return errLate
		}
		pause := deadline.Sub(now)
		if again > 0 {
			pause = min(pause, again)
		}
		if err := sleep(ctx, changes, pause); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, changes <-chan struct{}, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-changes:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// question is one wait for one list of patterns.
type question struct {
	p       *Process
	scan    *scanner
	all     []Pattern // the list and the patterns of the rules
	wait    Wait
	settle  time.Duration
	match   *Match
	failure *fault.Error
	pending string // what was there when it was asked, for the trace
}

// ask begins a wait with the standing rules.
func (p *Process) ask(patterns []Pattern, w Wait) (*question, error) {
	p.mu.Lock()
	all := patterns
	for _, r := range p.rules {
		all = append(all[:len(all):len(all)], r.Pattern)
	}
	p.mu.Unlock()
	return p.askOnly(all, w)
}

func (p *Process) askOnly(all []Pattern, w Wait) (*question, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	auto, err := p.automaton(all)
	if err != nil {
		return nil, err
	}
	q := &question{p: p, all: all, wait: w, settle: defaulted(w.Settle, p.opts.Settle)}
	q.scan = newScanner(auto, p.buf.base, int64(w.Window))
	if p.opts.Trace != nil {
		q.pending = p.buf.between(p.buf.base, p.buf.end())
	}
	return q, nil
}

// automaton gives that of a list, which is kept for the next time.
func (p *Process) automaton(patterns []Pattern) (*automaton, error) {
	var key strings.Builder
	for _, pattern := range patterns {
		key.WriteByte(byte(pattern.kind))
		key.WriteString(pattern.text)
		key.WriteByte(0)
	}
	if a := p.sets[key.String()]; a != nil {
		return a, nil
	}
	code, err := compile(patterns)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "bad pattern")
	}
	if len(p.sets) >= 32 {
		clear(p.sets)
	}
	a := newAutomaton(code)
	p.sets[key.String()] = a
	return a, nil
}

// try looks at what has come. It tells after which time a pause would make a
// difference.
func (q *question) try(late bool) (done bool, again time.Duration) {
	p := q.p
	p.mu.Lock()
	defer p.mu.Unlock()
	rested := time.Since(p.arrived)
	e := open
	switch {
	case p.ended:
		e = closed
	case late || rested >= q.settle:
		e = paused
	}
	hit, ok := q.scan.scan(&p.buf, e)
	p.look(q.scan.at)
	p.buf.trim(p.seen)
	switch {
	case ok:
		q.found(hit)
	case p.ended:
		q.atEnd()
	case q.scan.restless() && e == open:
		return false, q.settle - rested
	}
	return q.match != nil || q.failure != nil, 0
}

// found makes the match and takes it from the buffer. The lock is held.
func (q *question) found(hit found) {
	b := &q.p.buf
	m := &Match{Index: hit.pattern, Pattern: q.all[hit.pattern], Dropped: b.lost}
	m.Before = b.between(b.base, hit.groups[0])
	for i := 0; i < len(hit.groups); i += 2 {
		text, took := "", hit.groups[i] >= 0 && hit.groups[i+1] >= 0
		if took {
			text = b.between(hit.groups[i], hit.groups[i+1])
		}
		m.Groups, m.Took = append(m.Groups, text), append(m.Took, took)
	}
	m.Text, m.Names = m.Groups[0], q.scan.auto.groups[hit.pattern]
	if !q.wait.Peek {
		q.p.take(hit.groups[1])
	}
	q.match = m
}

// atEnd takes the rest of the output if the list names EOF; otherwise the wait
// has failed, and takes nothing. The lock is held.
func (q *question) atEnd() {
	b := &q.p.buf
	m := &Match{Pattern: EOF, Before: b.between(b.base, b.end()), Dropped: b.lost}
	if m.Index = indexOf(q.all, eof); m.Index < 0 {
		q.failure = q.p.endOfOutput(q, m)
		return
	}
	if !q.wait.Peek {
		q.p.take(b.end())
	}
	q.match = m
}

func indexOf(patterns []Pattern, k kind) int {
	for i, pattern := range patterns {
		if pattern.kind == k {
			return i
		}
	}
	return -1
}
