package task_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gofab/bindings"
	"gofab/internal/fault"
	"gofab/runtime/run"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// load writes files, runs fab.lua among them and lists the tasks that there are.
func load(t *testing.T, files map[string]string) (names []string, r *run.Run, err error) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := world.Process()
	w.Out, w.Err, w.In = &strings.Builder{}, &strings.Builder{}, strings.NewReader("")
	r, err = run.Open(t.Context(), run.Options{World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Forks: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	err = r.Load("fab.lua", nil)
	for _, one := range r.Tasks.All() {
		names = append(names, one.Name)
	}
	return names, r, err
}

const twoTasks = `task("backup", { aliases = { "bu" } }, function() end) task("restore", { needs = { "backup" } }, function() end)`

func TestInclude(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"as they are":       {map[string]string{"fab.lua": `include "db.lua"`, "db.lua": twoTasks}, "backup restore"},
		"under a name":      {map[string]string{"fab.lua": `include("db.lua", { namespace = "db" })`, "db.lua": twoTasks}, "db.backup db.restore"},
		"namespace, a file": {map[string]string{"fab.lua": `namespace("db", "db.lua")`, "db.lua": twoTasks}, "db.backup db.restore"},
		"in a namespace": {map[string]string{"fab.lua": `namespace("a", function() include("db.lua", { namespace = "b" }) end)`,
			"db.lua": twoTasks}, "a.b.backup a.b.restore"},
		"beside the file that includes": {map[string]string{"fab.lua": `include "sub/one.lua"`, "sub/one.lua": `include "two.lua"`,
			"sub/two.lua": `task("two", function() end)`, "two.lua": `task("wrong", function() end)`}, "two"},
		"several": {map[string]string{"fab.lua": `include "tasks/*.lua"`, "tasks/b.lua": `task("b", function() end)`,
			"tasks/a.lua": `task("a", function() end)`, "tasks/x.txt": `no`}, "a b"},
		"several, by their names": {map[string]string{"fab.lua": `include("tasks/**/*.lua", { namespace = "*" })`,
			"tasks/db.lua": twoTasks, "tasks/deep/web.lua": `task("up", function() end)`}, "db.backup db.restore web.up"},
		"not itself":          {map[string]string{"fab.lua": `include "*.lua"`, "db.lua": twoTasks}, "backup restore"},
		"once":                {map[string]string{"fab.lua": `include "db.lua" include "./db.lua" include "one.lua"`, "one.lua": `include "db.lua"`, "db.lua": twoTasks}, "backup restore"},
		"once for each name":  {map[string]string{"fab.lua": `namespace("a", "db.lua") namespace("b", "db.lua")`, "db.lua": `task("x", function() end)`}, "a.x b.x"},
		"only":                {map[string]string{"fab.lua": `include("db.lua", { only = "back*" })`, "db.lua": twoTasks}, "backup"},
		"except":              {map[string]string{"fab.lua": `include("db.lua", { except = { "backup" } }) task("backup", function() end)`, "db.lua": twoTasks}, "restore backup"},
		"except, deeper":      {map[string]string{"fab.lua": `include("one.lua", { except = { "db.backup" } })`, "one.lua": `namespace("db", "db.lua")`, "db.lua": twoTasks}, "db.restore"},
		"globals are shared":  {map[string]string{"fab.lua": `prefix = "x" include "db.lua" task(made, function() end)`, "db.lua": `local y = 1 made = prefix .. y`}, "x1"},
		"require beside them": {map[string]string{"fab.lua": `include "sub/one.lua"`, "sub/one.lua": `task(require("names"), function() end)`, "sub/names.lua": `return "found"`}, "found"},
	} {
		t.Run(name, func(t *testing.T) {
			names, _, err := load(t, c.files)
			if got := strings.Join(names, " "); err != nil || got != c.want {
				t.Errorf("got %s, want %s (%v)", got, c.want, err)
			}
		})
	}
}

func TestIncludeMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no file":       {map[string]string{"fab.lua": "\ninclude 'dbb.lua'", "db.lua": ``}, `fab.lua:2: include: no such file: dbb.lua (did you mean "db.lua"?)`},
		"no files":      {map[string]string{"fab.lua": `include "tasks/*.lua"`}, `no file is meant by "tasks/*.lua"`},
		"a folder":      {map[string]string{"fab.lua": `include "tasks"`, "tasks/a.lua": ``}, "tasks is a folder"},
		"itself":        {map[string]string{"fab.lua": `include "fab.lua"`}, "files include each other in a circle: fab.lua -> fab.lua"},
		"a circle":      {map[string]string{"fab.lua": `include "a.lua"`, "a.lua": `include "b.lua"`, "b.lua": "\n\ninclude 'a.lua'"}, "b.lua:3: include: files include each other in a circle: a.lua -> b.lua -> a.lua"},
		"twice":         {map[string]string{"fab.lua": `include "db.lua" task("backup", function() end)`, "db.lua": twoTasks}, `task "backup" is declared twice (first at db.lua:1)`},
		"other choice":  {map[string]string{"fab.lua": `include("db.lua", { only = "backup" }) include "db.lua"`, "db.lua": twoTasks}, "was included before with other tasks"},
		"only none":     {map[string]string{"fab.lua": `include("db.lua", { only = "bakcup" })`, "db.lua": twoTasks}, `no task "bakcup" is declared there (did you mean "backup"?)`},
		"bad pattern":   {map[string]string{"fab.lua": `include("db.lua", { only = "[" })`, "db.lua": twoTasks}, "is not a pattern of task names"},
		"bad name":      {map[string]string{"fab.lua": `include("db.lua", { namespace = "a b" })`, "db.lua": twoTasks}, `"a b" is not a task name`},
		"neither":       {map[string]string{"fab.lua": `namespace("db", 7)`}, "want a function or the path of a fabfile"},
		"its own error": {map[string]string{"fab.lua": `include "db.lua"`, "db.lua": "\nerror('boom')"}, "db.lua:2: boom"},
		"syntax":        {map[string]string{"fab.lua": `include "db.lua"`, "db.lua": "\nif"}, "db.lua:2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := load(t, c.files)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// What a task needs is looked for in its own namespace first.
func TestNeedsAcrossFiles(t *testing.T) {
	_, r, err := load(t, map[string]string{
		"fab.lua": `task("backup", function() end)
namespace("db", "db.lua")
task("all", { needs = { "db.restore", "backup" } }, function() end)
task("lost", { needs = { "restore" } }, function() end)`,
		"db.lua": twoTasks,
	})
	if err != nil {
		t.Fatal(err)
	}
	calls, err := r.Tasks.Parse([]string{"all"})
	if err != nil {
		t.Fatal(err)
	}
	steps, err := r.Tasks.Plan(calls)
	var names []string
	for _, s := range steps {
		names = append(names, s.Task.Name)
	}
	if got := strings.Join(names, " "); err != nil || got != "db.backup db.restore backup all" {
		t.Errorf("%s, %v", got, err)
	}
	if db, err := r.Tasks.Find("db.bu"); err != nil || db.Where != "db.lua:1" {
		t.Errorf("%+v, %v", db, err)
	}
	calls, _ = r.Tasks.Parse([]string{"lost"})
	if _, err := r.Tasks.Plan(calls); fault.KindOf(err) != fault.Usage {
		t.Errorf("a name of another namespace: %v", err)
	}
}
