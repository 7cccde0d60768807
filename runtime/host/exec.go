package host

import (
	"context"

	"gofab/internal/command"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
)

// Exec runs one command on hosts, as gofab exec does, and tells how each
// ended.
func Exec(ctx context.Context, s *Services, hosts []*inventory.Host, words command.Words, sudo, fold bool) []event.HostResult {
	g := &Group{services: s}
	for _, h := range hosts {
		g.hosts = append(g.hosts, s.Handle(h))
	}
	o := command.Defaults()
	if o.Sudo = sudo; fold {
		o.Hide = command.HideBoth
	}
	text := words.Text()
	s.Events.Emit(event.GroupStart{Hosts: g.names(), Command: text})
	results, _ := g.fan(ctx, FanOptions{Fan: s.Fan, All: true}, func(ctx context.Context, h *Handle) (any, error) {
		return h.run(ctx, words, o, true)
	})
	if fold {
		s.Events.Emit(event.GroupResult{Command: text, Groups: event.Fold(results.Outputs())})
	}
	ended := results.Each()
	for _, r := range ended {
		s.Events.Emit(event.HostState{Host: r.Host, State: r.State, Error: event.Fail(r.Error)})
	}
	return ended
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
