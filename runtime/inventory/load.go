package inventory

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gofab/internal/ansibleinv"
	"gofab/internal/datafile"
	"gofab/internal/fault"
	"gofab/internal/hostrange"
	"gofab/internal/suggest"
)

// Ansible is the format of Ansible's own files; the others are those of
// datafile. "" finds out by the extension and by what is in the file.
const Ansible = "ansible"

// FileFormats is the closed list.
var FileFormats = []string{datafile.YAML, datafile.TOML, datafile.JSON, datafile.CSV, Ansible}

// maxFile bounds a file with an inventory.
const maxFile = 256 << 20

// Load adds the hosts of a file, of a program that is called with --list, or of
// all of them in a folder. group_vars and host_vars beside it give variables.
func (inv *Inventory) Load(ctx context.Context, path, format string) error {
	if format != "" && !slices.Contains(FileFormats, format) {
		return fault.New(fault.Usage, "no such format %q: want %s", format, strings.Join(FileFormats, ", "))
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return missing(path)
	}
	if err != nil {
		return fault.OS(err, "cannot read %s", path)
	}
	folder := path
	if info.IsDir() {
		err = inv.loadFolder(ctx, path, format)
	} else {
		folder = filepath.Dir(path)
		err = inv.loadFile(ctx, path, format)
	}
	if err != nil {
		return err
	}
	return inv.loadVars(folder)
}

func missing(path string) error {
	e := fault.New(fault.NotFound, "no such inventory: %s", path)
	entries, _ := os.ReadDir(filepath.Dir(path))
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if near := suggest.Nearest(filepath.Base(path), names); near != "" {
		return e.WithHint("did you mean %s?", filepath.Join(filepath.Dir(path), near))
	}
	return e.WithHint("several hosts are given as web1,web2 and one host as web1, with the comma")
}

// ignored are files of a folder that are no inventories, as in Ansible.
var ignored = []string{
	".pyc", ".pyo", ".swp", ".bak", ".rpm", ".md", ".txt", ".rst", ".orig", ".ini", ".cfg", ".retry", "~", ".lua",
}

// loadFolder reads all inventories of a folder in the order of their names.
func (inv *Inventory) loadFolder(ctx context.Context, path, format string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return fault.OS(err, "cannot read %s", path)
	}
	found := false
	for _, entry := range entries {
		name := entry.Name()
		skip := func(suffix string) bool { return strings.HasSuffix(name, suffix) }
		if strings.HasPrefix(name, ".") || name == "group_vars" || name == "host_vars" || slices.ContainsFunc(ignored, skip) {
			continue
		}
		found = true
		inner := filepath.Join(path, name)
		if info, err := os.Stat(inner); err == nil && info.IsDir() {
			err = inv.loadFolder(ctx, inner, format)
			if err != nil {
				return err
			}
			continue
		}
		if err := inv.loadFile(ctx, inner, format); err != nil {
			return err
		}
	}
	if !found {
		return fault.New(fault.NotFound, "no inventory in the folder %s", path)
	}
	return nil
}

func (inv *Inventory) loadFile(ctx context.Context, path, format string) error {
	if isProgram(path) && (format == "" || format == Ansible) {
		return inv.list(ctx, path)
	}
	text, err := readFile(path)
	if err != nil {
		return err
	}
	if ansibleinv.Vaulted(text) {
		return ansibleinv.VaultError(path)
	}
	if format == "" {
		format = datafile.FormatOf(path)
	}
	switch {
	case format == "" && looksLikeINI(text):
		return inv.loadINI(path, text)
	case format == Ansible && datafile.FormatOf(path) == "" && looksLikeINI(text):
		return inv.loadINI(path, text)
	case format == datafile.CSV:
		return inv.loadCSV(path, text)
	case format == "" || format == Ansible:
		return inv.loadYAML(path, text, format == Ansible)
	case format == datafile.YAML || format == datafile.JSON:
		return inv.loadData(path, format, text)
	default:
		return inv.declareFile(path, format, text)
	}
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxFile {
		return nil, fault.New(fault.Usage, "%s: larger than %d MB", path, maxFile>>20)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.OS(err, "cannot read %s", path)
	}
	return text, nil
}

// looksLikeINI tells Ansible's INI files, which have no extension of their
// own, from YAML and JSON.
func looksLikeINI(text []byte) bool {
	for _, line := range bytes.Split(text, []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' || line[0] == ';' {
			continue
		}
		return !bytes.HasPrefix(line, []byte("---")) && !bytes.HasPrefix(line, []byte("{")) &&
			!bytes.HasSuffix(line, []byte(":")) && !bytes.Contains(line, []byte(": "))
	}
	return true
}

// loadData reads YAML or JSON: in our own form, or in Ansible's.
func (inv *Inventory) loadData(path, format string, text []byte) error {
	root, err := datafile.Read(format, path, text)
	if err != nil {
		return err
	}
	if ansibleinv.IsYAML(root) {
		return inv.loadYAML(path, text, true)
	}
	return inv.fileSource(path).declare(root)
}

// loadYAML reads YAML as Ansible does.
func (inv *Inventory) loadYAML(path string, text []byte, ansible bool) error {
	root, err := datafile.Read(datafile.YAML11, path, text)
	if err != nil {
		return err
	}
	if !ansible && !ansibleinv.IsYAML(root) {
		return inv.fileSource(path).declare(root)
	}
	found, err := ansibleinv.ReadYAML(path, root)
	if err != nil {
		return err
	}
	return inv.adopt(path, found)
}

func (inv *Inventory) loadINI(path string, text []byte) error {
	found, err := ansibleinv.ReadINI(path, text)
	if err != nil {
		return err
	}
	return inv.adopt(path, found)
}

func (inv *Inventory) fileSource(path string) *source {
	return &source{name: path, file: true, kind: fault.Parse, inv: inv}
}

func (inv *Inventory) declareFile(path, format string, text []byte) error {
	root, err := datafile.Read(format, path, text)
	if err != nil {
		return err
	}
	return inv.fileSource(path).declare(root)
}

// DeclareNames adds hosts that are written as names: web1,db[1-3].
func (inv *Inventory) DeclareNames(text, where string) error {
	names, err := hostrange.Expand(strings.TrimSuffix(strings.TrimSpace(text), ","))
	if err != nil {
		return fault.From(err)
	}
	spec := &GroupSpec{}
	for _, name := range names {
		spec.Hosts = append(spec.Hosts, HostSpec{Name: name, Where: where})
	}
	return inv.Declare([]string{All}, map[string]*GroupSpec{All: spec})
}
