package docmodel

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/fault"
)

const greet = "--- Greet people.\n---\n--- In many ways.\nlocal greet = {}\n\n" +
	"--- For the reader of the file.\n---@unknown things are refused only where they are published\n" +
	"\nlocal function helper() end\n\n" +
	"--- Say hello.\n---\n--- ```lua\n--- if true then\n---   greet.hello(\"you\")\n--- end\n--- ```\n" +
	"---@param name string Who.\n---@param often? table<string, integer> How often.\n---@param ... any More.\n" +
	"---@return string text What was said.\n---@return error? e\n" +
	"function greet.hello(name, often, ...)\nend\n\nreturn greet\n"

func TestReadLua(t *testing.T) {
	got, err := ReadLua("greet", "greet/init.lua", greet)
	if err != nil {
		t.Fatal(err)
	}
	want := Module{
		Name: "greet", Source: "greet/init.lua", Doc: "Greet people.\n\nIn many ways.",
		Funcs: []Func{{
			Name: "hello", Doc: "Say hello.", Examples: []string{"if true then\n  greet.hello(\"you\")\nend"},
			Params: []Param{
				{Name: "name", Type: "string", Doc: "Who.", Positional: 1, Required: true},
				{Name: "often", Type: "table<string, integer>", Doc: "How often.", Positional: 2},
				{Name: "...", Type: "any", Doc: "More.", Rest: true},
			},
			Results: []Result{{Name: "text", Type: "string", Doc: "What was said."}, {Name: "e", Type: "error?"}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadLuaRefuses(t *testing.T) {
	const top = "--- A module.\nlocal m = {}\n"
	for name, c := range map[string]struct{ source, want string }{
		"no module text":     {"local m = {}\n", "m.lua:1: the module has no text"},
		"module example":     {"--- M.\n--- ```lua\n--- x()\n--- ```\nlocal m = {}", "m.lua:1: examples and annotations belong to functions"},
		"no function text":   {top + "function m.f() end", "m.lua:3: function f has no text"},
		"unknown annotation": {top + "--- F.\n---@parm a string A.\nfunction m.f(a) end", "m.lua:4: unknown annotation @parm"},
		"no type":            {top + "--- F.\n---@param a\nfunction m.f(a) end", "m.lua:4: want ---@param name type text"},
		"missing parameter":  {top + "--- F.\nfunction m.f(a) end", "m.lua:4: function f takes (a), its comment documents ()"},
		"other order": {
			top + "--- F.\n---@param b string B.\n---@param a string A.\nfunction m.f(a, b) end", "m.lua:6: function f takes (a, b)",
		},
		"endless example": {top + "--- F.\n--- ```lua\n--- x()\nfunction m.f() end", "m.lua:3: the example has no end"},
	} {
		_, err := ReadLua("m", "m.lua", c.source)
		if fault.KindOf(err) != fault.Parse || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func FuzzReadLua(f *testing.F) {
	f.Add(greet)
	f.Add("---@param\n---@return <\nfunction m.f(")
	f.Fuzz(func(_ *testing.T, source string) {
		_, _ = ReadLua("m", "m.lua", source)
	})
}
