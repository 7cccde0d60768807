package diff

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/difflib"
	"gofab/internal/fault"
)

type applyFilesArgs struct {
	Patch text   `lua:"patch,arg1" doc:"A unified diff of any number of files, or {file = path}."`
	Dir   string `lua:"dir" default:"." doc:"Folder of the files. No name in the patch leads out of it."`
	Strip int    `lua:"strip" default:"1" doc:"How many folders are taken off the front of each name, as for patch -p."`
	Dry   bool   `lua:"dry" default:"false" doc:"Check whether everything fits, change nothing."`
	applyOptions
}

type changedFile struct {
	Path   string           `lua:"path" doc:"Path inside dir."`
	Action string           `lua:"action" doc:"changed, created, removed, renamed or copied."`
	From   string           `lua:"from" doc:"Path that it had, when it is renamed or copied; else empty."`
	Placed []difflib.Placed `lua:"placed" doc:"Where each change was applied."`
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
	d := &draft{root: root, options: a, before: map[string]*content{}, after: map[string]*content{}, left: map[string]bool{}}
	changes := []changedFile{}
	for _, p := range patches {
		if a.Reverse {
			p = p.Reverse()
		}
		change, err := d.add(p)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	if err := d.check(); err != nil || a.Dry {
		return changes, err
	}
	return changes, d.write()
}

// add works out what becomes of one file.
func (d *draft) add(p difflib.Patch) (changedFile, error) {
	change, err := d.named(p)
	if err != nil {
		return change, err
	}
	old, err := d.source(change)
	if err != nil {
		return change, err
	}
	out := applied{OK: true, Placed: []difflib.Placed{}}
	now := &content{mode: 0o644}
	if old != nil {
		out.Text, now.mode = old.text, old.mode
	}
	if len(p.Hunks) > 0 {
		forward := applyOptions{Fuzz: d.options.Fuzz} // the patch is turned round already
		if out = forward.change(p, out.Text); !out.OK {
			return change, rejects(change.Path, p, old.string(), out, forward)
		}
	}
	if len(p.Hunks) == 0 && change.Action == "removed" && out.Text != "" {
		return change, fault.New(fault.Failed, "the patch removes %s as an empty file, but there is something in it", change.Path)
	}
	now.text, change.Placed = out.Text, out.Placed
	if strings.HasPrefix(p.NewMode, "100") {
		now.mode = withExecution(now.mode, p.NewMode == "100755")
	}
	return change, d.put(change, now)
}

// named reads the names of a patch.
func (d *draft) named(p difflib.Patch) (changedFile, error) {
	change := changedFile{Action: "changed", Placed: []difflib.Placed{}}
	from, to := p.Old, p.New
	switch {
	case from == os.DevNull:
		change.Action, from = "created", to
	case to == os.DevNull:
		change.Action, to = "removed", from
	}
	var err error
	if change.Path, err = d.options.local(to); err != nil || !p.Moved {
		return change, err
	}
	if p.Copied && d.options.Reverse {
		return change, fault.New(fault.Unsupported, "a copy cannot be taken back: %s", from).
			WithHint("remove the copy, and take back the rest of the patch")
	}
	change.Action = "renamed"
	if p.Copied {
		change.Action = "copied"
	}
	change.From, err = d.options.local(from)
	return change, err
}

// source gives what a patch changes; nil for a file that it creates.
func (d *draft) source(change changedFile) (*content, error) {
	path := change.Path
	if change.From != "" {
		path = change.From
	}
	file, err := d.look(path)
	if err != nil {
		return nil, err
	}
	if now, ok := d.after[path]; ok && (file == nil || change.From == "" || change.Action == "renamed" && !slices.Contains(d.arrived, path)) {
		file = now
	}
	switch {
	case change.Action == "created" && file != nil:
		return nil, fault.New(fault.Exists, "the patch creates %s, which is there already", path)
	case change.Action != "created" && file == nil:
		return nil, fault.New(fault.NotFound, "cannot patch %s: no such file", path).
			WithHint("is strip = %d right for the names in the patch?", d.options.Strip)
	}
	return file, nil
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
