package expect

import (
	"context"
	"time"

	"gofab/internal/fault"
)

// Answer is what to do about a match: what to send, and whether that ends the
// dialogue.
type Answer struct {
	Send   string
	Secret bool // wait for the echo to be off first
	Done   bool
}

// Rule is one step of a dialogue.
type Rule struct {
	Pattern Pattern
	// Reply gives the answer. It runs without any lock.
	Reply func(ctx context.Context, m *Match) (Answer, error)
	// Max is how often the pattern may come; once more is an error, since the
	// answer is not accepted then. 0 is no limit.
	Max int
	// Done ends the dialogue after the answer.
	Done bool
}

// Page is a rule that turns the pages of a pager.
func Page(pattern Pattern, key string) Rule {
	return Rule{Pattern: pattern, Reply: func(context.Context, *Match) (Answer, error) { return Answer{Send: key}, nil }}
}

// Turn is one question of a dialogue that was answered.
type Turn struct {
	Index int // of the rule
	Match *Match
}

// Dialog answers questions in whatever order they come, until a rule ends it
// or the output ends. The timeout is for each wait.
func (p *Process) Dialog(ctx context.Context, rules []Rule, w Wait) ([]Turn, error) {
	patterns, ends := make([]Pattern, 0, len(rules)+1), false
	for _, r := range rules {
		patterns = append(patterns, r.Pattern)
		ends = ends || r.Done || r.Pattern.kind == eof
	}
	if !ends {
		patterns = append(patterns, EOF)
	}
	counts := make([]int, len(rules))
	var turns []Turn
	for {
		m, err := p.Expect(ctx, patterns, w)
		if err != nil {
			return turns, err
		}
		turns = append(turns, Turn{m.Index, m})
		if m.Index == len(rules) {
			return turns, nil
		}
		counts[m.Index]++
		done, err := p.answer(ctx, &rules[m.Index], m, counts[m.Index])
		if done || err != nil {
			return turns, err
		}
	}
}

// answer does what a rule says. The end of the output ends a dialogue in any
// case, and so does a timeout that no reply is for.
func (p *Process) answer(ctx context.Context, r *Rule, m *Match, count int) (done bool, err error) {
	if r.Max > 0 && count > r.Max {
		e := fault.New(fault.Failed, "%s was shown %d times: the answer is not accepted", r.Pattern, count)
		e.Result = m
		return true, p.fault(e)
	}
	var a Answer
	if r.Reply != nil {
		if a, err = r.Reply(ctx, m); err != nil {
			return true, err
		}
	}
	if a.Send != "" {
		err = p.reply(ctx, a)
	}
	return r.Done || a.Done || r.Pattern.kind == eof || r.Pattern.kind == timeout && r.Reply == nil, err
}

// secretPatience is how long a secret waits for the echo to go off.
const secretPatience = time.Second

func (p *Process) reply(ctx context.Context, a Answer) error {
	if a.Secret {
		return p.SendSecret(ctx, a.Send, 0)
	}
	return p.Send(ctx, a.Send, 0)
}

// SendSecret is Send for what must not be shown: where there is a terminal on
// this machine it waits a second at most for the echo to be off, since programs
// print their question before they switch it off.
func (p *Process) SendSecret(ctx context.Context, text string, timeout time.Duration) error {
	if _, ok := p.stream.(Terminal); ok {
		if _, err := p.WaitNoEcho(ctx, secretPatience); err != nil {
			return err
		}
	}
	return p.Send(ctx, text, timeout)
}

// Always adds standing rules: every wait answers them beside its own patterns,
// which come first.
func (p *Process) Always(rules ...Rule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = append(p.rules, rules...)
}

// obey answers a standing rule that matched.
func (p *Process) obey(ctx context.Context, m *Match, own int, used map[int]int) error {
	p.mu.Lock()
	index := m.Index - own
	r := p.rules[index]
	p.mu.Unlock()
	used[index]++
	done, err := p.answer(ctx, &r, m, used[index])
	if err == nil && done {
		err = p.fault(fault.New(fault.Failed, "%s ended the dialogue", r.Pattern))
	}
	return err
}
