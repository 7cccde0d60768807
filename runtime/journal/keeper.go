package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/inventory"
	"gofab/runtime/task"
)

// Keeper writes the journal of a run while it is under way, and knows what was
// done before in the run that it resumes.
type Keeper struct {
	journal *Journal
	deps    Deps

	mu     sync.Mutex
	calls  map[string]int  // by task and arguments
	left   map[string]bool // hosts that take no part in what was unknown
	next   int
	visits map[place]*live
}

// Deps is what a run lends to its journal.
type Deps struct {
	Secrets *secret.Redactor
	Now     func() time.Time
	Tell    func(event.Event)
}

// live is what is known of one visit in this run: what it took over and what
// it has done.
type live struct {
	done  bool            // in an earlier run
	value json.RawMessage // what the task gave then
	steps map[stepName]Step
}

// Start makes the journal of a run in a folder; "" keeps none. past is the run
// that is resumed, or nil.
func Start(folder string, head Head, plan []Call, past *Decided, deps Deps) (*Keeper, error) {
	k := &Keeper{journal: &Journal{}, deps: deps, calls: map[string]int{}, visits: map[place]*live{}}
	head.Version, head.Time = version, deps.Now()
	head.ID = newID(head.Time)
	head.Words = cleanWords(head.Words, plan, deps.Secrets)
	lines := []any{&headLine{typeRun, head}}
	for _, call := range plan {
		lines = append(lines, k.plan(call))
	}
	if past != nil {
		lines = append(lines, k.take(past)...)
	}
	if folder == "" {
		return k, nil
	}
	if err := makeFolder(folder); err != nil {
		return nil, err
	}
	var err error
	k.journal, err = create(filepath.Join(folder, head.ID), lines, k.broken)
	prune(folder)
	return k, err
}

// broken tells that the journal ended early.
func (k *Keeper) broken(err error) {
	k.deps.Tell(event.Warning{Text: err.Error(), Hint: "the run goes on, but gofab resume will not know it"})
}

// Dir is the folder of the journal; "" when none is kept.
func (k *Keeper) Dir() string {
	if !k.journal.Kept() {
		return ""
	}
	return filepath.Dir(k.journal.path)
}

// plan gives the line of one task and remembers its number.
func (k *Keeper) plan(call Call) callLine {
	number := k.next
	k.next++
	call.Args = cleanArgs(call.Args, k.deps.Secrets)
	if _, twice := k.calls[keyOf(call)]; !twice {
		k.calls[keyOf(call)] = number
	}
	return callLine{typeCall, number, call}
}

// keyOf tells tasks of a plan apart.
func keyOf(c Call) string {
	if len(c.Args) == 0 {
		return c.Task
	}
	args, _ := json.Marshal(c.Args) // names are sorted
	return c.Task + "\x00" + string(args)
}

// place finds the number of a visit's task; one that no plan told of gets a
// number now.
func (k *Keeper) place(step task.Step, h *inventory.Host) place {
	call := Call{Task: step.Task.Name, Args: cleanArgs(step.Values, k.deps.Secrets)}
	k.mu.Lock()
	number, planned := k.calls[keyOf(call)]
	var line any
	if !planned {
		line = k.plan(call)
		number = k.next - 1
	}
	k.mu.Unlock()
	if line != nil {
		k.journal.note(line)
	}
	return place{number, h.Name}
}

func (k *Keeper) live(at place) *live {
	k.mu.Lock()
	defer k.mu.Unlock()
	l := k.visits[at]
	if l == nil {
		l = &live{steps: map[stepName]Step{}}
		k.visits[at] = l
	}
	return l
}

// Finish writes how the run ended, and closes the journal.
func (k *Keeper) Finish(results []event.HostResult, code int, took time.Duration) {
	exit := Exit{Code: code, Duration: event.Seconds(took), States: map[event.State]int{}}
	for _, r := range results {
		exit.States[r.State]++
		if r.State != event.OK {
			exit.NotOK = append(exit.NotOK, r.Host)
		}
	}
	k.journal.note(exitLine{typeExit, k.deps.Now(), exit})
	_ = k.journal.Close()
}

// end gives the line of a visit's end.
func (k *Keeper) end(at place, began time.Time, err error) endLine {
	line := endLine{Type: typeEnd, Time: k.deps.Now(), place: at, State: host.StateOn(at.Host, err)}
	line.Duration = event.Seconds(line.Time.Sub(began))
	if err != nil {
		e := fault.From(err)
		line.Kind, line.Error = e.Kind, k.deps.Secrets.Redact(short(e.Error()))
	}
	return line
}

// short bounds the text of an error.
func short(text string) string {
	const most = 1000
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}

// HashOf is the SHA-256 sum of a fabfile, "" when it cannot be read.
func HashOf(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
