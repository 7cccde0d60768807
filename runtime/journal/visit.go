package journal

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"

	"gofab/bindings/kit"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
	"gofab/runtime/task"
)

// visit is one call of a task's body on one host, as the steps in it see it.
type visit struct {
	keeper *Keeper
	at     place
	live   *live

	mu    sync.Mutex
	seen  map[stepName]sight
	tasks map[stepName]int // how often each task was run in the visit
}

// sight is where a step is written, and the try in which it was seen.
type sight struct {
	where string
	try   any
}

type visitKey struct{}

// Around keeps the journal of every task on every host, and leaves out what an
// earlier run has done.
func (k *Keeper) Around(ctx context.Context, v task.Visit, run func(context.Context) error) error {
	at := k.place(v.Step, v.Host)
	l := k.live(at)
	if l.done || v.Task.RunOnce && k.doneElsewhere(at.Call) {
		k.deps.Tell(event.Log{Level: event.Debug, Host: shown(v.Host), Text: "task " + v.Task.Name + " was done before"})
		return l.giveBack(v.Value)
	}
	began := k.deps.Now()
	k.journal.note(startLine{typeStart, began, at})
	err := run(context.WithValue(ctx, visitKey{}, &visit{
		keeper: k, at: at, live: l, seen: map[stepName]sight{}, tasks: map[stepName]int{},
	}))
	line := k.end(at, began, err)
	if err == nil {
		line.Value = k.value(v.Value)
	}
	k.journal.note(line)
	return err
}

// doneElsewhere tells whether an earlier run has done a task that runs once on
// any host.
func (k *Keeper) doneElsewhere(call int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for at, l := range k.visits {
		if at.Call == call && l.done {
			return true
		}
	}
	return false
}

// maxGiven bounds what is kept of what a task gave, as JSON.
const maxGiven = 64 << 10

// value is what a task gave, for results_of in a resumed run; nothing when it
// is no data, too much, or holds a secret.
func (k *Keeper) value(given *any) json.RawMessage {
	if given == nil || *given == nil {
		return nil
	}
	text, err := kit.ToJSON(*given, 0)
	if err != nil || len(text) > maxGiven || k.deps.Secrets.Redact(string(text)) != string(text) {
		return nil
	}
	return text
}

// giveBack gives what a task gave when it was done.
func (l *live) giveBack(into *any) error {
	if into == nil || len(l.value) == 0 {
		return nil
	}
	value, err := kit.FromJSON(l.value)
	*into = value
	return err
}

// Within has the steps of a task that is run by another one belong to that one,
// below the name of the task and how often it was run there.
func Within(ctx context.Context, inner task.Visit, run func(context.Context) error) error {
	v, _ := ctx.Value(visitKey{}).(*visit)
	if v == nil {
		return run(ctx)
	}
	name := v.name(ctx, inner.Task.Name)
	v.mu.Lock()
	v.tasks[name]++
	if n := v.tasks[name]; n > 1 {
		name.Path += "#" + strconv.Itoa(n)
	}
	v.mu.Unlock()
	return run(context.WithValue(ctx, pathKey{}, name.Path))
}

// shown is the host as events name it: this machine has no name.
func shown(h *inventory.Host) string {
	if h.Name == inventory.LocalName {
		return ""
	}
	return h.Name
}
