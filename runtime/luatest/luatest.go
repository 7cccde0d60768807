// Package luatest finds and runs Lua tests: files that end in _test.lua, each
// in a fresh interpreter, each case on its own.
//
// `gofab test` and `go test` run the same tests through here. Files are found
// by walking, so none can be forgotten; a run without a single case fails.
package luatest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"time"

	"gofab/internal/fault"
)

// Suffix is what the name of a test file ends in.
const Suffix = "_test.lua"

// World is a fresh interpreter for one test file.
type World interface {
	// RunFile runs a file's main chunk, which declares the cases.
	RunFile(ctx context.Context, path string, args ...string) error
	// RunString runs a chunk and gives its results as text.
	RunString(ctx context.Context, source, name string, args ...string) ([]string, error)
	Close()
}

// Options says which tests run and how.
type Options struct {
	Open   func(file string) (World, error) // makes a fresh interpreter
	Match  *regexp.Regexp                   // only cases whose name matches; nil means all
	Report func(Result)                     // told after each case
}

// Result is how one case ended.
type Result struct {
	File string
	Case string // "" when the file itself failed
	Err  error
	Took time.Duration
}

// Find lists the test files under the given files and folders, sorted. Folders
// named testdata and hidden ones are not entered.
func Find(paths ...string) ([]string, error) {
	var files []string
	for _, path := range paths {
		path = strings.TrimSuffix(path, "/...")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fault.New(fault.Usage, "no such file or folder: %s", path)
		} else if err != nil {
			return nil, fault.OS(err, "cannot look for tests at %s", path)
		}
		err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && p != path && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
				return filepath.SkipDir
			case !d.IsDir() && (strings.HasSuffix(p, Suffix) || p == path):
				files = append(files, p)
			}
			return nil
		})
		if err != nil {
			return nil, fault.OS(err, "cannot look for tests at %s", path)
		}
	}
	sort.Strings(files)
	return files, nil
}

// Run runs the files one after the other, each with its own folder as the
// working folder, and tells whether all went well.
func Run(ctx context.Context, files []string, o Options) (passed, failed int, err error) {
	for _, file := range files {
		results := runFile(ctx, file, o)
		for _, r := range results {
			if r.Err != nil {
				failed++
			} else {
				passed++
			}
		}
		if ctx.Err() != nil {
			return passed, failed, context.Cause(ctx)
		}
	}
	if passed+failed == 0 {
		return 0, 0, fault.New(fault.NotFound, "no test case was run").
			WithHint("tests are files named *%s with test.case(name, function)", Suffix)
	}
	return passed, failed, nil
}

// namesChunk asks the test module for the names of the cases.
const namesChunk = `local names = {}
for i, c in ipairs(require("test").cases) do names[i] = c.name end
return unpack(names)`

func runFile(ctx context.Context, file string, o Options) (results []Result) {
	note := func(r Result) {
		results = append(results, r)
		if o.Report != nil {
			o.Report(r)
		}
	}
	absolute, err := filepath.Abs(file)
	if err != nil {
		note(Result{File: file, Err: err})
		return results
	}
	leave, err := enter(filepath.Dir(absolute))
	if err != nil {
		note(Result{File: file, Err: err})
		return results
	}
	defer leave()
	world, err := o.Open(absolute)
	if err != nil {
		note(Result{File: file, Err: err})
		return results
	}
	defer world.Close()
	if err := world.RunFile(ctx, filepath.Base(absolute)); err != nil {
		note(Result{File: file, Err: err})
		return results
	}
	names, err := world.RunString(ctx, namesChunk, "stdlib:luatest")
	if err != nil {
		note(Result{File: file, Err: err})
	}
	for i, name := range names {
		if o.Match != nil && !o.Match.MatchString(name) {
			continue
		}
		began := time.Now()
		_, err := world.RunString(ctx, fmt.Sprintf(`require("test").cases[%d].body()`, i+1), "stdlib:luatest")
		note(Result{File: file, Case: name, Err: err, Took: time.Since(began)})
	}
	return results
}

// enter makes dir the working folder, as `go test` does.
func enter(dir string) (leave func(), err error) {
	before, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if err := os.Chdir(dir); err != nil {
		return nil, err
	}
	return func() { _ = os.Chdir(before) }, nil
}
