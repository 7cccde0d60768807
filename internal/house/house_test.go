package house

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root     = "../.."
	module   = "gofab/"
	gopherVM = "github.com/yuin/gopher-lua"
)

// pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
}

// packages lists the packages of the project with their imports, tests left
// out.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

// arrows says, for each part of the tree, what it may import of the rest. The
// first prefix that fits counts.
var arrows = []struct {
	part    string
	imports []string
}{
	{"cmd/", []string{"runtime/", "bindings", "stdlib", "internal/"}},
	{"runtime/", []string{"runtime/", "bindings/kit", "internal/"}},
	{"bindings/kit/", []string{"bindings/kit", "internal/"}},
	{"bindings/kit", []string{"internal/"}},
	{"bindings/", []string{"bindings/kit", "internal/"}},
	{"bindings", []string{"bindings/"}},
	{"stdlib", nil},
	{"internal/", []string{"internal/"}},
}

func TestArrows(t *testing.T) {
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, module)
		at := slices.IndexFunc(arrows, func(a struct {
			part    string
			imports []string
		}) bool {
			return strings.HasPrefix(path, a.part)
		})
		if at < 0 {
			t.Errorf("%s has no place in the house", path)
			continue
		}
		for _, imported := range p.Imports {
			other, ours := strings.CutPrefix(imported, module)
			if ours && !slices.ContainsFunc(arrows[at].imports, func(allowed string) bool { return strings.HasPrefix(other, allowed) }) {
				t.Errorf("%s may not import %s", path, other)
			}
		}
	}
}

func TestOnlyTheInterpreterSeesLua(t *testing.T) {
	allowed := []string{"bindings/kit", "runtime/vm", "runtime/luatest"}
	for _, p := range packages(t) {
		if slices.Contains(p.Imports, gopherVM) && !slices.Contains(allowed, strings.TrimPrefix(p.ImportPath, module)) {
			t.Errorf("%s imports %s", p.ImportPath, gopherVM)
		}
	}
}

// source is one parsed file that is not a test.
type source struct {
	path string // from the root of the project
	file *ast.File
	set  *token.FileSet
}

func sources(t *testing.T) []source {
	t.Helper()
	var list []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		list = append(list, source{filepath.ToSlash(relative), file, set})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// The most lines of a file and of a function.
const (
	fileLines     = 300
	functionLines = 80
)

func TestSizes(t *testing.T) {
	for _, s := range sources(t) {
		if lines := s.set.Position(s.file.FileEnd).Line; lines-1 > fileLines {
			t.Errorf("%s has %d lines, at most %d", s.path, lines-1, fileLines)
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if lines := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1; lines > functionLines {
				t.Errorf("%s: %s has %d lines, at most %d", s.path, f.Name.Name, lines, functionLines)
			}
		}
	}
}

// door is what only runtime/world touches, by the path of the import.
var door = map[string][]string{
	"os":        {"Exit", "Args", "Stdin", "Stdout", "Stderr"},
	"os/signal": {"Notify", "NotifyContext"},
}

func TestOneDoorToTheProcess(t *testing.T) {
	for _, s := range sources(t) {
		if strings.HasPrefix(s.path, "runtime/world/") {
			continue
		}
		names := imports(s.file)
		ast.Inspect(s.file, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := selector.X.(*ast.Ident); ok && slices.Contains(door[names[x.Name]], selector.Sel.Name) {
					t.Errorf("%s: %s.%s belongs to runtime/world", s.set.Position(n.Pos()), x.Name, selector.Sel.Name)
				}
			}
			return true
		})
	}
}

// imports maps the local names of a file's imports to their paths.
func imports(file *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = path
	}
	return names
}
