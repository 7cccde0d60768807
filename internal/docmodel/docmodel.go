// Package docmodel is one model of everything that is documented: the modules
// of the binary, their functions and classes. Go declarations and the comments
// of Lua files fill it; `gofab doc`, the reference pages and the editor
// definitions are renderings of it.
package docmodel

// Module is one Lua module.
type Module struct {
	Name   string
	Doc    string
	Global bool // its functions are global names: task, inventory, try
	Funcs  []Func
	Types  []Type
	Values []Result // constants
	Source string   // "Go", or the path of the Lua file
}

// Func is one function or method.
type Func struct {
	Name     string
	Doc      string
	Params   []Param
	Results  []Result
	Examples []string
	Errors   []string // kinds it raises
	Method   bool     // called with a colon
	Named    bool     // one table may give all arguments by name
}

// Param is one argument, or one field of a table.
type Param struct {
	Name       string
	Type       string // LuaLS notation: string, integer, string[], table<string, any>, a class
	Doc        string
	Default    string
	Positional int // 1, 2, ...; 0: in the options table
	Required   bool
	Rest       bool // all further arguments
	Fields     []Param
	Enum       []string
}

// Result is one value that a function gives.
type Result struct {
	Name   string
	Type   string
	Doc    string
	Fields []Param
}

// Type is a class of objects with methods called by ":".
type Type struct {
	Name    string
	Doc     string
	Methods []Func
	Fields  []Param
}
