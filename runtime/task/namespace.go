package task

import (
	"slices"

	"github.com/bmatcuk/doublestar/v4"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

type namespaceArgs struct {
	Name string        `lua:"name,arg1" doc:"Name in front of the tasks' names."`
	Body namespaceBody `lua:"body,arg2" doc:"A function that declares the tasks, or the path of a fabfile, as include takes it."`
	IncludeOptions
}

// namespaceBody is a function or a file.
type namespaceBody struct {
	call kit.Callback
	file string
}

// LuaType names what FromLua takes.
func (b *namespaceBody) LuaType() string { return "function|string" }

// FromLua reads a function or a path.
func (b *namespaceBody) FromLua(value any) error {
	switch value := value.(type) {
	case kit.Callback:
		b.call = value
	case string:
		b.file = value
	default:
		return fault.New(fault.Usage, "want a function or the path of a fabfile")
	}
	return nil
}

func namespace(c *kit.Call, a namespaceArgs) (kit.None, error) {
	if a.Body.file != "" {
		return include(c, includeArgs{File: a.Body.file, Namespace: a.Name, IncludeOptions: a.IncludeOptions})
	}
	if err := checkName(a.Name); err != nil {
		return kit.None{}, err
	}
	set, one := SetOf(c.Env), &scope{name: a.Name, only: a.Only, except: a.Except}
	set.open(one)
	defer set.Leave()
	if _, err := a.Body.call.Call(c.Context); err != nil {
		return kit.None{}, err
	}
	return kit.None{}, one.check()
}

// glob lists files by name; ** means folders at any depth.
func glob(pattern string) ([]string, error) {
	found, err := doublestar.FilepathGlob(pattern, doublestar.WithFilesOnly())
	slices.Sort(found)
	return found, err
}
