package command

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"gofab/internal/fault"
	"gofab/internal/secret"
)

// window is how much of a stream a pattern sees behind it, in bytes.
const window = 4 << 10

// question is an Answer with its pattern compiled. One without a reply, of
// fail_on, ends the command.
type question struct {
	pattern *regexp.Regexp
	reply   Reply
	max     int
	fatal   bool
}

func questions(answers []Answer, failOn []string) ([]question, error) {
	list := make([]question, 0, len(answers)+len(failOn))
	for i, a := range answers {
		what := fmt.Sprintf("watch %d", i+1)
		pattern, err := compile(what, a.Pattern)
		if err != nil {
			return nil, err
		}
		if a.Max < 1 {
			return nil, fault.New(fault.Usage, "%s: max must be at least 1", what)
		}
		list = append(list, question{pattern: pattern, reply: a.Reply, max: a.Max})
	}
	for i, text := range failOn {
		pattern, err := compile(fmt.Sprintf("fail_on %d", i+1), text)
		if err != nil {
			return nil, err
		}
		list = append(list, question{pattern: pattern, fatal: true})
	}
	return list, nil
}

func compile(what, text string) (*regexp.Regexp, error) {
	pattern, err := regexp.Compile(text)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "%s", what)
	}
	if pattern.MatchString("") {
		return nil, fault.New(fault.Usage, "%s: the pattern %q matches anywhere", what, text)
	}
	return pattern, nil
}

// responder answers the questions in one stream. Counts are shared by the
// streams of an attempt.
type responder struct {
	questions []question
	counts    []int
	reply     func(r Reply, match []string)
	recent    []byte
}

// write searches what has arrived. What a match covers is not looked at again.
func (r *responder) write(p []byte) error {
	if len(r.questions) == 0 {
		return nil
	}
	r.recent = append(r.recent, p...)
	for {
		at, m := r.find()
		if at < 0 {
			break
		}
		match := groups(r.recent, m)
		r.recent = r.recent[m[1]:]
		if err := r.answer(at, match); err != nil {
			return err
		}
	}
	if excess := len(r.recent) - window; excess > 0 {
		r.recent = append(r.recent[:0], r.recent[excess:]...)
	}
	return nil
}

// find gives the question that comes first, and the places of its match.
func (r *responder) find() (at int, match []int) {
	at, first := -1, len(r.recent)+1
	for i, q := range r.questions {
		if m := q.pattern.FindSubmatchIndex(r.recent); m != nil && m[0] < first && m[1] > m[0] {
			at, first, match = i, m[0], m
		}
	}
	return at, match
}

// groups are the texts of a match; a group that took no part is empty.
func groups(text []byte, at []int) []string {
	list := make([]string, len(at)/2)
	for i := range list {
		if at[2*i] >= 0 {
			list[i] = string(text[at[2*i]:at[2*i+1]])
		}
	}
	return list
}

func (r *responder) answer(at int, match []string) error {
	q := r.questions[at]
	if q.fatal {
		return fault.New(fault.Failed, "the output matched fail_on %q: %s", q.pattern, shorten(strings.TrimSpace(match[0]), reasonLength))
	}
	if r.counts[at] == q.max {
		return fault.New(fault.Failed, "the question %q came %d times, more than its max", q.pattern, q.max+1).
			WithHint("the answer is not accepted; correct it, or raise max if so many questions are expected")
	}
	r.counts[at]++
	r.reply(q.reply, match)
	return nil
}

// answer gives a reply. A function of the script may take its time, so it runs
// beside the output.
func (a *attempt) answer(r Reply, match []string) {
	if r.Func.IsZero() {
		a.reply(r.Text.Reveal())
		return
	}
	args := make([]any, len(match))
	for i, text := range match {
		args[i] = text
	}
	a.work.Go(func() {
		text, err := r.Func.text(a.ctx, args)
		if err != nil {
			a.cancel(err)
		} else {
			a.reply(text)
		}
	})
}

// text is what a function of the script answers.
func (f Func) text(ctx context.Context, args []any) (string, error) {
	values, err := f.caller.Call(ctx, args...)
	if err != nil || len(values) == 0 {
		return "", err
	}
	switch value := values[0].(type) {
	case nil:
		return "", nil
	case string:
		return value, nil
	case secret.Value:
		return value.Reveal(), nil
	}
	return "", fault.New(fault.Usage, "the function of watch has to give a text, a secret or nil, not %T", values[0])
}

// keyboard makes a text what a user would type: the end of input is a
// character in a terminal, which ends a line first and then the input.
func keyboard(text string) string {
	if strings.HasSuffix(text, "\n") || text == "" {
		return text + "\x04"
	}
	return text + "\x04\x04"
}
