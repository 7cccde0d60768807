package replay

import (
	"bytes"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// files are the files of a host that a double plays: what the script wrote lies
// above what the record knows of.
type files struct {
	host   string
	strict bool // what neither knows is an error that says so, and no missing file

	mu       sync.Mutex
	recorded map[fileKey][]File
	nodes    map[string]*node
	gone     map[string]bool
	size     int64
}

// fileKey is one question about files.
type fileKey struct{ user, op, path string }

// node is a file, folder or link that the script made.
type node struct {
	info   transfer.Info
	data   []byte
	target string // of a link
}

// room bounds what a script may write on one host of a double.
const room = 256 << 20

func newFiles(host string, strict bool) *files {
	return &files{host: host, strict: strict, recorded: map[fileKey][]File{}, nodes: map[string]*node{}, gone: map[string]bool{}}
}

// fill puts files there that a test wrote: contents by path.
func (f *files) fill(value any) error {
	table, ok := value.(map[string]any)
	if !ok {
		return fault.New(fault.Usage, "files: want a table of paths and contents")
	}
	for name, content := range table {
		text, ok := content.(string)
		if !ok {
			return fault.New(fault.Usage, "files: %s: want its content as a text", name)
		}
		f.nodes[f.at("", name)] = &node{info: info(name, 0o644), data: []byte(text)}
	}
	return nil
}

func (f *files) copy(host string) *files {
	own := newFiles(host, f.strict)
	for name, n := range f.nodes {
		one := *n
		one.data = bytes.Clone(n.data)
		own.nodes[name] = &one
	}
	return own
}

func info(name string, mode fs.FileMode) transfer.Info {
	now := time.Now()
	return transfer.Info{Name: path.Base(name), Mode: mode, Modified: now, Accessed: now, UID: -1, GID: -1}
}

// temporary is the random part of a file's name before it is renamed.
var temporary = regexp.MustCompile(`\.gofab-[a-zA-Z0-9]+`)

func (f *files) key(user, op, name string) fileKey {
	return fileKey{user, op, temporary.ReplaceAllString(path.Clean(name), ".gofab-")}
}

// note keeps one line of a record.
func (f *files) note(l File) {
	key := f.key(l.User, l.Op, l.Path)
	f.recorded[key] = append(f.recorded[key], l)
}

// asked gives what the record says: the answers in their order, the last one
// again and again.
func (f *files) asked(user, op, name string) (File, bool) {
	key := f.key(user, op, name)
	list := f.recorded[key]
	if len(list) == 0 {
		return File{}, false
	}
	if len(list) > 1 {
		f.recorded[key] = list[1:]
	}
	return list[0], true
}

// failed tells whether the record says that something could not be done.
func (f *files) failed(user, op, name string) error {
	key := f.key(user, op, name)
	list := f.recorded[key]
	if len(list) == 0 {
		return nil
	}
	f.recorded[key] = list[1:]
	return list[0].Error.err()
}

// home is the home folder of a user.
func (f *files) home(user string) string {
	if l := f.recorded[f.key(user, opHome, "")]; len(l) > 0 && l[0].Text != "" {
		return l[0].Text
	}
	switch user {
	case "":
		return "/home/" + f.host
	case "root":
		return "/root"
	}
	return "/home/" + user
}

// at makes a path absolute.
func (f *files) at(user, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(f.home(user), name)
}

// as gives the files as a user sees them.
func (f *files) as(user string) (transfer.FS, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.failed(user, opFiles, ""); err != nil {
		return nil, err
	}
	return &view{files: f, user: user}, nil
}

// children lists the names below a folder that the script made.
func (f *files) children(dir string) map[string]*node {
	list := map[string]*node{}
	prefix := strings.TrimSuffix(dir, "/") + "/"
	for name, n := range f.nodes {
		rest, inside := strings.CutPrefix(name, prefix)
		if !inside {
			continue
		}
		first, deeper, _ := strings.Cut(rest, "/")
		switch {
		case deeper == "":
			list[first] = n
		case list[first] == nil:
			list[first] = &node{info: info(first, fs.ModeDir|0o755)}
		}
	}
	return list
}

// isFolder tells folders that are there since something in them is.
func (f *files) isFolder(at string) bool {
	prefix := strings.TrimSuffix(at, "/") + "/"
	for name := range maps.Keys(f.nodes) {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	for key := range f.recorded {
		if key.op == opHome && strings.HasPrefix(f.home(key.user)+"/", prefix) {
			return true
		}
	}
	return strings.HasPrefix(f.home("")+"/", prefix)
}

// nothing is the error of a path that nobody knows.
func (f *files) nothing(op, name string) error {
	if !f.strict {
		return fault.New(fault.NotFound, "%s: no such file or directory", name)
	}
	var known []string
	for key := range f.recorded {
		if key.op == op {
			known = append(known, key.path)
		}
	}
	slices.Sort(known)
	e := fault.New(fault.Failed, "the record does not know %s of %s (%s)", name, f.host, op)
	if len(known) > 0 {
		return e.WithHint("it knows %s", strings.Join(known[:min(len(known), 10)], ", "))
	}
	return e.WithHint("record again when the script is meant to do this now")
}
