package diff

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/atomicfile"
	"gofab/internal/difflib"
	"gofab/internal/fault"
)

type parseArgs struct {
	Patch text `lua:"patch,arg1" doc:"A unified diff, or {file = path}."`
}

// filePatch is the part of a patch that belongs to one file.
type filePatch struct {
	Old     string `lua:"old" doc:"Name in the --- line; /dev/null for a new file."`
	New     string `lua:"new" doc:"Name in the +++ line; /dev/null for a file that goes."`
	Hunks   []hunk `lua:"hunks" doc:"The places of change."`
	Added   int    `lua:"added" doc:"Lines that come."`
	Removed int    `lua:"removed" doc:"Lines that go."`
}

type hunk struct {
	OldStart int      `lua:"old_start" doc:"First line in the old file."`
	NewStart int      `lua:"new_start" doc:"First line in the new file."`
	Lines    []string `lua:"lines" doc:"Lines with a blank, - or + in front."`
}

func parse(c *kit.Call, a parseArgs) ([]filePatch, error) {
	patches, err := readPatch(c, &a.Patch)
	if err != nil {
		return nil, err
	}
	out := make([]filePatch, len(patches))
	for i, p := range patches {
		out[i] = filePatch{Old: p.Old, New: p.New, Hunks: []hunk{}}
		for _, h := range p.Hunks {
			out[i].add(h)
		}
	}
	return out, nil
}

func (f *filePatch) add(h difflib.Hunk) {
	f.Hunks = append(f.Hunks, hunk{h.OldStart, h.NewStart, h.Lines})
	for _, line := range h.Lines {
		switch line[0] {
		case '+':
			f.Added++
		case '-':
			f.Removed++
		}
	}
}

func readPatch(c *kit.Call, t *text) ([]difflib.Patch, error) {
	content, err := t.string(c)
	if err != nil {
		return nil, err
	}
	return difflib.ParsePatch(content)
}

// applyOptions is what both ways of applying have in common.
type applyOptions struct {
	Fuzz    int  `lua:"fuzz" default:"2" doc:"How many lines of context at each end of a change may differ."`
	Reverse bool `lua:"reverse" default:"false" doc:"Take the patch back."`
}

type applyArgs struct {
	Text  text `lua:"text,arg1" doc:"The text to change, or {file = path, on = host}. A file is read, not written."`
	Patch text `lua:"patch,arg2" doc:"A unified diff of one file, or {file = path}."`
	applyOptions
	Check bool `lua:"check" default:"true" doc:"Raise when a change fits nowhere. With false the others are applied and rejected has the rest."`
}

type applied struct {
	Text     string           `lua:"text" doc:"The changed text."`
	OK       bool             `lua:"ok" doc:"Whether all changes were applied."`
	Placed   []difflib.Placed `lua:"placed" doc:"Where each change was applied."`
	Rejected string           `lua:"rejected" doc:"A patch of the changes that fit nowhere; empty when there are none."`
}

func apply(c *kit.Call, a applyArgs) (applied, error) {
	patches, err := readPatch(c, &a.Patch)
	if err != nil {
		return applied{}, err
	}
	content, err := a.Text.string(c)
	if err != nil {
		return applied{}, err
	}
	switch len(patches) {
	case 0:
		return applied{Text: content, OK: true, Placed: []difflib.Placed{}}, nil
	case 1:
	default:
		return applied{}, misuse("the patch changes %d files", len(patches)).(*fault.Error).WithHint("diff.apply_files changes the files of a folder")
	}
	out := a.change(patches[0], content)
	if a.Check && !out.OK {
		return applied{}, rejects(or(a.Text.name(), "the text"), patches[0], content, out, a.applyOptions)
	}
	return out, nil
}

// change applies one file's part to its content.
func (o applyOptions) change(p difflib.Patch, content string) applied {
	if o.Reverse {
		p = p.Reverse()
	}
	result := p.Apply(difflib.Lines(content), max(o.Fuzz, 0))
	out := applied{Text: strings.Join(result.Lines, ""), OK: len(result.Rejected) == 0, Placed: append([]difflib.Placed{}, result.Placed...)}
	if !out.OK {
		out.Rejected = difflib.Patch{Old: p.Old, New: p.New, Hunks: result.Rejected}.Text()
	}
	return out
}

// rejects is the error of a patch that does not fit, with a guess why.
func rejects(name string, p difflib.Patch, content string, out applied, o applyOptions) error {
	e := fault.New(fault.Failed, "%d of %d changes do not fit %s:\n%s", len(p.Hunks)-len(out.Placed), len(p.Hunks), name,
		strings.TrimSuffix(out.Rejected, "\n"))
	o.Reverse = !o.Reverse
	if o.change(p, content).OK {
		return e.WithHint("it looks as if the patch was applied already")
	}
	return e.WithHint("check = false applies what fits and gives the rest in rejected")
}

type applyFilesArgs struct {
	Patch text   `lua:"patch,arg1" doc:"A unified diff of any number of files, or {file = path}."`
	Dir   string `lua:"dir" default:"." doc:"Folder of the files. No name in the patch leads out of it."`
	Strip int    `lua:"strip" default:"1" doc:"How many folders are taken off the front of each name, as for patch -p."`
	Dry   bool   `lua:"dry" default:"false" doc:"Check whether everything fits, change nothing."`
	applyOptions
}

