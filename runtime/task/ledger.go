package task

import (
	"sync"

	"gofab/bindings/kit"
	"gofab/internal/turn"
	"gofab/runtime/host"
)

// Ledger is what the tasks of a run gave, host by host. A task that runs
// several times, with other arguments, has what it gave last.
type Ledger struct {
	mu     sync.Mutex
	byTask map[*Task]*host.Results
}

func (l *Ledger) put(t *Task, r *host.Results) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byTask == nil {
		l.byTask = map[*Task]*host.Results{}
	}
	l.byTask[t] = r
}

// of gives the results of a task; nil before it has begun.
func (l *Ledger) of(t *Task) *host.Results {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byTask[t]
}

type ledgerKey struct{}

// LedgerOf gives the run's ledger.
func LedgerOf(env *kit.Env) *Ledger {
	return kit.SharedValue(env.Shared, ledgerKey{}, func() *Ledger { return &Ledger{} })
}

type turnsKey struct{}

// TurnsOf gives the run's limits and what is done once.
func TurnsOf(env *kit.Env) *turn.Set { return kit.SharedValue(env.Shared, turnsKey{}, turn.NewSet) }
