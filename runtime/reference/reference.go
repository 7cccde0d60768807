// Package reference gathers the documentation of one binary: declarations of
// Go modules, comments of the standard library's Lua, what the interpreter
// adds, and the closed lists.
package reference

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/docmodel"
	"gofab/internal/fault"
	"gofab/runtime/vm"
	"gofab/runtime/world"
)

// Library gathers what is documented, sorted by name.
func Library(modules []*kit.Module, stdlib fs.FS) (*docmodel.Library, error) {
	l := &docmodel.Library{Pages: []docmodel.Page{errorsPage(), exitPage()}}
	for _, m := range modules { // all classes first: one module may give another's objects
		for i := range m.Types {
			m.Types[i].Declare()
		}
	}
	for _, m := range modules {
		l.Modules = append(l.Modules, m.Model())
	}
	lua, err := luaModules(stdlib)
	if err != nil {
		return nil, err
	}
	l.Modules = append(append(l.Modules, lua...), vm.Documentation())
	slices.SortFunc(l.Modules, func(a, b docmodel.Module) int { return strings.Compare(a.Name, b.Name) })
	return l, nil
}

func luaModules(stdlib fs.FS) ([]docmodel.Module, error) {
	files, err := fs.Glob(stdlib, "*/init.lua")
	if err != nil {
		return nil, err
	}
	var modules []docmodel.Module
	for _, file := range files {
		source, err := fs.ReadFile(stdlib, file)
		if err != nil {
			return nil, err
		}
		m, err := docmodel.ReadLua(path.Dir(file), "stdlib/"+file, string(source))
		if err != nil {
			return nil, err
		}
		modules = append(modules, m)
	}
	return modules, nil
}

func errorsPage() docmodel.Page {
	p := docmodel.Page{Name: "errors", Doc: "The kinds of errors: e.kind of what try gives.\n\n" +
		"The other fields of an error object: `gofab doc base`."}
	for _, k := range fault.Kinds {
		p.Rows = append(p.Rows, docmodel.Row{Name: string(k), Doc: fault.Meanings[k]})
	}
	return p
}

func exitPage() docmodel.Page {
	p := docmodel.Page{Name: "exit", Doc: "The exit codes of gofab. A script may end with any other by os.exit."}
	for _, c := range world.ExitCodes {
		p.Rows = append(p.Rows, docmodel.Row{Name: strconv.Itoa(c.Code), Doc: strings.ToUpper(c.Doc[:1]) + c.Doc[1:] + "."})
	}
	return p
}
