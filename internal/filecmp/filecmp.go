// Package filecmp compares files and folders, on this machine and on hosts.
//
// Rules: content decides, never the time alone, unless a shallow comparison is
// asked for; nothing is cached; every entry ends in exactly one state; links
// are compared as links, or followed when that is asked for, and a loop is
// told instead of walked. Files on a host are listed with one command and
// hashed over there with another, so that they do not cross the network.
package filecmp

import (
	"cmp"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// Kind is what an entry is.
type Kind string

// The kinds of entries.
const (
	File  Kind = "file"
	Dir   Kind = "dir"
	Link  Kind = "link"
	Other Kind = "other" // device, socket, pipe
	Gone  Kind = "gone"  // cannot be looked at, such as a link to nowhere that is followed
)

// Entry is one name below a top folder.
type Entry struct {
	Path     string // slash separated, below the top
	Kind     Kind
	Size     int64 // bytes of a file
	Mode     fs.FileMode
	Modified time.Time
	UID, GID int
	Target   string // of a link
	Problem  string // why it could not be looked at
	id       string // device and number, to find loops
}

// State is what a comparison says of a path.
type State string

// The states. A path has exactly one.
const (
	Same      State = "same"
	Different State = "different"
	LeftOnly  State = "left_only"
	RightOnly State = "right_only"
	Funny     State = "funny"   // of different kinds, or no file, folder or link
	Trouble   State = "trouble" // could not be compared
	Common    State = "common"  // a folder on both sides
)

// Item is one path of a comparison. What lies below a folder that only one
// side has is not named.
type Item struct {
	Path  string `lua:"path" doc:"Path below both folders."`
	State State  `lua:"state" doc:"same, different, left_only, right_only, funny (of different kinds), trouble (could not be compared) or common (a folder on both sides)."`
	Why   string `lua:"why" doc:"How the two differ; empty when they do not."`
	Left  Kind   `lua:"left" doc:"What it is on the left: file, dir, link, other or gone; empty when it is not there."`
	Right Kind   `lua:"right" doc:"What it is on the right."`
}

// Options tune a comparison.
type Options struct {
	Ignore  []string // names and patterns to leave out; with / they count from the top
	Shallow bool     // files of the same size and time are the same
	Hash    bool     // compare SHA-256 sums, also where the bytes are at hand
	Follow  bool     // go through links
	Top     bool     // the top folders alone
	Mode    bool     // permission bits count
	Owner   bool     // user and group count
	Time    bool     // modification times of files count
	Workers int      // files compared at once; 0 takes one for each processor
}

// Ignored are the names that Python's filecmp leaves out unless told otherwise.
var Ignored = []string{"RCS", "CVS", "tags", ".git", ".hg", ".bzr", "_darcs", "__pycache__"}

// Result is a whole comparison, in the order of paths.
type Result struct {
	Left, Right string // how the two sides are called
	Items       []Item
}

// Equal says that nothing differs.
func (r *Result) Equal() bool {
	return !slices.ContainsFunc(r.Items, func(i Item) bool { return i.State != Same && i.State != Common })
}

// In lists the paths in a state.
func (r *Result) In(s State) []string {
	out := []string{}
	for _, item := range r.Items {
		if item.State == s {
			out = append(out, item.Path)
		}
	}
	return out
}

// byPath orders paths so that a folder stands in front of what it holds.
func byPath(a, b string) int {
	return cmp.Compare(strings.ReplaceAll(a, "/", "\x00"), strings.ReplaceAll(b, "/", "\x00"))
}
