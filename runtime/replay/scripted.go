package replay

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/event"
)

// scripted are the answers to a command that a test has written by hand: one
// that serves always, or several in their order.
type scripted struct {
	pattern *regexp.Regexp // nil: exactly this command
	answers []give
	always  bool
	given   int
}

// next gives the answer that is due.
func (s *scripted) next(d *Double, host, text string) (give, error) {
	n := s.given
	s.given++
	if s.always {
		return s.answers[0], nil
	}
	if n >= len(s.answers) {
		return nil, fault.New(fault.NotFound, "%s has %d answers to %s on %s, and it is run once more", d.what, len(s.answers), quoted(text), host)
	}
	return s.answers[n], nil
}

// scripted finds what a test has written for a command.
func (c *cast) scripted(text string) *scripted {
	if s := c.exact[text]; s != nil {
		return s
	}
	for _, s := range c.patterns {
		if s.pattern.MatchString(text) {
			return s
		}
	}
	return nil
}

// copy makes a host of its own of the answers for hosts that are not named.
func (c *cast) copy(host string) *cast {
	own := &cast{exact: map[string]*scripted{}, files: c.files.copy(host)}
	for text, s := range c.exact {
		one := *s
		own.exact[text] = &one
	}
	for _, s := range c.patterns {
		one := *s
		own.patterns = append(own.patterns, &one)
	}
	return own
}

// anyHost is the name of the hosts that are not named.
const anyHost = "*"

// filesKey is where the table of a host has its files.
const filesKey = "files"

// ByHand makes a double of the table that a test wrote: by host, by command.
func ByHand(table map[string]any) (*Double, error) {
	d := &Double{what: "the test", clean: func(text string) string { return text }, hosts: map[string]*cast{}}
	for _, host := range slices.Sorted(maps.Keys(table)) {
		answers, ok := table[host].(map[string]any)
		if !ok {
			return nil, fault.New(fault.Usage, "%s: want a table of commands and their answers", host)
		}
		c, err := castOf(host, answers)
		if err != nil {
			return nil, fault.Wrap(fault.Usage, err, "%s", host)
		}
		if host == anyHost {
			d.extra = c
		} else {
			d.hosts[host] = c
		}
	}
	return d, nil
}

func castOf(host string, answers map[string]any) (*cast, error) {
	c := &cast{exact: map[string]*scripted{}, files: newFiles(host, false)}
	for _, text := range slices.Sorted(maps.Keys(answers)) {
		if text == filesKey {
			if err := c.files.fill(answers[text]); err != nil {
				return nil, err
			}
			continue
		}
		s, err := scriptedOf(answers[text])
		if err != nil {
			return nil, fault.Wrap(fault.Usage, err, "%q", text)
		}
		if err := c.add(text, s); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(c.patterns, func(a, b *scripted) int { return len(b.pattern.String()) - len(a.pattern.String()) })
	return c, nil
}

func (c *cast) add(text string, s *scripted) error {
	pattern, ok := strings.CutPrefix(text, "~")
	if !ok {
		c.exact[text] = s
		return nil
	}
	var err error
	if s.pattern, err = regexp.Compile(pattern); err != nil {
		return fault.New(fault.Usage, "%q: %v", text, err)
	}
	c.patterns = append(c.patterns, s)
	return nil
}

// scriptedOf reads what a test wrote as the answer to one command.
func scriptedOf(value any) (*scripted, error) {
	list, several := value.([]any)
	if !several {
		one, err := answerOf(value)
		return &scripted{answers: []give{one}, always: true}, err
	}
	s := &scripted{}
	for i, item := range list {
		one, err := answerOf(item)
		if err != nil {
			return nil, fmt.Errorf("answer %d: %w", i+1, err)
		}
		s.answers = append(s.answers, one)
	}
	return s, nil
}

// answerOf reads one answer: a text, an exit code, true, a table or a function
// that gives one of these.
func answerOf(value any) (give, error) {
	if f, ok := value.(kit.Callback); ok {
		return func(ctx context.Context, text string, options map[string]any) (Exec, error) {
			results, err := f.Call(ctx, text, options)
			if err != nil {
				return Exec{}, err
			}
			if len(results) == 0 || results[0] == nil {
				return Exec{}, nil
			}
			return execOf(results[0])
		}, nil
	}
	e, err := execOf(value)
	return func(context.Context, string, map[string]any) (Exec, error) { return e, nil }, err
}

func execOf(value any) (Exec, error) {
	switch v := value.(type) {
	case string:
		return Exec{Output: []Piece{{event.Stdout, Bytes(v)}}}, nil
	case float64:
		return Exec{Code: int(v)}, codeError(v)
	case bool:
		return Exec{Code: map[bool]int{true: 0, false: 1}[v]}, nil
	case map[string]any:
		return execTable(v)
	default:
		return Exec{}, fault.New(fault.Usage, "want a text, an exit code, a table, or a function that gives one")
	}
}

func codeError(v float64) error {
	if v != float64(int(v)) || v < 0 || v > 255 {
		return fault.New(fault.Usage, "%v is not an exit code", v)
	}
	return nil
}

// execKeys are the keys of an answer's table.
var execKeys = []string{"stdout", "stderr", "code", "signal", "timed_out", "error"}

func execTable(table map[string]any) (e Exec, err error) {
	for _, name := range slices.Sorted(maps.Keys(table)) {
		var ok bool
		switch v := table[name]; name {
		case "stdout", "stderr":
			var text string
			text, ok = v.(string)
			e.Output = append(e.Output, Piece{name, Bytes(text)})
		case "code":
			var n float64
			if n, ok = v.(float64); ok {
				e.Code, err = int(n), codeError(n)
			}
		case "signal":
			e.Signal, ok = v.(string)
		case "timed_out":
			e.TimedOut, ok = v.(bool)
		case "error":
			e.Error, ok = problemNamed(v)
		default:
			return e, fault.New(fault.Usage, "unknown key %q", name).WithHint("one of %s", strings.Join(execKeys, ", "))
		}
		if !ok {
			return e, fault.New(fault.Usage, "%s: unexpected %v", name, table[name])
		}
	}
	if e.Signal != "" && e.Code == 0 {
		e.Code = 255
	}
	return e, err
}

// problemNamed makes an error of its kind.
func problemNamed(value any) (*Problem, bool) {
	kind, ok := value.(string)
	if !ok || !slices.Contains(fault.Kinds, fault.Kind(kind)) {
		return nil, false
	}
	return &Problem{Kind: fault.Kind(kind), Message: fault.Meanings[fault.Kind(kind)]}, true
}
