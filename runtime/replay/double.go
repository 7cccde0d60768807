package replay

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// Double answers in the place of hosts: from a record, or with what a test has
// written by hand.
type Double struct {
	what   string              // in messages: "the record deploy.jsonl"
	strict bool                // from a record: what is not in it is an error
	clean  func(string) string // takes secrets out, as the record has them
	loose  []*regexp.Regexp    // texts that may differ
	extra  *cast               // plays hosts that are not named; nil is nobody

	mu    sync.Mutex
	hosts map[string]*cast
	ran   []Ran
}

// cast is one host of a double.
type cast struct {
	answers  []*answer // of a record, in its order
	byKey    map[string][]*answer
	exact    map[string]*scripted
	patterns []*scripted // the longest pattern first
	files    *files
	dials    []*Problem
}

// answer is one command of a record.
type answer struct {
	Exec
	used bool
}

// Ran is a command that was run.
type Ran struct {
	Host    string         `lua:"host" doc:"Name of the host."`
	Command string         `lua:"command" doc:"The command, as the script gave it."`
	Options map[string]any `lua:"options" doc:"Where and as whom it ran, where that was not the usual: cwd, env, sudo, user and so on."`
	Known   bool           `lua:"known" doc:"Whether there was an answer to it."`
}

// key makes equal what may differ.
func (d *Double) key(text string, options map[string]any) string {
	key := keyOf(text, options)
	for _, may := range d.loose {
		key = may.ReplaceAllLiteralString(key, "\x01")
	}
	return key
}

// find gives the answer to a command.
func (d *Double) find(ctx context.Context, host string, req command.Exec) (Exec, error) {
	text, options := asked(req)
	text = d.clean(text)
	d.mu.Lock()
	give, err := d.choose(host, text, options)
	d.ran = append(d.ran, Ran{host, text, options, err == nil})
	d.mu.Unlock()
	if err != nil {
		return Exec{}, err
	}
	return give(ctx, text, options)
}

// give makes an answer when it is wanted: some are functions of a script.
type give func(ctx context.Context, text string, options map[string]any) (Exec, error)

func (d *Double) choose(host, text string, options map[string]any) (give, error) {
	c := d.cast(host)
	if c == nil {
		return nil, d.noHost(host)
	}
	if s := c.scripted(text); s != nil {
		return s.next(d, host, text)
	}
	key := d.key(text, options)
	for _, a := range c.byKey[key] {
		if !a.used {
			a.used = true
			return func(context.Context, string, map[string]any) (Exec, error) { return a.Exec, nil }, nil
		}
	}
	return nil, d.unknown(c, host, text, options, len(c.byKey[key]))
}

// cast gives a host; nil when nobody plays it.
func (d *Double) cast(host string) *cast {
	if c := d.hosts[host]; c != nil {
		return c
	}
	if d.extra == nil {
		return nil
	}
	c := d.extra.copy(host)
	d.hosts[host] = c
	return c
}

func (d *Double) noHost(host string) error {
	return fault.New(fault.NotFound, "%s has no host %s", d.what, host).
		WithHint("it has %s", strings.Join(d.names(), ", "))
}

func (d *Double) names() []string {
	names := []string{}
	for name := range d.hosts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// unknown says what is missing, what is near it, and what was expected.
func (d *Double) unknown(c *cast, host, text string, options map[string]any, asked int) error {
	e := fault.New(fault.NotFound, "%s has no %s on %s", d.what, quoted(text), host)
	switch other := c.sameText(text); {
	case asked > 0:
		e.Message = fmt.Sprintf("%s has %s on %s %s, and it is run once more", d.what, quoted(text), host, times(asked))
	case other != nil:
		e.Message += fmt.Sprintf(" with the options %s, but with %s", shownOptions(options), shownOptions(other.Options))
	default:
		if near := suggest.Nearest(text, c.texts()); near != "" {
			e.Message += fmt.Sprintf(" (did you mean %s?)", quoted(near))
		}
	}
	if next := c.next(); next != "" {
		return e.WithHint("the next one in it is %s", quoted(next))
	}
	return e.WithHint("all that it has was run; record again when the script is meant to do this now")
}

// quoted is a command in a message, as readable as can be.
func quoted(text string) string {
	const longest = 200
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest-3]) + "..."
	}
	if strconv.CanBackquote(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func shownOptions(options map[string]any) string {
	if len(options) == 0 {
		return "{}"
	}
	text, _ := json.Marshal(options)
	return string(text)
}

func (c *cast) sameText(text string) *answer {
	for _, a := range c.answers {
		if a.Command == text {
			return a
		}
	}
	return nil
}

func (c *cast) texts() []string {
	var list []string
	for _, a := range c.answers {
		list = append(list, a.Command)
	}
	for text := range c.exact {
		list = append(list, text)
	}
	return list
}

// next is the first command that was not run yet.
func (c *cast) next() string {
	for _, a := range c.answers {
		if !a.used {
			return a.Command
		}
	}
	for _, text := range c.left() {
		return text
	}
	return ""
}

// left lists what was not run.
func (c *cast) left() []string {
	list := []string{}
	for _, a := range c.answers {
		if !a.used {
			list = append(list, a.Command)
		}
	}
	for text, s := range c.exact {
		if s.given == 0 {
			list = append(list, text)
		}
	}
	for _, s := range c.patterns {
		if s.given == 0 {
			list = append(list, "~"+s.pattern.String())
		}
	}
	if len(c.answers) == 0 {
		slices.Sort(list)
	}
	return list
}

// Ran lists the commands that were run; on one host unless it is "".
func (d *Double) Ran(host string) []Ran {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := []Ran{}
	for _, r := range d.ran {
		if host == "" || r.Host == host {
			list = append(list, r)
		}
	}
	return list
}

// Left lists the commands that were expected and not run, by host.
func (d *Double) Left() map[string][]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	left := map[string][]string{}
	for name, c := range d.hosts {
		if list := c.left(); len(list) > 0 {
			left[name] = list
		}
	}
	return left
}
