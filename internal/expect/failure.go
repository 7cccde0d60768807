package expect

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gofab/internal/fault"
)

const (
	// lastLines is how much of the output an error shows.
	lastLines = 400
	// tracedBytes is how much a trace shows.
	tracedBytes = 2000
)

// shown is a text on one line, with its control characters as escapes.
func shown(text string) string { return strconv.Quote(text) }

// tail is the end of a text, for people.
func tail(text string, limit int) string {
	if len(text) <= limit {
		return shown(text)
	}
	return "..." + shown(text[len(text)-limit:])
}

func wanted(patterns []Pattern) string {
	if len(patterns) == 0 {
		return "no more"
	}
	return "none of " + list(patterns)
}

func list(patterns []Pattern) string {
	words := make([]string, len(patterns))
	for i, p := range patterns {
		words[i] = p.String()
	}
	return strings.Join(words, ", ")
}

// fault puts the host and the masks into an error.
func (p *Process) fault(e *fault.Error) *fault.Error {
	copied := *e
	copied.Message, copied.Hint = p.opts.Redact(e.Message), p.opts.Redact(e.Hint)
	if copied.Host == "" {
		copied.Host = p.opts.Host
	}
	return &copied
}

// late is the end of patience: an outcome if the list names it.
func (q *question) late(took time.Duration) error {
	p := q.p
	p.mu.Lock()
	defer p.mu.Unlock()
	b := &p.buf
	text := b.between(b.base, b.end())
	m := &Match{Index: indexOf(q.all, timeout), Pattern: Timeout, Before: text, Dropped: b.lost}
	if m.Index >= 0 {
		q.match = m
		return nil
	}
	e := fault.New(fault.Timeout, "after %s %s has shown %s; %s", round(took), p.named(), wanted(q.all), left(text))
	e.Result = m
	return e.WithHint("%s", nearMiss(q.all, text))
}

// endOfOutput is the error of a wait that can never end. The lock is held.
func (p *Process) endOfOutput(q *question, m *Match) *fault.Error {
	kind, why := fault.Failed, "ended"
	if p.cause != nil {
		kind, why = fault.KindOf(p.cause), "was lost ("+fault.From(p.cause).Error()+")"
	}
	e := fault.New(kind, "%s %s before it has shown %s; %s", p.named(), why, list(q.all), left(m.Before))
	e.Result = m
	if hint := nearMiss(q.all, m.Before); hint != defaultHint {
		return e.WithHint("%s", hint)
	}
	return e.WithHint("name EOF in the list if the end is expected")
}

// readFault is the error of something that waited. The end of a context stays
// what it is.
func (p *Process) readFault(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return p.fault(fault.From(err))
}

// errNobody is a mistake of the caller.
var errNobody = fault.New(fault.Usage, "there is no process to wait for")

func (p *Process) named() string {
	if p.opts.Name == "" {
		return "the other side"
	}
	return shown(p.opts.Name)
}

func left(text string) string {
	if text == "" {
		return "there was no output"
	}
	return "the output ends with " + tail(text, lastLines)
}

func round(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(time.Second / 10)
}

const defaultHint = "gofab --trace-expect shows what each wait saw; name TIMEOUT in the list if that may happen"

// nearMiss finds out whether a pattern nearly matched.
func nearMiss(patterns []Pattern, text string) string {
	if len(text) > MaxBuffer/4 {
		text = text[len(text)-MaxBuffer/4:]
	}
	for _, p := range patterns {
		source, ok := p.source()
		if !ok {
			continue
		}
		near := func(s string) bool {
			re, err := regexp.Compile(s)
			return err == nil && re.MatchString(text)
		}
		switch {
		case near("(?i:" + source + ")"):
			return fmt.Sprintf("%s would match in another case: (?i) in front ignores it", p)
		case near(lineEnds.Replace(source)):
			return fmt.Sprintf("%s would match with \\r\\n, as lines end on a terminal", p)
		case near(`\Q` + p.text + `\E`):
			return fmt.Sprintf("the text %s is there, but as a pattern it means something else: expect.literal takes it as it is", shown(p.text))
		}
	}
	return defaultHint
}

// lineEnds lets a pattern for \n match the line ends of a terminal.
var lineEnds = strings.NewReplacer("\r\n", "\r\n", "\n", "\r\n", `\r\n`, `\r\n`, `\n`, `\r\n`)

func (p Pattern) source() (string, bool) {
	switch p.kind {
	case expression:
		return p.text, true
	case literal:
		return regexp.QuoteMeta(p.text), true
	default:
		return "", false
	}
}

// trace tells of one wait: what was there, what came, and what each pattern
// made of it.
func (p *Process) trace(q *question, took time.Duration, err error) {
	if p.opts.Trace == nil {
		return
	}
	seen := q.pending
	if q.match != nil {
		seen = q.match.Before + q.match.Text
	} else if e, ok := err.(*fault.Error); ok {
		if m, ok := e.Result.(*Match); ok {
			seen = m.Before
		}
	}
	lines := []string{fmt.Sprintf("expect %s: %s, %d bytes were there, %d looked at: %s",
		p, round(took), len(q.pending), len(seen), tail(seen, tracedBytes))}
	for i, pattern := range q.all {
		lines = append(lines, fmt.Sprintf("  %d %s: %s", i+1, pattern, q.why(i, pattern, seen)))
	}
	if err != nil && q.match == nil {
		lines = append(lines, "  failed: "+string(fault.KindOf(err)))
	}
	p.opts.Trace(p.opts.Redact(strings.Join(lines, "\n")))
}

func (q *question) why(i int, pattern Pattern, seen string) string {
	if q.match != nil && q.match.Index == i {
		return "yes " + tail(q.match.Text, lastLines)
	}
	if hint := nearMiss([]Pattern{pattern}, seen); hint != defaultHint {
		return "no; " + hint
	}
	return "no"
}
