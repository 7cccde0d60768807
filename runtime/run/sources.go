package run

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/sysinfo"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/inventory"
)

// lendInventory gives selections what they need of a run.
func (r *Run) lendInventory() {
	r.Hosts.FactNames = factNames()
	r.Hosts.Facts, r.Hosts.Special = r.facts, r.special
	r.Hosts.Environ = r.Env.World.Environ
	r.Hosts.ReadFile = r.targetFile()
	r.Hosts.Secret = func(v secret.Value) { r.Env.Secrets.Add(v) }
	r.services.Targets = r.Targets
}

// loadSources adds the inventories of the command line.
func (r *Run) loadSources() error {
	for _, source := range r.options.Target.Sources {
		if err := r.loadSource(source); err != nil {
			e := *fault.From(err)
			if e.Kind == fault.NotFound { // the flag was wrong
				e.Kind = fault.Usage
			}
			return r.explain(&e)
		}
	}
	return nil
}

func (r *Run) loadSource(source string) error {
	_, err := os.Stat(source)
	switch {
	case err != nil && strings.Contains(source, ","):
		return r.Hosts.DeclareNames(source, "-I "+source)
	case err == nil && filepath.Ext(source) == ".lua":
		r.VM.AddPaths(filepath.Dir(source), filepath.Join(filepath.Dir(source), "lib"))
		return r.VM.RunFile(r.Context, source)
	default:
		return r.Hosts.Load(r.Context, source, "")
	}
}

// targetFile reads lists of targets; standard input is read once.
func (r *Run) targetFile() func(name string) ([]byte, error) {
	stdin := sync.OnceValues(func() ([]byte, error) { return r.readStdin() })
	return func(name string) ([]byte, error) {
		if name == "-" {
			return stdin()
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fault.OS(err, "cannot read the targets in %s", name)
		}
		return text, nil
	}
}

// maxTargets bounds a list of targets on standard input.
const maxTargets = 16 << 20

func (r *Run) readStdin() ([]byte, error) {
	type answer struct {
		text []byte
		err  error
	}
	read := make(chan answer, 1)
	go func() { // a read of standard input cannot be ended
		text, err := io.ReadAll(io.LimitReader(r.options.World.In, maxTargets))
		read <- answer{text, err}
	}()
	select {
	case a := <-read:
		if a.err != nil {
			return nil, fault.Wrap(fault.Failed, a.err, "cannot read targets from standard input")
		}
		return a.text, nil
	case <-r.Context.Done():
		return nil, fault.From(context.Cause(r.Context))
	}
}

// facts asks hosts for what they are and have, many at a time.
func (r *Run) facts(ctx context.Context, hosts []*inventory.Host) (map[string]map[string]any, error) {
	answers, problems := host.FactsOf(ctx, r.Env, r.services, hosts)
	if ctx.Err() != nil {
		return nil, fault.From(context.Cause(ctx))
	}
	for _, h := range hosts {
		err := problems[h.Name]
		if err == nil {
			continue
		}
		if r.options.Fan.OnUnreachable != host.Skip {
			return nil, fault.New(fault.KindOf(err), "cannot ask %s for facts (%d of %d hosts gave none): %s", h.Name, len(problems), len(hosts), fault.From(err).Text()).
				WithHint("--skip-unreachable leaves such hosts out")
		}
		r.Events.Emit(event.Warning{Text: h.Name + ": no facts, left out: " + fault.From(err).Text()})
	}
	known := make(map[string]map[string]any, len(answers))
	for name, facts := range answers {
		text, err := kit.ResultJSON(facts, 0)
		if err != nil {
			return nil, err
		}
		var table map[string]any
		if err := json.Unmarshal(text, &table); err != nil {
			return nil, fault.From(err)
		}
		known[name] = table
	}
	return known, nil
}

// factNames are the fields of what h:facts gives.
func factNames() []string {
	var names []string
	var add func(t reflect.Type)
	add = func(t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("lua"), ",")
			if name == "" && f.Anonymous {
				add(f.Type)
			} else if name != "" {
				names = append(names, name)
			}
		}
	}
	add(reflect.TypeFor[sysinfo.Facts]())
	return names
}
