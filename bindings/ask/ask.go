// Package ask is the Lua module ask: questions to the person at the terminal.
//
// Rules: one question at a time, with the name of the host whose task asks in
// front; an answer that does not do is asked for again, a few times; where
// nobody can answer, a question is an error that says which one it was, and
// never a guess. --yes and --no-input are the operator's word that defaults
// will do.
package ask

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/termsafe"
)

// Module declares ask.
func Module() *kit.Module {
	return &kit.Module{
		Name: "ask",
		Doc: "Ask the person at the terminal. With --yes confirmations are given and other questions take their defaults; " +
			"with --no-input nobody is asked: all take their defaults, and a question without one is an error.",
		Funcs: []kit.Func{
			kit.Fn("line", "Ask for a line of text.", line),
			kit.Fn("confirm", "Ask a question whose answer is yes or no, and give true or false.", confirm).With(
				`task("drop", { doc = "Delete the database" }, function()
  if not ask.confirm("Really?", { default = false }) then os.exit(1) end
end)`),
			kit.Fn("choose", "Show a numbered list, ask which one, and give that entry.", choose),
		},
	}
}

// tries is how often a question is asked before its answers count as refused.
const tries = 3

// question is one question and how its answer is read. read gives a message
// for the person when an answer does not do.
type question struct {
	text     string
	fallback any  // what an empty answer means; nil: there is none
	yes      bool // --yes answers it with true
	read     func(answer string) (value any, message string)
}

// ask asks until an answer does.
func (q question) ask(c *kit.Call) (any, error) {
	switch {
	case q.yes && c.Questions.Yes:
		return true, nil
	case (c.Questions.Yes || c.Questions.Never) && q.fallback != nil:
		return q.fallback, nil
	case c.Questions.Never:
		return nil, fault.New(fault.Denied, "%q has no default, and questions are switched off", q.text).
			WithHint("run without --no-input, or give the value by an argument of the task")
	}
	text := q.shown(c.Host())
	for range tries {
		answer, err := c.World.Ask(c.Context, text, true)
		if err != nil {
			return nil, err
		}
		answer = strings.TrimSpace(answer)
		if answer == "" && q.fallback != nil {
			return q.fallback, nil
		}
		value, message := q.read(answer)
		if message == "" {
			return value, nil
		}
		text = termsafe.Line(message) + "\n" + q.shown(c.Host())
	}
	return nil, fault.New(fault.Denied, "no usable answer to %q", q.text)
}

// shown is the question as the person sees it.
func (q question) shown(host string) string {
	if host != "" {
		host += ": "
	}
	return host + termsafe.Clean(q.text) + " "
}

type lineArgs struct {
	Prompt  string        `lua:"prompt,arg1" doc:"The question."`
	Default *string       `lua:"default" doc:"What an empty answer means."`
	Pattern string        `lua:"pattern" default:"" doc:"Regular expression (RE2) for the whole answer."`
	Empty   bool          `lua:"empty" default:"false" doc:"Whether an empty answer will do where there is no default."`
	Check   *kit.Callback `lua:"check" doc:"function(answer): true, or a message that says what is wrong with it."`
}

func line(c *kit.Call, a lineArgs) (string, error) {
	pattern, err := regexp.Compile(`^(?:` + a.Pattern + `)$`)
	if err != nil {
		return "", fault.Wrap(fault.Usage, err, "pattern")
	}
	q := question{text: a.Prompt}
	if a.Default != nil {
		q.fallback = *a.Default
		q.text += fmt.Sprintf(" [%s]", *a.Default)
	}
	var failed error // of check itself
	q.read = func(answer string) (any, string) {
		switch {
		case answer == "" && !a.Empty:
			return nil, "an answer is needed"
		case a.Pattern != "" && !pattern.MatchString(answer):
			return nil, fmt.Sprintf("%q does not look like %s", answer, a.Pattern)
		case a.Check == nil:
			return answer, ""
		}
		var message string
		message, failed = verdict(c.Context, a.Check, answer)
		return answer, message
	}
	value, err := q.ask(c)
	if err == nil {
		err = failed
	}
	text, _ := value.(string)
	return text, err
}

// verdict lets the script look at an answer.
func verdict(ctx context.Context, check *kit.Callback, answer string) (message string, err error) {
	values, err := check.Call(ctx, answer)
	if err != nil || len(values) == 0 || values[0] == nil {
		return "", err
	}
	switch verdict := values[0].(type) {
	case bool:
		if !verdict {
			return "that will not do", nil
		}
	case string:
		return verdict, nil
	}
	return "", nil
}

type confirmArgs struct {
	Prompt  string `lua:"prompt,arg1" doc:"The question."`
	Default *bool  `lua:"default" doc:"What an empty answer means; without it one has to be typed."`
}

func confirm(c *kit.Call, a confirmArgs) (bool, error) {
	q := question{text: a.Prompt + " [y/n]", yes: true, read: yesOrNo}
	if a.Default != nil {
		q.fallback = *a.Default
		q.text = a.Prompt + map[bool]string{true: " [Y/n]", false: " [y/N]"}[*a.Default]
	}
	value, err := q.ask(c)
	yes, _ := value.(bool)
	return yes, err
}

func yesOrNo(answer string) (any, string) {
	switch strings.ToLower(answer) {
	case "y", "yes":
		return true, ""
	case "n", "no":
		return false, ""
	}
	return nil, "please type y or n"
}

type chooseArgs struct {
	Prompt  string   `lua:"prompt,arg1" doc:"The question."`
	Of      []string `lua:"of,arg2" doc:"What there is to choose from."`
	Default *string  `lua:"default" doc:"The entry that an empty answer means."`
}

func choose(c *kit.Call, a chooseArgs) (string, error) {
	if len(a.Of) == 0 {
		return "", fault.New(fault.Usage, "of: there is nothing to choose from")
	}
	var list strings.Builder
	for i, entry := range a.Of {
		fmt.Fprintf(&list, "%3d  %s\n", i+1, termsafe.Line(entry))
	}
	q := question{text: list.String() + a.Prompt, read: func(answer string) (any, string) { return entryOf(a.Of, answer) }}
	if a.Default != nil {
		value, message := entryOf(a.Of, *a.Default)
		if message != "" {
			return "", fault.New(fault.Usage, "default: %s", message)
		}
		q.fallback = value
		q.text += fmt.Sprintf(" [%s]", *a.Default)
	}
	value, err := q.ask(c)
	entry, _ := value.(string)
	return entry, err
}

// entryOf finds an entry by its text or its number.
func entryOf(of []string, answer string) (any, string) {
	for _, entry := range of {
		if entry == answer {
			return entry, ""
		}
	}
	if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(of) {
		return of[n-1], ""
	}
	return nil, fmt.Sprintf("%q is none of them", answer)
}
