package ansibleinv

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gofab/internal/datafile"
	"gofab/internal/fault"
)

// VarsDir is a folder group_vars or host_vars.
type VarsDir struct {
	path    string
	entries map[string]bool // names in it
}

// OpenVars looks into a folder; one that is not there is empty.
func OpenVars(path string) (*VarsDir, error) {
	d := &VarsDir{path, map[string]bool{}}
	found, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return nil, fault.OS(err, "cannot read %s", path)
	}
	for _, entry := range found {
		d.entries[entry.Name()] = true
	}
	return d, nil
}

// extensions of files with variables, in the order in which they are looked
// for: only the first counts.
var extensions = []string{"", ".yml", ".yaml", ".json"}

// VarsFile is one file with its variables.
type VarsFile struct {
	Path string
	Vars []Var
}

// Read reads the variables of one group or host.
func (d *VarsDir) Read(name string) ([]VarsFile, error) {
	for _, ext := range extensions {
		if !d.entries[name+ext] {
			continue
		}
		files, err := varsBelow(filepath.Join(d.path, name+ext))
		if err != nil {
			return nil, err
		}
		var list []VarsFile
		for _, file := range files {
			vars, err := readVars(file)
			if err != nil {
				return nil, err
			}
			list = append(list, VarsFile{file, vars})
		}
		return list, nil
	}
	return nil, nil
}

// varsBelow is the file itself, or the files of a folder and those below it.
func varsBelow(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.OS(err, "cannot read %s", path)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path) // sorted
	if err != nil {
		return nil, fault.OS(err, "cannot read %s", path)
	}
	var files []string
	for _, entry := range entries {
		name, ext := entry.Name(), filepath.Ext(entry.Name())
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
			continue
		}
		info, err := os.Stat(filepath.Join(path, name))
		if err != nil || info.IsDir() && ext != "" || !slices.Contains(extensions, ext) {
			continue
		}
		more, err := varsBelow(filepath.Join(path, name))
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return files, nil
}

// Vaulted tells a file that is encrypted as a whole.
func Vaulted(text []byte) bool { return bytes.HasPrefix(text, []byte("$ANSIBLE_VAULT")) }

// VaultError says that a file is encrypted.
func VaultError(path string) error {
	return fault.New(fault.Unsupported, "%s is encrypted with Ansible Vault, which gofab does not open", path).WithHint(vaultHint)
}

func readVars(path string) ([]Var, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.OS(err, "cannot read %s", path)
	}
	if Vaulted(text) {
		return nil, VaultError(path)
	}
	root, err := datafile.Read(datafile.YAML11, path, text)
	if err != nil || isNull(root) {
		return nil, err
	}
	if root.Kind != datafile.Map {
		r := newReader(path)
		return nil, r.bad(max(root.Line, 1), "want variables by name, got %s", root.Describe())
	}
	var vars []Var
	for _, f := range root.Fields {
		v, err := value(path, f.Value)
		if err != nil {
			return nil, err
		}
		vars = append(vars, Var{f.Name, v, f.Line})
	}
	return vars, nil
}

// Has says that there are variables of this name.
func (d *VarsDir) Has(name string) bool {
	return slices.ContainsFunc(extensions, func(ext string) bool { return d.entries[name+ext] })
}
