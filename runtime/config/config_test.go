package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/datafile"
	"gofab/internal/fault"
)

func keys() []Key {
	return []Key{
		{Name: "forks", Kind: Whole, Default: 32.0, Late: true},
		{Name: "hosts", Kind: Text, Default: "", Late: true},
		{Name: "user", Kind: Text, Default: ""},
		{Name: "output", Kind: List, Default: []any{}},
		{Name: "run.timeout", Kind: Text, Default: "0"},
		{Name: "run.pty", Kind: Switch, Default: false},
		{Name: "run.env", Kind: Table, Default: map[string]any{}},
	}
}

// layered reads texts into layers, "toml:..." by their names.
func layered(t *testing.T, texts map[string]string) (*Config, error) {
	t.Helper()
	c := New(keys())
	for _, layer := range Layers {
		if text, ok := texts[layer]; ok {
			if err := c.addText(layer, datafile.TOML, layer+".toml", []byte(text)); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

func TestLayers(t *testing.T) {
	c, err := layered(t, map[string]string{
		System:  "forks = 1\nuser = \"a\"\noutput = [\"text\"]\n[vars.db]\nhost = \"x\"\nport = 1\n",
		User:    "forks = 2\nrun.timeout = 30\n",
		Project: "output = \"jsonl\"\n[run]\npty = true\nenv = { A = 1 }\n[vars.db]\nport = 2\ntags = [1, 2]\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddEnv([]string{"GOFAB_RUN_PTY=false", "GOFAB_VARS_DB_PORT=3", "GOFAB_VARS_NEW_ONE=x", "GOFAB_OUTPUT=a, b", "HOME=/", "GOFAB_RUN_ENV=B=2,C=3"}); err != nil {
		t.Fatal(err)
	}
	c.SetFlag("forks", "--forks", 4.0)
	if err := c.Set("vars.db.tags", []any{}, "fab.lua:3"); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"forks": 4.0, "user": "a", "run.timeout": "30", "run.pty": false, "output": []any{"a", "b"}, "hosts": "",
		"run.env":      map[string]any{"B": "2", "C": "3"},
		"vars":         map[string]any{"db": map[string]any{"host": "x", "port": 3.0, "tags": []any{}}, "new_one": "x"},
		"vars.db.host": "x", "vars.db.nothing": nil,
	} {
		got, _, err := c.Get(key)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", key, err, diff)
		}
	}
	explained, err := c.Explain("forks")
	want := []Value{{Flags, "--forks", 4.0}, {User, "user.toml:1", 2.0}, {System, "system.toml:1", 1.0}, {BuiltIn, "", 32.0}}
	if diff := cmp.Diff(want, explained); err != nil || diff != "" {
		t.Error(err, diff)
	}
	explained, _ = c.Explain("vars.db.tags")
	if diff := cmp.Diff([]Value{{Code, "fab.lua:3", []any{}}, {Project, "project.toml:7", []any{1.0, 2.0}}}, explained); diff != "" {
		t.Error(diff)
	}
	given := c.Given(System, User, Project, Env, File)
	if _, ok := given["hosts"]; ok || given["forks"].Where != "user.toml:1" || given["run.pty"].Where != "$GOFAB_RUN_PTY" {
		t.Errorf("%v", given)
	}
}

func TestMistakesInFiles(t *testing.T) {
	for text, want := range map[string]string{
		"forsk = 3":              `project.toml:1: there is no setting "forsk" (did you mean "forks"?)`,
		"\n[run]\ntimout = 3":    `project.toml:3: there is no setting "run.timout" (did you mean "run.timeout"?)`,
		"timeout = 3":            `project.toml:1: there is no setting "timeout" (did you mean "run.timeout"?)`,
		"[rnu]\nx = 3":           `project.toml:1: there is no setting "rnu" (did you mean "run"?)`,
		"\n[dbs]\nport = 3":      `project.toml:2: there is no setting "dbs"`,
		"forks = \"many\"":       `project.toml:1: forks: want a whole number, got "many"`,
		"forks = 1.5":            `project.toml:1: forks: want a whole number, got 1.5`,
		"[forks]\nx = 1":         `project.toml:1: forks: want a whole number, got a table`,
		"run = 3":                `project.toml:1: run: want a table`,
		"vars = 3":               `project.toml:1: vars: want a table`,
		"run.pty = \"yes\"":      `project.toml:1: run.pty: want true or false, got "yes"`,
		"user = [1]":             `project.toml:1: user: want text, got a list`,
		"output = [[1]]":         `project.toml:1: output: want a list of texts, got a list`,
		"run.env = { A = [1] }":  `project.toml:1: run.env: want a table of texts, got a table`,
		"[aliases]\nd = 3":       `project.toml:2: aliases.d: want a text`,
		"[vars]\ndb = 3":         `project.toml:2: vars.db is a value here and a table at system.toml:2`,
		"[vars.name]\nfirst = 3": `project.toml:1: vars.name is a table here and a value at system.toml:1`,
		"forks = ":               `project.toml:1`,
	} {
		_, err := layered(t, map[string]string{System: "vars.name = \"x\"\nvars.db.port = 1\n", Project: text})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestMistakesInTheEnvironment(t *testing.T) {
	for pair, want := range map[string]string{
		"GOFAB_FORK=3":          `$GOFAB_FORK: there is no such setting (did you mean $GOFAB_FORKS?)`,
		"GOFAB_PTY=1":           `$GOFAB_PTY: there is no such setting (did you mean $GOFAB_RUN_PTY?)`,
		"GOFAB_FORKS=x":         `$GOFAB_FORKS: forks: want a whole number, got "x"`,
		"GOFAB_RUN_PTY=maybe":   `$GOFAB_RUN_PTY: run.pty: want true or false, got "maybe"`,
		"GOFAB_RUN_ENV=x":       `run.env: want a table of texts`,
		"GOFAB_VARS_DB_PORT=x":  `$GOFAB_VARS_DB_PORT: it may mean vars.db.port or vars.db_port`,
		"GOFAB_VARS_SIZE=x":     `$GOFAB_VARS_SIZE: vars.size: want a number, got "x"`,
		"GOFAB_SOMETHING_ELSE=": ``,
		"GOFAB_REQUIRE=sshd":    ``,
		"GOFAB_SEED=7":          ``,
	} {
		c, err := layered(t, map[string]string{User: "[vars]\ndb_port = 1\nsize = 2\n[vars.db]\nport = 2\n"})
		if err != nil {
			t.Fatal(err)
		}
		err = c.AddEnv([]string{pair})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s:\n got %v\nwant %s", pair, err, want)
		}
	}
}

func TestSet(t *testing.T) {
	c, _ := layered(t, map[string]string{User: "forks = 2\n[vars]\na = 1"})
	applied := 0
	c.Late(func() error {
		if applied++; applied == 2 {
			return fault.New(fault.Usage, "refused")
		}
		return nil
	})
	for _, step := range []struct {
		key   string
		value any
		want  string
	}{
		{"forks", 5.0, ""},
		{"forks", 6.0, "refused"},
		{"", map[string]any{"vars": map[string]any{"b": 2.0}}, ""},
		{"user", "x", "user is settled before a script is read"},
		{"forsk", 1.0, `there is no setting "forsk"`},
		{"forks", "x", "forks: want a whole number"},
		{"vars.a", map[string]any{"x": 1.0}, "vars.a is a table here and a value at user.toml:3"},
		{"", 7.0, "want a key and a value"},
	} {
		err := c.Set(step.key, step.value, "fab.lua:1")
		if step.want == "" && err != nil || step.want != "" && (err == nil || !strings.Contains(err.Error(), step.want) || strings.Contains(err.Error(), "fab.lua")) {
			t.Errorf("%s = %v: %v, want %s", step.key, step.value, err, step.want)
		}
	}
	if forks, _, _ := c.Get("forks"); forks != 5.0 || applied != 2 {
		t.Errorf("forks %v, applied %d times", forks, applied)
	}
	c.Close()
	if err := c.Set("forks", 1.0, ""); err == nil || !strings.Contains(err.Error(), "the tasks have begun") {
		t.Error(err)
	}
	if err := c.Set("vars.late", 1.0, ""); err != nil {
		t.Error(err)
	}
	if _, _, err := c.Get("run.timout"); fault.KindOf(err) != fault.Usage {
		t.Error(err)
	}
	if run, _, err := c.Get("run"); err != nil || run.(map[string]any)["pty"] != false {
		t.Error(run, err)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	if path, err := Find(dir, "gofab"); path != "" || err != nil {
		t.Error(path, err)
	}
	write := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("gofab.json")
	if path, err := FindUp(deep, "gofab"); path != filepath.Join(dir, "gofab.json") || err != nil {
		t.Error(path, err)
	}
	write("gofab.toml")
	if _, err := FindUp(deep, "gofab"); err == nil || !strings.Contains(err.Error(), "which one counts?") {
		t.Error(err)
	}
	c := New(keys())
	for name, want := range map[string]string{"x.csv": "not a file of settings", "x.toml": "no such file", "gofab.json": ""} {
		err := c.AddFile(File, filepath.Join(dir, name))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzFile: whatever is in a file, there are settings of the right types or an
// error with a place.
func FuzzFile(f *testing.F) {
	f.Add("forks = 3\n[vars]\na = [1, {b = 2}]\n")
	f.Add("run = { pty = true, env = { A = 'x' } }")
	f.Fuzz(func(t *testing.T, text string) {
		c := New(keys())
		if err := c.addText(Project, datafile.TOML, "p", []byte(text)); err != nil {
			if !strings.HasPrefix(err.Error(), "p:") {
				t.Errorf("no place: %v", err)
			}
			return
		}
		if forks, _, _ := c.Get("forks"); forks == nil {
			t.Error("no forks")
		} else if _, ok := forks.(float64); !ok {
			t.Errorf("forks are %v", forks)
		}
		for _, path := range c.Paths() {
			if _, err := c.Explain(path); err != nil && !strings.Contains(path, "..") {
				t.Errorf("%s: %v", path, err)
			}
		}
	})
}
