package reference_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gofab/bindings"
	"gofab/internal/fault"
	"gofab/internal/testenv"
	"gofab/runtime/event"
	"gofab/runtime/luatest"
	"gofab/runtime/run"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// stage opens a fresh run with embedded hosts.
func stage(t *testing.T) (*run.Run, *testenv.Buffer) {
	t.Helper()
	w := world.Process()
	out := &testenv.Buffer{}
	w.In, w.Out, w.Err = bytes.NewReader(nil), out, out
	r, err := run.Open(t.Context(), run.Options{
		World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Format: run.Text, Forks: 8,
		Sandbox: run.SandboxOptions{On: true, Count: 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r, out
}

var luaBlock = regexp.MustCompile("(?ms)^```lua\n(.*?)^```$")

// TestGuide runs every block of Lua of the guide and the README.
func TestGuide(t *testing.T) {
	pages, err := filepath.Glob("../../docs/guide/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("no guide", err)
	}
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range luaBlock.FindAllSubmatchIndex(text, -1) {
			line := bytes.Count(text[:at[2]], []byte("\n")) + 1
			code := strings.Repeat("\n", line-1) + string(text[at[2]:at[3]])
			t.Run(filepath.Base(page), func(t *testing.T) {
				t.Chdir(t.TempDir())
				r, out := stage(t)
				err := runExample(r, code)
				r.Close()
				if err != nil {
					t.Errorf("line %d: %v\n%s\n%s", line, err, fault.From(err).Hint, out.String())
				}
			})
		}
	}
}

// TestScripts runs every script below scripts/ as its "-- run:" lines say, on
// embedded hosts.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../../scripts")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".lua" || strings.HasSuffix(path, luatest.Suffix) {
			return err
		}
		count++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		runs := regexp.MustCompile(`(?m)^-- run:(.*)$`).FindAllSubmatch(text, -1)
		if len(runs) == 0 {
			t.Errorf("%s has no line \"-- run: ARGUMENTS\", so nothing tests it", path)
		}
		for _, words := range runs {
			t.Run(filepath.Base(path), func(t *testing.T) { runScript(t, path, strings.Fields(string(words[1]))) })
		}
		return nil
	})
	if err != nil || count == 0 {
		t.Errorf("%d scripts, %v", count, err)
	}
}

func runScript(t *testing.T, path string, words []string) {
	t.Chdir(t.TempDir())
	r, out := stage(t)
	defer r.Close()
	results, err := []event.HostResult(nil), r.Load(path, words)
	if err == nil && len(r.Tasks.All()) > 0 {
		calls, parseErr := r.Tasks.Parse(words)
		if parseErr != nil {
			t.Fatal(parseErr)
		}
		results, err = r.Do(calls)
	}
	if code := r.ExitCode(results, err); code != 0 {
		_ = r.Flush()
		t.Errorf("exit code %d, %v\n%s", code, err, out.String())
	}
}
