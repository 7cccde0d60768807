package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/inventory"
)

// Module declares the steps of a task.
func Module() *kit.Module {
	return &kit.Module{
		Name: "journal", Global: true,
		Doc: "Steps of a task that are done once, also when a run is resumed.",
		Funcs: []kit.Func{
			kit.Fn("step", "Do one part of a task, and have the journal of the run remember that it is done and what it returned: "+
				"`gofab resume` gives that value again and does not run the function. What it returns is data: texts, numbers, "+
				"booleans and tables of them. Steps may be inside of steps. Outside of a task the function just runs.", step).With(stepExample),
		},
	}
}

const stepExample = `task("release", { hosts = "web1" }, function(h)
  local dir = step("unpack", function()
    local dir = "releases/" .. os.date("%Y%m%d")
    h:run({ "mkdir", "-p", dir })
    return dir
  end)
  step("switch", function() h:run({ "ln", "-sfn", dir, "current" }) end)
end)`

type stepArgs struct {
	Name string       `lua:"name,arg1" doc:"What the step does; each of a task has a name of its own."`
	Body kit.Callback `lua:"body,last" doc:"The work."`
}

// maxValue bounds what a step may return, as JSON.
const maxValue = 1 << 20

type pathKey struct{}

func step(c *kit.Call, a stepArgs) (kit.Multi, error) {
	if strings.TrimSpace(a.Name) == "" {
		return nil, fault.New(fault.Usage, "a step needs a name")
	}
	v, _ := c.Context.Value(visitKey{}).(*visit)
	if v == nil {
		return a.Body.Call(c.Context)
	}
	name := v.name(c.Context, a.Name)
	if err := v.enter(name, sight{a.Body.Where(), kit.TryOf(c.Context)}); err != nil {
		return nil, err
	}
	if known, ok := v.known(name); ok {
		return v.old(name, known)
	}
	if v.keeper.left[name.On] {
		return nil, fault.New(fault.Skipped, "left out: nobody knows whether the step %q was done here", name.Path)
	}
	return v.do(context.WithValue(c.Context, pathKey{}, name.Path), name, a.Body)
}

// name is the step with those around it in front.
func (v *visit) name(ctx context.Context, name string) stepName {
	if outer, ok := ctx.Value(pathKey{}).(string); ok {
		name = outer + "/" + name
	}
	s := stepName{Path: name}
	if on := kit.HostOf(ctx); on != "" && on != v.at.Host {
		s.On = on
	}
	return s
}

// enter refuses a name that is taken: which of the two was done, nobody could
// tell afterwards. A step that failed may be tried again, and another try of
// what is around it finds it done.
func (v *visit) enter(name stepName, here sight) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	first, twice := v.seen[name]
	if twice && first.try == here.try {
		return fault.New(fault.Usage, "there is a step %q here already (%s)", name.Path, first.where).
			WithHint("give each step of a task a name of its own, such as one with what it works on in it")
	}
	v.seen[name] = here
	return nil
}

func (v *visit) known(name stepName) (Step, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, ok := v.live.steps[name]
	return s, ok && s.State == event.OK
}

// old gives what a step returned when it was done.
func (v *visit) old(name stepName, s Step) (kit.Multi, error) {
	if s.Secret {
		return nil, fault.New(fault.Failed, "the step %q was done, but what it returned held a secret and was not kept", name.Path).
			WithHint("let the step return nothing secret, and read the secret again outside of it")
	}
	v.keeper.deps.Tell(event.Log{Level: event.Debug, Host: v.host(name), Text: "step " + name.Path + " was done before"})
	return decode(s.Value)
}

func decode(value json.RawMessage) (kit.Multi, error) {
	if len(value) == 0 {
		return kit.Multi{}, nil
	}
	data, err := kit.FromJSON(value)
	return kit.Multi{data}, err
}

// host is where a step takes place, as events name it.
func (v *visit) host(name stepName) string {
	switch {
	case name.On != "":
		return name.On
	case v.at.Host == inventory.LocalName:
		return ""
	}
	return v.at.Host
}

// do runs a step that is not done.
func (v *visit) do(ctx context.Context, name stepName, body kit.Callback) (kit.Multi, error) {
	line := stepLine{Type: typeBegun, Time: v.keeper.deps.Now(), place: v.at, stepName: name}
	v.keeper.journal.note(line)
	results, err := body.Call(ctx)
	line.Type, line.Time, line.State = typeDone, v.keeper.deps.Now(), host.StateOf(err)
	if err != nil {
		v.note(line)
		v.forget(name)
		return nil, err
	}
	if line.Value, err = encode(results); err != nil {
		line.State = event.Unknown // done, but a resume would not have the value
		v.note(line)
		return nil, fault.Wrap(fault.Usage, err, "step %q returned what cannot be kept", name.Path).
			WithHint("it may return texts, numbers, booleans and tables of them")
	}
	if shown := v.keeper.deps.Secrets.Redact(string(line.Value)); shown != string(line.Value) {
		kept := line
		kept.Value, kept.Secret = nil, true
		v.note(kept)
		return decode(line.Value)
	}
	v.note(line)
	return decode(line.Value)
}

// encode makes JSON of what a step returned; nothing for nothing.
func encode(results []any) (json.RawMessage, error) {
	if len(results) == 0 || results[0] == nil {
		return nil, nil
	}
	text, err := kit.ToJSON(results[0], 0)
	if err == nil && len(text) > maxValue {
		err = fault.New(fault.Usage, "%d bytes, more than the %d that a journal takes", len(text), maxValue)
	}
	return bytes.TrimSpace(text), err
}

// note remembers the end of a step for another try in this run, and for
// another run.
func (v *visit) note(line stepLine) {
	v.mu.Lock()
	v.live.steps[line.stepName] = Step{line.State, line.Value, line.Secret}
	v.mu.Unlock()
	v.keeper.journal.note(line)
}

// forget lets a step that failed be tried again in the same call.
func (v *visit) forget(name stepName) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for inner := range v.seen {
		if inner == name || inner.On == name.On && strings.HasPrefix(inner.Path, name.Path+"/") {
			delete(v.seen, inner)
		}
	}
}
