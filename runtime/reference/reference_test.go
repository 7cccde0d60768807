package reference_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gofab/bindings"
	"gofab/internal/docmodel"
	"gofab/internal/fault"
	"gofab/internal/testenv"
	"gofab/runtime/reference"
	"gofab/runtime/run"
	"gofab/runtime/world"
	"gofab/stdlib"
)

func library(t *testing.T) *docmodel.Library {
	t.Helper()
	l, err := reference.Library(run.Modules(bindings.Modules()), stdlib.Files)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestExamples runs every example of every function in a fresh run, with
// embedded hosts and an empty working folder.
func TestExamples(t *testing.T) {
	for _, example := range library(t).Examples() {
		t.Run(example.Name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			w := world.Process()
			var out testenv.Buffer
			w.In, w.Out, w.Err = bytes.NewReader(nil), &out, &out
			r, err := run.Open(t.Context(), run.Options{
				World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Format: run.Text, Forks: 8,
				Sandbox: run.SandboxOptions{On: true, Count: 3},
			})
			if err != nil {
				t.Fatal(err)
			}
			err = runExample(r, example.Code)
			r.Close()
			if err != nil {
				t.Errorf("%v\n%s\n--- example\n%s\n--- output\n%s", err, fault.From(err).Hint, example.Code, out.String())
			}
		})
	}
}

// runExample runs the chunk and then the test cases that it declares.
func runExample(r *run.Run, code string) error {
	if err := r.Evaluate(code, "example", nil); err != nil {
		return err
	}
	_, err := r.VM.RunString(r.Context, `for _, c in ipairs(require("test").cases) do c.body() end`, "cases")
	return err
}

// TestEveryModuleHasAnExample names those without.
func TestEveryModuleHasAnExample(t *testing.T) {
	for _, m := range library(t).Modules {
		one := docmodel.Library{Modules: []docmodel.Module{m}}
		if len(one.Examples()) == 0 {
			t.Errorf("module %s has no example", m.Name)
		}
	}
}

// TestFresh compares the committed copies with what is generated now.
func TestFresh(t *testing.T) {
	l := library(t)
	for dir, files := range map[string]map[string]string{"reference": l.Markdown(), "editor": l.LuaLS()} {
		dir = filepath.Join("..", "..", "docs", dir)
		var names []string
		for name, want := range files {
			names = append(names, name)
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || string(got) != want {
				t.Errorf("docs/%s/%s is stale (%v): run make docs", filepath.Base(dir), name, err)
			}
		}
		found, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if !slices.Contains(names, f.Name()) {
				t.Errorf("%s/%s is no longer generated: run make docs", dir, f.Name())
			}
		}
	}
}

// TestDefinitionsCompile has PUC Lua read the editor definitions.
func TestDefinitionsCompile(t *testing.T) {
	luac := testenv.Require(t, "luac5.1")
	for name, text := range library(t).LuaLS() {
		cmd := exec.Command(luac, "-p", "-")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestEveryNameIsFound(t *testing.T) {
	l := library(t)
	for _, name := range l.Names() {
		entry, err := l.Lookup(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if text := entry.Terminal(60); len(text) < len(name)+10 {
			t.Errorf("%s: nothing to read: %q", name, text)
		}
	}
}

func TestEveryKindHasAMeaning(t *testing.T) {
	for _, k := range fault.Kinds {
		if fault.Meanings[k] == "" {
			t.Errorf("kind %s has no meaning", k)
		}
	}
	if len(fault.Meanings) != len(fault.Kinds) {
		t.Errorf("%d meanings for %d kinds", len(fault.Meanings), len(fault.Kinds))
	}
}
