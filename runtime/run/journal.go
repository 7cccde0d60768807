package run

import (
	"os"
	"os/user"
	"path/filepath"
	"slices"

	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
	"gofab/runtime/journal"
	"gofab/runtime/task"
)

// JournalOptions say what a run remembers and what it goes on with.
type JournalOptions struct {
	Folder   string           // where the journals are; "" is nowhere
	Off      bool             // keep none of this run
	Required bool             // one that cannot be written is an error and no warning
	Flags    [][]string       // gofab's own options, for the journal
	Resume   *journal.Decided // the run to go on with; nil for a new one
	Narrow   bool             // hosts of it that the tasks do not mean now take no part
	Missing  string           // what happens to its hosts that have left the inventory: MissingError or MissingSkip
}

// What happens to hosts of a resumed run that are no longer in the inventory.
const (
	MissingError = "error"
	MissingSkip  = "skip"
)

// remember starts the journal of a run of tasks. planned are the hosts of each
// step, by name.
func (r *Run) remember(steps []task.Step, planned [][]string) (*journal.Keeper, error) {
	o := r.options.Journal
	plan := make([]journal.Call, len(steps))
	for i, step := range steps {
		plan[i] = journal.Call{Task: step.Task.Name, Args: step.Values, Hosts: planned[i], Once: step.Task.RunOnce}
	}
	deps := journal.Deps{Secrets: r.Env.Secrets, Now: r.options.World.Now, Tell: r.Events.Emit}
	folder := o.Folder
	if scope := r.options.Commands.Scope; o.Off || scope != nil && scope.Dry {
		folder = "" // a dry run does nothing that could be gone on with
	}
	keeper, err := journal.Start(folder, r.journalHead(), plan, o.Resume, deps)
	if err == nil {
		return keeper, nil
	}
	if o.Required || o.Resume != nil {
		return nil, err
	}
	r.Events.Emit(event.Warning{Text: err.Error(), Hint: "gofab resume will not know this run; --journal DIR names another place, --no-journal keeps none"})
	return journal.Start("", journal.Head{}, plan, nil, deps)
}

func (r *Run) journalHead() journal.Head {
	head := journal.Head{
		PID: os.Getpid(), Dir: r.dir, File: r.file, Words: r.words, Flags: r.options.Journal.Flags,
		Hash: journal.HashOf(absolute(r.dir, r.file)),
	}
	if head.Words == nil {
		head.Words = []string{}
	}
	if u, err := user.Current(); err == nil {
		head.User = u.Username
	}
	if past := r.options.Journal.Resume; past != nil {
		head.Resumes = past.ID
	}
	return head
}

// plannedHosts names the hosts of each step: those that its expression means,
// or those that it had in the run that is resumed, whatever it means today.
func (r *Run) plannedHosts(steps []task.Step, targets [][]*inventory.Host) [][]string {
	planned := make([][]string, len(steps))
	for i, step := range steps {
		if past := r.options.Journal.Resume; past != nil {
			if names, ok := past.HostsOf(step.Task.Name, step.Values, r.Env.Secrets); ok {
				planned[i] = names
				continue
			}
		}
		for _, h := range targets[i] {
			planned[i] = append(planned[i], h.Name)
		}
	}
	return planned
}

// again puts the planned hosts in the place of the targets of a run that is
// resumed, and lists those that take no part.
func (r *Run) again(planned [][]string, targets [][]*inventory.Host) ([]event.HostResult, error) {
	past := r.options.Journal.Resume
	if past == nil {
		return nil, nil
	}
	var out []event.HostResult
	left := map[string]bool{}
	for i, names := range planned {
		known, meant := r.known(targets[i]), targets[i]
		targets[i] = nil
		for _, name := range names {
			h := known[name]
			if h != nil && !past.Skipped[name] && (!r.options.Journal.Narrow || slices.Contains(meant, h)) {
				targets[i] = append(targets[i], h)
				continue
			}
			if h == nil && !past.Skipped[name] && r.options.Journal.Missing != MissingSkip {
				return nil, leftInventory(name)
			}
			if !left[name] {
				left[name] = true
				out = append(out, event.HostResult{Host: name, State: event.Skipped})
			}
		}
	}
	return out, nil
}

// skipped tells how the hosts ended that took no part.
func (r *Run) skipped(left []event.HostResult) []event.HostResult {
	for _, result := range left {
		r.Events.Emit(event.HostState{Host: result.Host, State: result.State})
	}
	return left
}

// special are the groups that nobody declares.
func (r *Run) special(name string) ([]string, error) {
	if name != "failed" || r.options.Journal.Folder == "" {
		return nil, nil
	}
	return journal.NotOK(r.options.Journal.Folder, r.options.World.Dir())
}

func leftInventory(name string) error {
	return fault.New(fault.NotFound, "the host %s was part of the run and is not in the inventory any more", name).
		WithHint("put it back, or leave such hosts out with --missing=skip")
}

// known are the hosts that a task may have: those of the inventory, and what
// its expression means.
func (r *Run) known(targets []*inventory.Host) map[string]*inventory.Host {
	all := map[string]*inventory.Host{}
	for _, h := range r.Hosts.Hosts() {
		all[h.Name] = h
	}
	for _, h := range targets { // this machine is among these only
		all[h.Name] = h
	}
	return all
}

// Changed tells whether the fabfile is another one than that of the run to
// resume.
func Changed(past *journal.Run) bool {
	return journal.HashOf(absolute(past.Dir, past.File)) != past.Hash
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
