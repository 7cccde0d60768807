package task

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// The reader of the words that follow a task on the command line.

// reader reads the words of one task.
type reader struct {
	task  *Task
	words []string
	call  Call
	given int // positionals so far
}

func (r *reader) read() error {
	for len(r.words) > 0 && r.words[0] != "--" {
		word := r.words[0]
		if len(word) > 1 && word[0] == '-' && !isNumber(word) {
			r.words = r.words[1:]
			if err := r.flag(word); err != nil {
				return err
			}
			continue
		}
		a := r.positional()
		if a == nil {
			break // the next task
		}
		r.words = r.words[1:]
		r.given++
		if err := r.set(a, word); err != nil {
			return err
		}
	}
	if r.call.Help {
		return nil
	}
	return r.complete()
}

func isNumber(word string) bool {
	_, err := strconv.ParseFloat(word, 64)
	return err == nil
}

// positional gives the argument that the next bare word belongs to.
func (r *reader) positional() *Arg {
	for i := range r.task.Args {
		a := &r.task.Args[i]
		if a.Rest || a.Positional == r.given+1 {
			if a.Rest && r.given < r.fixedPositionals() {
				continue
			}
			return a
		}
	}
	return nil
}

func (r *reader) fixedPositionals() int {
	n := 0
	for _, a := range r.task.Args {
		if a.Positional > 0 && !a.Rest {
			n++
		}
	}
	return n
}

// flag reads --name value, --name=value, --no-name, -n value or -nvalue.
func (r *reader) flag(word string) error {
	name, value, hasValue := strings.Cut(word, "=")
	if name == "--help" || name == "-h" && r.short("h") == nil {
		r.call.Help = true
		return nil
	}
	if !strings.HasPrefix(word, "--") {
		return r.shortFlags(word[1:])
	}
	a := r.long(name[2:])
	if a == nil {
		if b := r.long(strings.TrimPrefix(name[2:], "no-")); b != nil && b.Type == Boolean && !hasValue {
			r.call.Values[b.Name] = false
			return nil
		}
		return r.unknown(name)
	}
	return r.take(a, name, value, hasValue)
}

func (r *reader) shortFlags(letters string) error {
	for len(letters) > 0 {
		a := r.short(letters[:1])
		if a == nil {
			return r.unknown("-" + letters[:1])
		}
		rest := letters[1:]
		if a.Type == Boolean || a.Type == Count {
			if err := r.take(a, "-"+letters[:1], "", false); err != nil {
				return err
			}
			letters = rest
			continue
		}
		return r.take(a, "-"+letters[:1], strings.TrimPrefix(rest, "="), rest != "")
	}
	return nil
}

func (r *reader) take(a *Arg, name, value string, hasValue bool) error {
	switch {
	case a.Type == Count && !hasValue:
		n, _ := r.call.Values[a.Name].(float64)
		r.call.Values[a.Name] = n + 1
		return nil
	case a.Type == Boolean && !hasValue:
		r.call.Values[a.Name] = true
		return nil
	case a.Optional && !hasValue:
		r.call.Values[a.Name] = true
		return nil
	case !hasValue && len(r.words) == 0:
		return r.usage("%s needs a value (%s)", name, a.Type)
	case !hasValue:
		value, r.words = r.words[0], r.words[1:]
	}
	return r.set(a, value)
}

// set stores one value that was given.
func (r *reader) set(a *Arg, text string) error {
	if len(a.Choices) > 0 && !slices.Contains(a.Choices, text) {
		return r.usage("--%s: %q is not one of %s", a.Flag(), text, strings.Join(a.Choices, ", "))
	}
	if a.list() {
		list, _ := r.call.Values[a.Name].([]any)
		r.call.Values[a.Name] = append(list, text)
		return nil
	}
	if _, twice := r.call.Values[a.Name]; twice {
		return r.usage("--%s is given twice", a.Flag())
	}
	value, err := parseValue(a.Type, text)
	if err != nil {
		return r.usage("--%s: %v", a.Flag(), err)
	}
	r.call.Values[a.Name] = value
	return nil
}

// parseValue reads text as one of ArgTypes.
func parseValue(kind, text string) (any, error) {
	switch kind {
	case Number, Integer:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || kind == Integer && n != float64(int64(n)) {
			return nil, fmt.Errorf("%q is not %s", text, map[string]string{Number: "a number", Integer: "a whole number"}[kind])
		}
		return n, nil
	case Boolean:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("%q is not true or false", text)
		}
		return b, nil
	case Duration:
		d, err := kit.ParseDuration(text)
		return d.Seconds(), err
	case Size:
		n, err := kit.ParseSize(text)
		return float64(n), err
	default:
		return text, nil
	}
}

// complete fills in defaults and finds what is missing.
func (r *reader) complete() error {
	for i := range r.task.Args {
		a := &r.task.Args[i]
		if _, ok := r.call.Values[a.Name]; ok {
			continue
		}
		switch {
		case a.Required && a.Positional > 0:
			return r.missing("argument <"+a.Flag()+">", a)
		case a.Required:
			return r.missing("--"+a.Flag(), a)
		case a.Default != nil:
			r.call.Values[a.Name] = a.Default
		case a.list():
			r.call.Values[a.Name] = []any{}
		case a.Type == Boolean:
			r.call.Values[a.Name] = false
		case a.Type == Count:
			r.call.Values[a.Name] = 0.0
		}
	}
	return nil
}

func (r *reader) missing(what string, a *Arg) error {
	if a.Doc != "" {
		what += ": " + a.Doc
	}
	return r.usage("missing %s", what)
}

func (r *reader) usage(format string, args ...any) error {
	return fault.New(fault.Usage, "task %s: %s", r.task.Name, fmt.Sprintf(format, args...)).
		WithHint("--help after the task shows its arguments")
}

func (r *reader) unknown(flag string) error {
	var names []string
	for i := range r.task.Args {
		names = append(names, "--"+r.task.Args[i].Flag())
	}
	text := fmt.Sprintf("unknown option %s", flag)
	if near := suggest.Nearest(flag, names); near != "" {
		text += fmt.Sprintf(" (did you mean %s?)", near)
	}
	return fault.From(r.usage("%s", text)).
		WithHint("--help after the task shows its arguments; flags of gofab itself stand before the task")
}

func (r *reader) long(name string) *Arg {
	for i := range r.task.Args {
		if same(r.task.Args[i].Name, name) {
			return &r.task.Args[i]
		}
	}
	return nil
}

func (r *reader) short(letter string) *Arg {
	for i := range r.task.Args {
		if r.task.Args[i].Short == letter {
			return &r.task.Args[i]
		}
	}
	return nil
}

func anyList(words []string) []any {
	list := make([]any, len(words))
	for i, w := range words {
		list[i] = w
	}
	return list
}
