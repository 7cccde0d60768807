package expect

import (
	"context"
	"fmt"
	"strings"

	"gofab/bindings/kit"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/secret"
)

// step is one entry of a dialogue.
type step struct {
	Pattern pattern `lua:"pattern,arg1" doc:"What is asked: a pattern."`
	Reply   any     `lua:"reply,arg2" default:"" doc:"The answer, sent as a line: a text, a secret, or a function that gets the match and the dialogue and returns one; true from it ends the dialogue, nil sends nothing."`
	Send    string  `lua:"send" default:"" doc:"The answer as it is, without Enter; for pagers and menus."`
	Again   bool    `lua:"again" default:"false" doc:"Answer any number of times."`
	Max     int     `lua:"max" default:"3" doc:"How often to answer. Once more raises, since the answer is not accepted then."`
	Done    bool    `lua:"done" default:"false" doc:"The dialogue ends with this entry."`
}

// rule makes an entry what the engine takes. With again, the default limit
// does not hold.
func (s step) rule(c *kit.Call, p *engine.Process) (engine.Rule, error) {
	r := engine.Rule{Pattern: s.Pattern.Pattern, Max: s.Max, Done: s.Done}
	if s.Max < 1 {
		return r, fault.New(fault.Usage, "max: at least 1, got %d", s.Max)
	}
	if s.Again && s.Max == 3 {
		r.Max = 0
	}
	if s.Reply != nil && s.Send != "" {
		return r, fault.New(fault.Usage, "%s has a reply and a send: give one of them", r.Pattern)
	}
	switch reply := s.Reply.(type) {
	case nil:
		r.Reply = fixed(engine.Answer{Send: s.Send})
		r.Done = r.Done || s.Send == ""
	case kit.Callback:
		r.Reply = func(ctx context.Context, m *engine.Match) (engine.Answer, error) {
			results, err := reply.Call(ctx, matchTable(m), p)
			if err != nil || len(results) == 0 {
				return engine.Answer{}, err
			}
			return lineOf(results[0])
		}
	default:
		answer, err := lineOf(reply)
		if err != nil {
			return r, err
		}
		answer.Secret = answer.Secret || hidden(c, strings.TrimSuffix(answer.Send, "\n"))
		r.Reply = fixed(answer)
	}
	return r, nil
}

func fixed(a engine.Answer) func(context.Context, *engine.Match) (engine.Answer, error) {
	return func(context.Context, *engine.Match) (engine.Answer, error) { return a, nil }
}

// lineOf makes an answer of a value of the script.
func lineOf(value any) (engine.Answer, error) {
	switch value := value.(type) {
	case nil:
		return engine.Answer{}, nil
	case bool:
		return engine.Answer{Done: value}, nil
	case string:
		return engine.Answer{Send: value + "\n"}, nil
	case float64:
		return engine.Answer{Send: fmt.Sprint(value) + "\n"}, nil
	case secret.Value:
		return engine.Answer{Send: value.Reveal() + "\n", Secret: true}, nil
	default:
		return engine.Answer{}, fault.New(fault.Usage, "a reply is a text, a secret or a function, got %T", value)
	}
}

func rules(c *kit.Call, p *engine.Process, steps []step) ([]engine.Rule, error) {
	out := make([]engine.Rule, len(steps))
	for i, s := range steps {
		var err error
		if out[i], err = s.rule(c, p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type dialogArgs struct {
	Steps []step `lua:"steps,arg1" doc:"Entries {pattern, reply, ...}. One without an answer ends the dialogue."`
	waiting
}

func dialog(c *kit.Call, p *engine.Process, a dialogArgs) ([]map[any]any, error) {
	list, err := rules(c, p, a.Steps)
	if err != nil {
		return nil, err
	}
	turns, err := p.Dialog(c.Context, list, a.wait())
	if err != nil {
		return nil, scripted(err)
	}
	out := make([]map[any]any, len(turns))
	for i, t := range turns {
		out[i] = matchTable(t.Match)
	}
	return out, nil
}

type alwaysArgs struct {
	Steps []step `lua:"steps,arg1" doc:"Entries {pattern, reply, ...}. One without an answer makes the wait fail."`
}

func always(c *kit.Call, p *engine.Process, a alwaysArgs) (kit.None, error) {
	list, err := rules(c, p, a.Steps)
	if err != nil {
		return kit.None{}, err
	}
	for _, r := range list {
		if r.Pattern == engine.EOF || r.Pattern == engine.Timeout {
			return kit.None{}, fault.New(fault.Usage, "%s is the end of a wait and no question", r.Pattern).
				WithHint("name it in the list of the wait, or in dialog")
		}
	}
	p.Always(list...)
	return kit.None{}, nil
}