type changedFile struct {
	Path   string           `lua:"path" doc:"Path inside dir."`
	Action string           `lua:"action" doc:"changed, created or removed."`
	Placed []difflib.Placed `lua:"placed" doc:"Where each change was applied."`
	text   string
	mode   fs.FileMode
}

// applyFiles works everything out first, so that a patch that does not fit
// changes nothing.
func applyFiles(c *kit.Call, a applyFilesArgs) ([]changedFile, error) {
	patches, err := readPatch(c, &a.Patch)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(c.Path(a.Dir))
	if err != nil {
		return nil, fault.OS(err, "cannot open %s", a.Dir)
	}
	defer func() { _ = root.Close() }()
	changes := []changedFile{}
	for _, p := range patches {
		change, err := a.plan(root, p)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	if a.Dry {
		return changes, nil
	}
	for _, change := range changes {
		if err := change.write(root); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

// plan works out what becomes of one file.
func (a *applyFilesArgs) plan(root *os.Root, p difflib.Patch) (changedFile, error) {
	from, to := p.Old, p.New
	if a.Reverse {
		from, to = to, from
	}
	change := changedFile{Action: "changed", mode: 0o644}
	var content []byte
	var err error
	switch {
	case from == os.DevNull:
		change.Action = "created"
		change.Path, err = a.local(to)
	case to == os.DevNull:
		change.Action = "removed"
		change.Path, err = a.local(from)
	default:
		change.Path, err = a.local(to)
	}
	if err != nil {
		return change, err
	}
	info, err := root.Stat(change.Path)
	switch {
	case change.Action == "created" && err == nil:
		return change, fault.New(fault.Exists, "the patch creates %s, which is there already", change.Path)
	case change.Action == "created" && errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return change, fault.OS(err, "cannot patch %s", change.Path).WithHint("is strip = %d right for the names in the patch?", a.Strip)
	default:
		change.mode = info.Mode().Perm()
		if content, err = root.ReadFile(change.Path); err != nil {
			return change, fault.OS(err, "cannot patch %s", change.Path)
		}
	}
	out := a.change(p, string(content))
	if !out.OK {
		return change, rejects(change.Path, p, string(content), out, a.applyOptions)
	}
	change.text, change.Placed = out.Text, out.Placed
	return change, nil
}

// local is a name of the patch as a path inside the folder.
func (a *applyFilesArgs) local(name string) (string, error) {
	local := name
	for range a.Strip {
		_, rest, found := strings.Cut(local, "/")
		if !found {
			return "", misuse("strip = %d leaves nothing of %q", a.Strip, name)
		}
		local = strings.TrimLeft(rest, "/")
	}
	if !filepath.IsLocal(local) {
		return "", fault.New(fault.Denied, "the patch names %q, which lies outside of the folder", local)
	}
	return filepath.Clean(local), nil
}

// write puts the result in its place in one step.
func (f *changedFile) write(root *os.Root) error {
	if f.Action == "removed" && f.text == "" {
		if err := root.Remove(f.Path); err != nil {
			return fault.OS(err, "cannot remove %s", f.Path)
		}
		return nil
	}
	if dir := filepath.Dir(f.Path); dir != "." {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return fault.OS(err, "cannot make %s", dir)
		}
	}
	if err := atomicfile.Write(filepath.Join(root.Name(), f.Path), []byte(f.text), f.mode); err != nil {
		return fault.OS(err, "cannot write %s", f.Path)
	}
	return nil
}

type mergeArgs struct {
	Ours   text `lua:"ours,arg1" doc:"One version."`
	Theirs text `lua:"theirs,arg2" doc:"The other version."`
	Base   text `lua:"base" doc:"What both versions began with."`

	OursLabel   string `lua:"ours_label" default:"ours" doc:"Name of the one version in conflict marks."`
	BaseLabel   string `lua:"base_label" default:"base" doc:"Name of the base."`
	TheirsLabel string `lua:"theirs_label" default:"theirs" doc:"Name of the other version."`
	ShowBase    bool   `lua:"show_base" default:"false" doc:"Show in a conflict what the base had."`
}

type merged struct {
	Text      string `lua:"text" doc:"The merged text."`
	Conflicts int    `lua:"conflicts" doc:"How many places have conflict marks."`
}

func merge(c *kit.Call, a mergeArgs) (merged, error) {
	var versions [3][]string
	for i, t := range []*text{&a.Base, &a.Ours, &a.Theirs} {
		content, err := t.string(c)
		if err != nil {
			return merged{}, err
		}
		versions[i] = difflib.Lines(content)
	}
	marks := difflib.Marks{Ours: a.OursLabel, Base: a.BaseLabel, Theirs: a.TheirsLabel, ShowBase: a.ShowBase}
	m, err := difflib.Merge(c.Context, versions[0], versions[1], versions[2], marks)
	if err != nil {
		return merged{}, err
	}
	return merged{strings.Join(m.Lines, ""), m.Conflicts}, nil
}
