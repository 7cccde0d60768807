package journal

import (
	"context"
	"sync"

	"gofab/runtime/event"
	"gofab/runtime/inventory"
	"gofab/runtime/task"
)

// visit is one call of a task's body on one host, as the steps in it see it.
type visit struct {
	keeper *Keeper
	at     place
	live   *live

	mu   sync.Mutex
	seen map[stepName]string // where each step of this call is written
}

type visitKey struct{}

// Around keeps the journal of every task on every host, and leaves out what an
// earlier run has done.
func (k *Keeper) Around(ctx context.Context, v task.Visit, run func(context.Context) error) error {
	at := k.place(v.Step, v.Host)
	l := k.live(at)
	if l.done {
		k.deps.Tell(event.Log{Level: event.Debug, Host: shown(v.Host), Text: "task " + v.Task.Name + " was done before"})
		return nil
	}
	began := k.deps.Now()
	k.journal.note(startLine{typeStart, began, at})
	err := run(context.WithValue(ctx, visitKey{}, &visit{keeper: k, at: at, live: l, seen: map[stepName]string{}}))
	k.journal.note(k.end(at, began, err))
	return err
}

// shown is the host as events name it: this machine has no name.
func shown(h *inventory.Host) string {
	if h.Name == inventory.LocalName {
		return ""
	}
	return h.Name
}
