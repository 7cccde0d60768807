package main

import (
	"context"
	"fmt"
	"strings"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
	"gofab/runtime/journal"
)

// questions are what a resume asks the person.
type questions struct {
	app *app
	ctx context.Context
	all journal.Answer // given for everything that follows
}

// ask puts one question until the answer is one.
func (q *questions) ask(about journal.Question) (journal.Answer, error) {
	for q.all == "" {
		typed, err := q.put(termsafe.Line(wording(about)), true)
		if err != nil {
			return "", q.unable(err, about)
		}
		answer, known := answers[strings.ToLower(typed)]
		switch {
		case known && typed != strings.ToLower(typed):
			q.all = answer
		case known:
			return answer, nil
		}
	}
	return q.all, nil
}

// answers are what may be typed; a capital letter answers all that follows.
var answers = map[string]journal.Answer{
	"y": journal.Again, "yes": journal.Again, "n": journal.Done, "no": journal.Done, "s": journal.Skip, "skip": journal.Skip,
}

func wording(q journal.Question) string {
	what := q.Task
	if q.Step != "" {
		what = fmt.Sprintf("step %q of %s", q.Step, q.Task)
	}
	how := "was interrupted"
	if q.Lost {
		how = "lost its link"
	}
	return fmt.Sprintf("%s: %s %s; run again? [y]es [n]o, count it as done [s]kip the host (capitals: for all) ", q.Host, what, how)
}

// unable says what to do where nobody can be asked.
func (q *questions) unable(err error, about journal.Question) error {
	if fault.KindOf(err) == fault.Cancelled {
		return err
	}
	what := about.Task
	if about.Step != "" {
		what = "the step " + about.Step + " of " + what
	}
	return fault.New(fault.Usage, "nobody knows whether %s was done on %s, and there is no terminal to ask", what, about.Host).
		WithHint("look at the host, then give --unknown=run, --unknown=done or --unknown=skip")
}

// secret asks for an argument that the journal does not hold.
func (q *questions) secret(of string) (string, error) {
	text, err := q.put(termsafe.Line("the journal holds no secrets; "+of+" again: "), false)
	if err != nil && fault.KindOf(err) != fault.Cancelled {
		return "", fault.New(fault.Usage, "the journal does not hold the secret %s, and there is no terminal to ask", of).
			WithHint("resume in a terminal")
	}
	return text, err
}

func (q *questions) put(text string, echo bool) (string, error) {
	if q.app.flags.ask.never {
		return "", fault.New(fault.Denied, "questions are switched off")
	}
	return q.app.world.Ask(q.ctx, text, echo)
}
