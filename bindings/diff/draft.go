package diff

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"gofab/internal/atomicfile"
	"gofab/internal/fault"
)

// draft is the folder as it will be. Patches of one file build on each other;
// what is renamed or copied is taken as it was, since git says both of the state
// before, in any order.
type draft struct {
	root    *os.Root
	options applyFilesArgs
	before  map[string]*content // as it is; nil is no file
	after   map[string]*content // where it differs
	left    map[string]bool     // paths that a patch renames or removes
	arrived []string            // paths that must not be there, or must be left
}

type content struct {
	text string
	mode fs.FileMode
}

// look reads a file as it is, once.
func (d *draft) look(path string) (*content, error) {
	if file, ok := d.before[path]; ok {
		return file, nil
	}
	info, err := d.root.Stat(path)
	if absent(err) || err == nil && info.IsDir() {
		d.before[path] = nil
		return nil, nil
	}
	if err != nil {
		return nil, fault.OS(err, "cannot patch %s", path)
	}
	data, err := d.root.ReadFile(path)
	if err != nil {
		return nil, fault.OS(err, "cannot patch %s", path)
	}
	d.before[path] = &content{string(data), info.Mode().Perm()}
	return d.before[path], nil
}

func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

// put notes what is where after a patch.
func (d *draft) put(change changedFile, now *content) error {
	switch change.Action {
	case "removed":
		d.left[change.Path] = true
		if now.text == "" { // what no patch knows of stays
			now = nil
		}
	case "renamed":
		d.left[change.From] = true
		if d.before[change.From] == nil || !slices.Contains(d.arrived, change.From) { // else another file came to its place
			d.after[change.From] = nil
		}
	}
	if change.From != "" {
		if _, err := d.look(change.Path); err != nil {
			return err
		}
		d.arrived = append(d.arrived, change.Path)
	}
	d.after[change.Path] = now
	return nil
}

// check finds files that would be overwritten by a rename or a copy, and folders
// that stand where a file is to be.
func (d *draft) check() error {
	for path, file := range d.after {
		if info, err := d.root.Stat(path); file == nil || err != nil || !info.IsDir() {
			continue
		}
		err := fs.WalkDir(d.root.FS(), path, func(inside string, e fs.DirEntry, err error) error {
			if now, ok := d.after[inside]; err == nil && !e.IsDir() && (!ok || now != nil) {
				return fault.New(fault.Exists, "the patch makes %s, which is a folder with %s in it", path, inside)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, path := range d.arrived {
		if d.before[path] != nil && !d.left[path] {
			return fault.New(fault.Exists, "the patch makes %s, which is there already", path)
		}
	}
	return nil
}

// write puts the files in their places, each in one step, and then removes what
// is left: what is renamed is there all the time.
func (d *draft) write() error {
	var gone []string
	for _, path := range slices.Sorted(maps.Keys(d.after)) {
		if d.after[path] == nil && d.before[path] != nil {
			gone = append(gone, path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(d.after)) {
		file := d.after[path]
		if file == nil {
			continue
		}
		for _, other := range gone {
			if strings.HasPrefix(path, other+"/") || strings.HasPrefix(other, path+"/") { // a folder takes its place, or it was in one
				if err := d.remove(other); err != nil {
					return err
				}
			}
		}
		if dir := filepath.Dir(path); dir != "." {
			if err := d.root.MkdirAll(dir, 0o755); err != nil {
				return fault.OS(err, "cannot make %s", dir)
			}
		}
		if err := atomicfile.Write(filepath.Join(d.root.Name(), path), []byte(file.text), file.mode); err != nil {
			return fault.OS(err, "cannot write %s", path)
		}
	}
	for _, path := range gone {
		if err := d.remove(path); err != nil {
			return err
		}
	}
	return nil
}

// remove takes a file away, and the folders that are empty without it.
func (d *draft) remove(path string) error {
	if info, err := d.root.Lstat(path); absent(err) || err == nil && info.IsDir() {
		return nil // it had to make way
	}
	if err := d.root.Remove(path); err != nil {
		return fault.OS(err, "cannot remove %s", path)
	}
	for dir := filepath.Dir(path); dir != "." && d.root.Remove(dir) == nil; dir = filepath.Dir(dir) {
		continue
	}
	return nil
}

func (f *content) string() string {
	if f == nil {
		return ""
	}
	return f.text
}

// withExecution sets who may run a file: whoever may read it, or nobody.
func withExecution(mode fs.FileMode, on bool) fs.FileMode {
	if !on {
		return mode &^ 0o111
	}
	return mode | mode&0o444>>2
}
