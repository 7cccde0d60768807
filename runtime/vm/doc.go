package vm

import (
	"gofab/internal/docmodel"
	"gofab/internal/fault"
)

// Documentation describes what the interpreter itself adds to Lua 5.1. These
// functions need the Lua state and so have no declaration in kit.
func Documentation() docmodel.Module {
	return docmodel.Module{
		Name: "base", Global: true, Source: "Go",
		Doc: "What gofab adds to Lua 5.1 or does otherwise.\n\n" +
			"Globals are strict: reading one that was never set is an error that names the line, and only the " +
			"main chunk of a file may set new ones. All modules are global names and need no require.",
		Funcs:  []docmodel.Func{docTry, docError, docAssert, docPrint, docRequire, docExit, docSetenv},
		Values: []docmodel.Result{{Name: "arg", Type: "string[]", Doc: "What follows the file on the command line; arg[0] is the file."}},
		Types:  []docmodel.Type{errorType()},
	}
}

func param(position int, name, luaType, doc string) docmodel.Param {
	return docmodel.Param{Name: name, Type: luaType, Doc: doc, Positional: position, Required: true}
}

func optional(position int, name, luaType, doc string) docmodel.Param {
	p := param(position, name, luaType, doc)
	p.Required = false
	return p
}

func rest(doc string) docmodel.Param {
	return docmodel.Param{Name: "...", Type: "any", Doc: doc, Rest: true}
}

var docTry = docmodel.Func{
	Name: "try",
	Doc: "Call a function and keep its error. It gives the function's results, or nil and the error object. " +
		"The end of the run is not kept: it goes on through try.",
	Params: []docmodel.Param{param(1, "f", "function", "The function."), rest("Its arguments.")},
	Results: []docmodel.Result{
		{Name: "value", Type: "any", Doc: "First result of the function; nil when it raised."},
		{Name: "e", Type: "error?", Doc: "The error object."},
	},
	Examples: []string{`local text, e = try(fs.read, "no-such-file")
assert(text == nil and e.kind == "notfound")`},
}

var docError = docmodel.Func{
	Name: "error",
	Doc: "Raise an error: a text, or a table with message and perhaps kind and hint. Whoever catches it " +
		"finds an error object.",
	Params: []docmodel.Param{
		param(1, "message", "string|table", "Text, or { message =, kind =, hint = }."),
		optional(2, "level", "integer", "Whose line to name: 1 this one, 2 the caller's, 0 none."),
	},
	Examples: []string{`local _, e = try(error, { message = "no space for logs", kind = "nospace", hint = "rotate them" })
assert(e.kind == "nospace" and e.hint == "rotate them")`},
}

var docAssert = docmodel.Func{
	Name: "assert", Doc: "Raise when a value is nil or false; give all values otherwise.",
	Params: []docmodel.Param{
		param(1, "value", "any", "The value."),
		optional(2, "message", "any", "A text, or an error object to raise as it is."), rest("Given back."),
	},
	Results:  []docmodel.Result{{Name: "...", Type: "any", Doc: "All arguments."}},
	Examples: []string{`local n = assert(tonumber("42"), "not a number")`},
}

var docPrint = docmodel.Func{
	Name: "print", Doc: "Print values with tabs between. Secrets appear as stars, and progress lines stay whole.",
	Params:   []docmodel.Param{rest("The values.")},
	Examples: []string{`print("free:", 0.1 + 0.2, "GB")`},
}

var docRequire = docmodel.Func{
	Name: "require",
	Doc: "Load a module once per run: one of gofab's own, or a file beside the script or in lib/ below it. " +
		"\"web.nginx\" is web/nginx.lua or web/nginx/init.lua.",
	Params:   []docmodel.Param{param(1, "name", "string", "Name of the module.")},
	Results:  []docmodel.Result{{Name: "module", Type: "any", Doc: "What the file returned."}},
	Examples: []string{`local json = require "json"`},
}

var docExit = docmodel.Func{
	Name: "os.exit", Doc: "End the run in good order with an exit code: connections are closed, output is shown.",
	Params: []docmodel.Param{optional(1, "code", "integer|boolean", "Exit code; true is 0, false is 1. 0 by default.")},
}

var docSetenv = docmodel.Func{
	Name: "os.setenv", Doc: "Set an environment variable for this run and the local commands it starts.",
	Params:   []docmodel.Param{param(1, "name", "string", "The variable."), param(2, "value", "string", "Its value.")},
	Examples: []string{`os.setenv("STAGE", "test")`},
}

// errorType describes error objects; their fields are read in kit's raise.go.
func errorType() docmodel.Type {
	field := func(name, luaType, doc string) docmodel.Param {
		return docmodel.Param{Name: name, Type: luaType, Doc: doc}
	}
	kind := field("kind", "string", "What sort of error; `gofab doc errors` lists them.")
	kind.Required = true
	for _, k := range fault.Kinds {
		kind.Enum = append(kind.Enum, string(k))
	}
	return docmodel.Type{
		Name: "error", Doc: "What is raised and caught. tostring(e) is one line, with the hint on the next.",
		Fields: []docmodel.Param{
			kind,
			field("message", "string", "What failed."),
			field("op", "string", "The call that failed, such as h:put."),
			field("hint", "string", "What to try."),
			field("where", "string", "Nearest line of the user's own file, file:line."),
			field("host", "string", "The managed host."),
			field("cause", "error", "The error below this one."),
			field("result", "any", "What there was of a result: the output of a command that failed."),
			field("traceback", "string", "The user's own lines that led here, innermost first."),
		},
	}
}
