package host

import (
	"context"
	"strings"

	"gofab/internal/command"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
)

// ExecOptions are what gofab exec does on each host: a script, or commands one
// after the other until one fails.
type ExecOptions struct {
	Commands []command.Words
	Literal  bool // leave {host} and the like in the commands as they are
	Script   *Script
	command.Options
}

// Text is what is done, for people.
func (o ExecOptions) Text() string {
	if o.Script != nil {
		return o.Script.text()
	}
	lines := make([]string, len(o.Commands))
	for i, words := range o.Commands {
		lines[i] = words.Text()
	}
	return strings.Join(lines, "; ")
}

// Exec does the same on all hosts, as gofab exec does, and tells how each ended.
func Exec(ctx context.Context, s *Services, hosts []*inventory.Host, o ExecOptions) *Results {
	g := &Group{services: s}
	number := map[string]int{}
	for i, h := range hosts {
		g.hosts = append(g.hosts, s.Handle(h))
		number[h.Name] = i + 1
	}
	s.Events.Emit(event.GroupStart{Hosts: g.names(), Command: o.Text()})
	results, _ := g.fan(ctx, FanOptions{Fan: s.Fan, All: true}, func(ctx context.Context, h *Handle) (any, error) {
		return h.exec(ctx, o, number[h.Name])
	})
	for _, r := range results.Each() {
		s.Events.Emit(event.HostState{Host: r.Host, State: r.State, Error: event.Fail(r.Error)})
	}
	return results
}

func (h *Handle) exec(ctx context.Context, o ExecOptions, number int) (result command.Result, err error) {
	if o.Script != nil {
		return h.runScript(ctx, *o.Script, o.Options)
	}
	for _, words := range o.Commands {
		if !o.Literal {
			if words, err = h.fill(words, number); err != nil {
				return command.Result{Code: -1}, h.named(err)
			}
		}
		if result, err = h.run(ctx, words, o.Options, len(o.Commands) == 1); err != nil {
			return result, err
		}
	}
	return result, nil
}

// FileOf is a file of one host.
type FileOf struct {
	Host    string
	Content []byte
	Error   error
}

// ReadAll reads a file of at most max bytes on hosts, many at a time.
func ReadAll(ctx context.Context, s *Services, hosts []*inventory.Host, path string, max int64) []FileOf {
	g := &Group{services: s}
	for _, h := range hosts {
		g.hosts = append(g.hosts, s.Handle(h))
	}
	results, _ := g.fan(ctx, FanOptions{All: true}, func(ctx context.Context, h *Handle) (any, error) {
		return h.ReadFile(ctx, path, max)
	})
	files := make([]FileOf, 0, len(hosts))
	for _, r := range results.Each() {
		content, _ := results.values[r.Host].([]byte)
		files = append(files, FileOf{r.Host, content, r.Error})
	}
	return files
}
