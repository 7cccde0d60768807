package kit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gofab/bindings/kit"
)

// declare makes a function with arguments of type A and gives what it
// panicked with: "" when the declaration is in order.
func declare[A any]() (panicked string) {
	defer func() {
		if r := recover(); r != nil {
			panicked = fmt.Sprint(r)
		}
	}()
	kit.Fn("f", "A function.", func(*kit.Call, A) (kit.None, error) { return kit.None{}, nil })
	return ""
}

// A mistake in a declaration is found at start-up, by any test.
func TestMistakesInDeclarationsPanic(t *testing.T) {
	type undocumented struct {
		Name string `lua:"name,arg1"`
	}
	type unknownWord struct {
		Name string `lua:"name,first" doc:"A name."`
	}
	type gap struct {
		Name string `lua:"name,arg2" doc:"A name."`
	}
	type badDefault struct {
		Wait time.Duration `lua:"wait" default:"soon" doc:"A wait."`
	}
	type noDefaultForLists struct {
		List []string `lua:"list" default:"a" doc:"A list."`
	}
	for name, c := range map[string]struct{ got, want string }{
		"undocumented field": {declare[undocumented](), `kit: f: field "name" has no doc text`},
		"unknown word":       {declare[unknownWord](), `kit: f: field "name": unknown tag word "first"`},
		"gap":                {declare[gap](), `kit: f: positional arguments have a gap before "name"`},
		"default":            {declare[badDefault](), `kit: f: default of "wait": "soon" is not a duration`},
		"default of a list":  {declare[noDefaultForLists](), `cannot be written in a tag`},
		"no struct":          {declare[string](), `kit: f: arguments must be a struct, not string`},
		"in order":           {declare[struct{}](), ``},
	} {
		if !strings.Contains(c.got, c.want) || (c.want == "") != (c.got == "") {
			t.Errorf("%s: got %q, want %q", name, c.got, c.want)
		}
	}
}

func TestFunctionsNeedATextTheyAreDocumentedBy(t *testing.T) {
	defer func() {
		if r := recover(); r != "kit: f has no doc text" {
			t.Errorf("got %v", r)
		}
	}()
	kit.Fn("f", "", func(*kit.Call, struct{}) (kit.None, error) { return kit.None{}, nil })
	t.Error("a function without a text was declared")
}

// The documentation says what the decoder takes: it comes from the same tags.
func TestModelOfAModule(t *testing.T) {
	m := probe(
		kit.Fn("every", "Take everything.", func(*kit.Call, every) (answer, error) { return answer{}, nil }).With("probe.every{}"),
		kit.Fn("query", "Ask.", func(*kit.Call, query) ([]string, error) { return nil, nil }),
		kit.Fn("all", "Take many.", func(*kit.Call, all) (kit.None, error) { return kit.None{}, nil }),
		kit.Fn("last", "Take a function.", func(*kit.Call, trailing) (time.Duration, error) { return 0, nil }),
	)
	m.Types = lamps().Types
	model := m.Model()

	types := map[string]string{}
	for _, p := range model.Funcs[0].Params {
		types[p.Name] = p.Type
		if p.Doc == "" || p.Required {
			t.Errorf("%s: %+v", p.Name, p)
		}
	}
	for name, want := range map[string]string{
		"text": "string", "flag": "boolean", "whole": "integer", "tiny": "integer", "count": "integer", "real": "number",
		"wait": "number|string", "size": "number|string", "when": "number", "hidden": "string|secret", "raw": "string",
		"list": "string[]", "grid": "integer[][]", "named": "table<string, integer>", "any": "any", "maybe": "integer",
		"level": `"low"|"high"`, "inner": "table", "inners": "table[]",
	} {
		if types[name] != want {
			t.Errorf("%s is %s, want %s", name, types[name], want)
		}
	}
	ask := model.Funcs[1].Params
	if !ask[0].Required || ask[0].Positional != 1 || ask[1].Default != "A" || strings.Join(ask[1].Enum, " ") != "A AAAA MX" || ask[2].Positional != 0 {
		t.Errorf("query: %+v", ask)
	}
	if !model.Funcs[2].Params[1].Rest || model.Funcs[3].Params[2].Positional != 2 {
		t.Errorf("rest and last: %+v, %+v", model.Funcs[2].Params, model.Funcs[3].Params)
	}
	if model.Funcs[2].Results != nil || model.Funcs[3].Results[0].Type != "number" || model.Funcs[1].Results[0].Type != "string[]" {
		t.Errorf("results: %+v", model.Funcs)
	}
	class := model.Types[0]
	if class.Name != "lamp" || !class.Methods[0].Method || class.Fields[1].Type != "integer" {
		t.Errorf("class: %+v", class)
	}
}

// A result's fields are documented too.
func TestFieldsOfAResultNeedATextToo(t *testing.T) {
	type bare struct {
		Name string `lua:"name"`
	}
	defer func() {
		if r := fmt.Sprint(recover()); !strings.Contains(r, `field "name" has no doc text`) {
			t.Errorf("got %q", r)
		}
	}()
	giver(bare{}).Model()
	t.Error("a result with a field without a text was described")
}
