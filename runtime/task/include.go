package task

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// Fabfiles include others. A name is looked for beside the file that includes
// it. Each file runs once for each namespace that it is included under; a file
// that includes itself on a way is an error that shows the way.

func includes() []kit.Func {
	return []kit.Func{
		kit.Fn("include", "Run other fabfiles, so that their tasks, hosts and hooks are part of this one. A name is relative "+
			"to the file that includes it; with * it means several files, in the order of their names. A file has locals of its own and "+
			"shares globals. Each file runs once; a circle is an error. Tasks are known by the namespaces that are open.", include).
			With(includeExample, onlyExample),
		kit.Fn("namespace", "Put the tasks that a function or another fabfile declares under a name: "+
			"`namespace(\"db\", function() task(\"backup\", ...) end)` makes `db.backup`, and `namespace(\"db\", \"db.lua\")` "+
			"does so for all tasks of a file.", namespace).With(namespaceExample),
	}
}

const includeExample = `fs.write("db.lua", [[
task("backup", { doc = "Back the database up" }, function(h) h:run("true") end)
task("restore", { needs = { "backup" } }, function(h) h:run("true") end)
]])
include("db.lua", { namespace = "db" }) -- db.backup, db.restore
task("deploy", { needs = { "db.backup" } }, function(h) end)`

const onlyExample = `fs.write("tasks/web.lua", 'task("deploy", function() end) task("stop", function() end)')
include("tasks/*.lua", { except = { "deploy" } })
task("deploy", { doc = "Our own" }, function(h) end)`

const namespaceExample = `namespace("db", function()
  task("backup", { doc = "Back the database up" }, function(h) h:run("true") end)
end)`

// Loader runs a file in the interpreter of the run.
type Loader func(ctx context.Context, path string) error

type loaderKey struct{}

// InstallLoader gives a run its way to run files.
func InstallLoader(env *kit.Env, load Loader) {
	kit.SharedValue(env.Shared, loaderKey{}, func() Loader { return load })
}

type chainKey struct{}

// Including marks ctx as that of a file that runs; files that it includes
// follow it.
func Including(ctx context.Context, path string) context.Context {
	return context.WithValue(ctx, chainKey{}, append(slices.Clone(chainOf(ctx)), path))
}

func chainOf(ctx context.Context) []string {
	chain, _ := ctx.Value(chainKey{}).([]string)
	return chain
}

// IncludeOptions say what is taken from an included file, and under what names.
type IncludeOptions struct {
	Only   kit.Strings `lua:"only" default:"" doc:"Take these tasks only: names and patterns with *, as they are in the file."`
	Except kit.Strings `lua:"except" default:"" doc:"Leave these tasks out, to declare others under their names."`
}

type includeArgs struct {
	File      string `lua:"file,arg1" doc:"Path of the file, relative to the one that includes it; ~ is the home folder; * and ** mean several."`
	Namespace string `lua:"namespace" default:"" doc:"Name in front of the tasks' names; \"*\" takes that of each file."`
	IncludeOptions
}

func include(c *kit.Call, a includeArgs) (kit.None, error) {
	files, err := filesOf(c, a.File)
	if err != nil {
		return kit.None{}, err
	}
	for _, file := range files {
		one := &scope{name: a.Namespace, only: a.Only, except: a.Except}
		if a.Namespace == "*" {
			one.name = strings.TrimSuffix(filepath.Base(file), ".lua")
		}
		if one.name != "" {
			if err := checkName(one.name); err != nil {
				return kit.None{}, err
			}
		}
		if err := includeFile(c, file, one, len(files) == 1); err != nil {
			return kit.None{}, err
		}
	}
	return kit.None{}, nil
}

// includeFile runs one file inside a scope. Patterns that choose among the tasks
// of several files need not match in each.
func includeFile(c *kit.Call, file string, one *scope, alone bool) error {
	if err := checkCircle(c.Context, file); err != nil {
		return err
	}
	set := SetOf(c.Env)
	set.open(one)
	defer set.Leave()
	if again, err := set.entered(file, one); again || err != nil {
		return err
	}
	load := kit.SharedValue(c.Shared, loaderKey{}, func() Loader { return nil })
	if load == nil {
		return fault.New(fault.Unsupported, "there is no fabfile to include files in")
	}
	if err := load(Including(c.Context, file), file); err != nil {
		return err
	}
	if !alone {
		return nil
	}
	return one.check()
}

// entered notes that a file runs in the scopes that are open now, and tells
// whether it did so before.
func (s *Set) entered(file string, one *scope) (again bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.prefix() + " " + real(file)
	how := fmt.Sprintf("only %q, except %q", one.only, one.except)
	before, known := s.included[key]
	if known && before != how {
		return true, fault.New(fault.Usage, "%s was included before with other tasks of it (%s)", file, before).
			WithHint("include it once, with all tasks that are wanted, or under another namespace")
	}
	s.included[key] = how
	return known, nil
}

func checkCircle(ctx context.Context, file string) error {
	chain := chainOf(ctx)
	for i, path := range chain {
		if real(path) == real(file) {
			return fault.New(fault.Usage, "files include each other in a circle: %s", strings.Join(append(slices.Clone(chain[i:]), file), " -> "))
		}
	}
	return nil
}

// real is the one path of a file, whatever ways lead there.
func real(file string) string {
	if path, err := filepath.EvalSymlinks(file); err == nil {
		file = path
	}
	if path, err := filepath.Abs(file); err == nil {
		return path
	}
	return file
}

// filesOf finds the files that a name means. A pattern leaves out the file that
// it is written in.
func filesOf(c *kit.Call, name string) ([]string, error) {
	here := whereFile(c)
	path := c.Path(name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(here), path)
	}
	if !strings.ContainsAny(name, "*?[") {
		return []string{path}, readable(path, name)
	}
	found, err := glob(path)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "%q", name)
	}
	found = slices.DeleteFunc(found, func(file string) bool { return real(file) == real(here) })
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "no file is meant by %q", path)
	}
	return found, nil
}

// whereFile is the file that makes the call.
func whereFile(c *kit.Call) string {
	where := c.Where()
	if i := strings.LastIndexByte(where, ':'); i > 0 {
		return where[:i]
	}
	return "."
}

func readable(path, name string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fault.New(fault.Usage, "%s is a folder", path).WithHint("include(%q) takes what is in it", name+"/*.lua")
	case !os.IsNotExist(err):
		return nil // the interpreter explains the rest
	}
	e := fault.New(fault.NotFound, "no such file: %s", path)
	beside, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.lua"))
	if near := suggest.Nearest(path, beside); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return e
}
