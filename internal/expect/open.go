package expect

import (
	"context"
	"sync"
	"time"

	"gofab/internal/fault"
	"gofab/internal/secret"
)

// Held is how a script holds a dialogue; the tags are its documentation.
type Held struct {
	Timeout time.Duration `lua:"timeout" default:"30s" doc:"Limit of each wait that names none; 0 is the default."`
	Settle  time.Duration `lua:"settle" default:"0.05s" doc:"How long output rests before it counts as paused: $ matches then, and a match that more output could lengthen is taken."`
	Buffer  int           `lua:"buffer" default:"4194304" doc:"How many bytes of output a wait keeps; of more the oldest are dropped, and match.dropped counts them."`
	Log     string        `lua:"log" default:"" doc:"File to which both directions are added, with secrets as stars."`
	LogRead string        `lua:"log_read" default:"" doc:"File for what the program shows only."`
	LogSent string        `lua:"log_sent" default:"" doc:"File for what is sent only."`
}

// check refuses what means nothing.
func (h Held) check() error {
	switch {
	case h.Timeout < 0 || h.Settle < 0:
		return fault.New(fault.Usage, "timeout and settle cannot be negative")
	case h.Buffer < 0 || h.Buffer > 1<<30:
		return fault.New(fault.Usage, "buffer: up to 1 GB can be kept, got %d", h.Buffer)
	}
	return nil
}

// Registry holds the dialogues of a run that are open; its end closes them.
type Registry struct {
	Secrets *secret.Redactor
	Trace   bool                    // explain each wait
	Explain func(host, text string) // gets the explanations

	mu   sync.Mutex
	open map[*Process]bool
}

// RegistryKey is where a run keeps its registry.
type RegistryKey struct{}

// Open begins a dialogue that ends with ctx, or with the run. The path of a
// log is taken as path gives it.
func (r *Registry) Open(ctx context.Context, s Stream, name, host string, how Held, path func(string) string) (*Process, error) {
	if err := how.check(); err != nil {
		_ = s.Close()
		return nil, err
	}
	o := Options{Name: name, Host: host, Timeout: how.Timeout, Settle: how.Settle, Buffer: how.Buffer, Redact: r.Secrets.Redact}
	if r.Trace {
		o.Trace = func(text string) { r.Explain(host, text) }
	}
	p := New(s, o)
	stop := context.AfterFunc(ctx, func() { _ = p.Close() })
	p.OnClose(func() { stop() })
	r.add(p)
	if err := p.Log(Logs{path(how.Log), path(how.LogRead), path(how.LogSent)}, r.Secrets); err != nil {
		_ = p.Close()
		return nil, err
	}
	return p, nil
}

func (r *Registry) add(p *Process) {
	r.mu.Lock()
	if r.open == nil {
		r.open = map[*Process]bool{}
	}
	r.open[p] = true
	r.mu.Unlock()
	p.OnClose(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.open, p)
	})
}

// Close ends all dialogues.
func (r *Registry) Close() error {
	r.mu.Lock()
	var open []*Process
	for p := range r.open {
		open = append(open, p)
	}
	r.mu.Unlock()
	var group sync.WaitGroup
	for _, p := range open {
		group.Go(func() { _ = p.Close() })
	}
	group.Wait()
	return nil
}
