package journal

import (
	"crypto/rand"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
)

// keep is how many runs a folder remembers.
const keep = 50

// Folder is where the journals of a person are, given the environment and the
// home folder; "" for somebody without one.
func Folder(getenv func(string) string, home string) string {
	state := getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // as the XDG specification wants it
		if home == "" {
			return ""
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "gofab", "runs")
}

// idForm is the name of a run and of its folder: when it began, and something
// by which two that began together differ.
var idForm = regexp.MustCompile(`^\d{8}-\d{6}\.\d{3}-[a-z2-7]{6}$`)

func newID(now time.Time) string {
	return now.UTC().Format("20060102-150405.000") + "-" + strings.ToLower(rand.Text()[:6])
}

// prune removes the oldest runs of a folder. It touches nothing but journals:
// the folder may be one that has other things in it.
func prune(folder string) {
	names := runsIn(folder)
	for _, name := range names[:max(len(names)-keep, 0)] {
		dir := filepath.Join(folder, name)
		if locked(filepath.Join(dir, Name)) {
			continue
		}
		for _, file := range []string{Name, Name + ".new", incomplete} {
			_ = os.Remove(filepath.Join(dir, file))
		}
		_ = os.Remove(dir)
	}
}

// runsIn lists the runs of a folder, the oldest first.
func runsIn(folder string) []string {
	entries, _ := os.ReadDir(folder)
	var names []string
	for _, e := range entries {
		if e.IsDir() && idForm.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// Runs reads the runs of a folder one by one, the newest first. What cannot be
// read is told of, and left out.
func Runs(folder string, unread func(error)) iter.Seq[*Run] {
	return func(yield func(*Run) bool) {
		for _, name := range slices.Backward(runsIn(folder)) {
			run, err := Read(filepath.Join(folder, name))
			switch {
			case err == nil:
				if !yield(run) {
					return
				}
			case fault.KindOf(err) != fault.NotFound: // one that never began, or was given up
				unread(err)
			}
		}
	}
}

// Find gives the run that a word names: an id, the beginning of one, or the
// folder of a journal.
func Find(folder, word string) (*Run, error) {
	if _, err := os.Stat(filepath.Join(word, Name)); err == nil {
		return Read(word)
	}
	var found []string
	for _, name := range runsIn(folder) {
		if strings.HasPrefix(name, word) || strings.HasSuffix(name, "-"+word) {
			found = append(found, name)
		}
	}
	switch len(found) {
	case 1:
		run, err := Read(filepath.Join(folder, found[0]))
		if fault.KindOf(err) == fault.NotFound {
			return nil, fault.New(fault.NotFound, "the run %s has no journal: it could not be written", found[0])
		}
		return run, err
	case 0:
		return nil, fault.New(fault.NotFound, "there is no run %q", word).WithHint("gofab resume --list shows the runs")
	default:
		return nil, fault.New(fault.Usage, "%q is the beginning of %d runs", word, len(found)).WithHint("gofab resume --list shows the runs")
	}
}

// TakenUp gives the run that has resumed another one, nil when none has.
func TakenUp(runs iter.Seq[*Run], id string) *Run {
	for r := range runs {
		if r.Resumes == id {
			return r
		}
	}
	return nil
}

// Last gives the newest run of a working folder that did not end well and that
// no other run has taken up; with file, only runs of that fabfile.
func Last(runs iter.Seq[*Run], dir, file string) (*Run, error) {
	here, taken := false, map[string]bool{}
	for r := range runs {
		taken[r.Resumes] = true // by a newer one
		if r.Dir != dir || file != "" && !r.of(file) {
			continue
		}
		here = true
		if !taken[r.ID] && !r.Well() {
			return r, nil
		}
	}
	of := "in this folder"
	if file != "" {
		of = "of " + file
	}
	if !here {
		return nil, fault.New(fault.NotFound, "no run %s is known", of).WithHint("gofab resume --list shows the runs, of all folders")
	}
	return nil, fault.New(fault.NotFound, "there is nothing to resume: the runs %s ended well", of)
}

func (r *Run) of(file string) bool {
	mine := r.File
	if !filepath.IsAbs(mine) {
		mine = filepath.Join(r.Dir, mine)
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(r.Dir, file)
	}
	return filepath.Clean(mine) == filepath.Clean(file)
}

// Well tells whether a run came to its end with everything done.
func (r *Run) Well() bool {
	if r.Exit == nil || len(r.Exit.NotOK) > 0 {
		return false
	}
	for _, v := range r.visits {
		if v.State != event.OK {
			return false
		}
	}
	return r.Exit.Code == 0
}

// NotOK lists the hosts that the newest run of a working folder left in any
// state but ok, also those that it did not come to.
func NotOK(folder, dir string) ([]string, error) {
	for r := range Runs(folder, func(error) {}) {
		if r.Dir == dir && !r.Running {
			return slices.DeleteFunc(r.notOK(), func(host string) bool { return host == inventory.LocalName }), nil
		}
	}
	return nil, fault.New(fault.NotFound, "no run in this folder is known").
		WithHint("@failed means the hosts that were not ok in the last run here")
}

func (r *Run) notOK() []string {
	names := []string{}
	if r.Exit != nil {
		return append(names, r.Exit.NotOK...)
	}
	for number, call := range r.Calls {
		for _, host := range call.Hosts {
			if r.stateOf(number, host) != event.OK && !slices.Contains(names, host) {
				names = append(names, host)
			}
		}
	}
	return names
}

// makeFolder makes the place of the journals.
func makeFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fault.OS(err, "cannot make the folder of the journals, %s", folder)
	}
	return nil
}
