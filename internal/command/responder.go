package command

import (
	"regexp"
	"strings"

	"gofab/internal/fault"
	"gofab/internal/secret"
)

// window is how much of a stream a pattern sees behind it, in bytes.
const window = 4 << 10

// question is an Answer with its pattern compiled.
type question struct {
	pattern *regexp.Regexp
	reply   secret.Value
	max     int
}

func questions(answers []Answer) ([]question, error) {
	list := make([]question, len(answers))
	for i, a := range answers {
		pattern, err := regexp.Compile(a.Pattern)
		if err != nil {
			return nil, fault.Wrap(fault.Usage, err, "watch %d", i+1)
		}
		if pattern.MatchString("") {
			return nil, fault.New(fault.Usage, "watch %d: the pattern %q matches anywhere", i+1, a.Pattern)
		}
		if a.Max < 1 {
			return nil, fault.New(fault.Usage, "watch %d: max must be at least 1", i+1)
		}
		list[i] = question{pattern, a.Reply, a.Max}
	}
	return list, nil
}

// responder answers the questions in one stream. Counts are shared by the
// streams of an attempt.
type responder struct {
	questions []question
	counts    []int
	reply     func(text string)
	recent    []byte
}

// write searches what has arrived. What a match covers is not looked at again.
func (r *responder) write(p []byte) error {
	if len(r.questions) == 0 {
		return nil
	}
	r.recent = append(r.recent, p...)
	for {
		at, end := r.find()
		if at < 0 {
			break
		}
		r.recent = r.recent[end:]
		if err := r.answer(at); err != nil {
			return err
		}
	}
	if excess := len(r.recent) - window; excess > 0 {
		r.recent = append(r.recent[:0], r.recent[excess:]...)
	}
	return nil
}

// find gives the question that comes first, and the end of its match.
func (r *responder) find() (at, end int) {
	at, first := -1, len(r.recent)+1
	for i, q := range r.questions {
		if m := q.pattern.FindIndex(r.recent); m != nil && m[0] < first && m[1] > m[0] {
			at, first, end = i, m[0], m[1]
		}
	}
	return at, end
}

func (r *responder) answer(at int) error {
	q := r.questions[at]
	if r.counts[at] == q.max {
		return fault.New(fault.Failed, "the question %q came %d times, more than its max", q.pattern, q.max+1).
			WithHint("the answer is not accepted; correct it, or raise max if so many questions are expected")
	}
	r.counts[at]++
	r.reply(q.reply.Reveal())
	return nil
}

// keyboard makes a text what a user would type: the end of input is a
// character in a terminal, which ends a line first and then the input.
func keyboard(text string) string {
	if strings.HasSuffix(text, "\n") || text == "" {
		return text + "\x04"
	}
	return text + "\x04\x04"
}
