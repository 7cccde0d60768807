package kit_test

import (
	"reflect"
	"testing"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// query has arguments with places, a choice and an option.
type query struct {
	Name    string `lua:"name,arg1" doc:"What to ask for."`
	Type    string `lua:"type,arg2" default:"A" enum:"A|AAAA|MX" doc:"The record type."`
	Retries int    `lua:"retries" default:"2" doc:"How often."`
}

func TestPlacesNamesAndDefaults(t *testing.T) {
	for call, want := range map[string]query{
		`("x")`:                       {"x", "A", 2},
		`("x", "MX")`:                 {"x", "MX", 2},
		`("x", nil)`:                  {"x", "A", 2},
		`("x", nil, nil)`:             {"x", "A", 2},
		`("x", {retries = 5})`:        {"x", "A", 5},
		`("x", "MX", {retries = 5})`:  {"x", "MX", 5},
		`("x", nil, {retries = 5})`:   {"x", "A", 5},
		`("x", {type = "AAAA"})`:      {"x", "AAAA", 2},
		`{name = "x", type = "AAAA"}`: {"x", "AAAA", 2},
		`{"x", "MX", retries = 1}`:    {"x", "MX", 1},
		`{"x"}`:                       {"x", "A", 2},
	} {
		if got, err := decoded[query](t, "probe.f"+call); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", call, got, err, want)
		}
	}
}

func TestRefusesWrongCalls(t *testing.T) {
	for call, want := range map[string]string{
		`()`:                                `missing argument "name" (string)`,
		`(nil)`:                             `missing argument "name" (string)`,
		`{}`:                                `missing argument "name" (string)`,
		`(nil, "MX")`:                       `missing argument "name" (string)`,
		`(1)`:                               `name: want string, got number 1`,
		`("x", "TXT")`:                      `type: "TXT" is not one of A, AAAA, MX`,
		`{name = "x", type = ""}`:           `type: "" is not one of A, AAAA, MX`,
		`("x", "MX", 3)`:                    `want a table of options, got number 3`,
		`("x", "MX", {}, "more")`:           `too many arguments: unexpected string "more"`,
		`("x", {name = "y"})`:               `name is given twice`,
		`("x", {"y"})`:                      `name is given twice`,
		`("x", "MX", {type = "A"})`:         `type is given twice`,
		`{"x", name = "y"}`:                 `name is given twice`,
		`("x", {retires = 1})`:              `unknown option "retires" (did you mean "retries"?)`,
		`("x", {whatever = 1})`:             `unknown option "whatever"`,
		`("x", {[3] = 1})`:                  `options are named; found the number 3`,
		`("x", {[1.5] = 1})`:                `options are named; found the number 1.5`,
		`({name = "x"}, {retries = 3}, 1)`:  `name: want string, got table`,
		`("x", coroutine.create(print))`:    `type: want string, got thread`,
		`("x", "MX", {retries = "5"})`:      `retries: want integer, got string "5"`,
		`("x", "MX", setmetatable({}, {}))`: ``,
	} {
		_, err := decoded[query](t, "\nprobe.f"+call)
		if want == "" && err == nil {
			continue
		}
		expectFault(t, call, err, fault.Usage, "test.lua:2: probe.f: "+want)
		if fault.From(err).Hint != "gofab doc probe.f" {
			t.Errorf("%s: the hint is %q", call, fault.From(err).Hint)
		}
	}
}

// only has no options: one more argument is too many.
type only struct {
	Name string `lua:"name,arg1" doc:"A name."`
}

func TestTooManyArguments(t *testing.T) {
	for call, want := range map[string]string{
		`("a", "b")`: `too many arguments: unexpected string "b"`,
		`("a", {})`:  ``,
		`("a", nil)`: ``,
	} {
		got, err := decoded[only](t, "probe.f"+call)
		if want == "" && err == nil && got.Name == "a" {
			continue
		}
		expectFault(t, call, err, fault.Usage, want)
	}
	_, err := lua(t, `probe.f(1)`, giver(1))
	expectFault(t, "a function without arguments", err, fault.Usage, "too many arguments: unexpected number 1")
}

// all takes any number of arguments.
type all struct {
	Format string `lua:"format,arg1" doc:"The format."`
	Rest   []int  `lua:"values,rest" doc:"The values."`
}

func TestRest(t *testing.T) {
	for call, want := range map[string]all{
		`("x")`:       {"x", []int{}},
		`("x", 1, 2)`: {"x", []int{1, 2}},
	} {
		if got, err := decoded[all](t, "probe.f"+call); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v, want %+v", call, got, err, want)
		}
	}
	_, err := decoded[all](t, `probe.f("x", 1, "y")`)
	expectFault(t, "rest", err, fault.Usage, `probe.f: values[2]: want integer, got string "y"`)
}

// trailing takes a function at the end, whatever is left out before it.
type trailing struct {
	Name  string       `lua:"name,arg1" default:"none" doc:"A name."`
	Forks int          `lua:"forks" default:"1" doc:"An option."`
	F     kit.Callback `lua:"f,last" doc:"The function."`
}

func TestLastFunction(t *testing.T) {
	for call, want := range map[string]trailing{
		`(print)`:                            {Name: "none", Forks: 1},
		`("x", print)`:                       {Name: "x", Forks: 1},
		`("x", {forks = 3}, print)`:          {Name: "x", Forks: 3},
		`({forks = 3}, print)`:               {Name: "none", Forks: 3},
		`{name = "x", f = print}`:            {Name: "x", Forks: 1},
		`("x", function() return print end)`: {Name: "x", Forks: 1},
	} {
		got, err := decoded[trailing](t, "probe.f"+call)
		if err != nil || got.Name != want.Name || got.Forks != want.Forks || got.F.IsZero() {
			t.Errorf("%s: got %+v, %v, want %+v", call, got, err, want)
		}
	}
	for call, want := range map[string]string{
		`("x")`:                `missing argument "f" (function)`,
		`("x", {f = 1})`:       `f: want function, got number 1`,
		`{f = {}, "x"}`:        `f: want function, got table`,
		`(print, "x")`:         `name: want string, got function`,
		`("x", "y", "z")`:      `too many arguments: unexpected string "z"`,
		`({f = print}, print)`: `f is given twice`,
	} {
		_, err := decoded[trailing](t, "probe.f"+call)
		expectFault(t, call, err, fault.Usage, want)
	}
}

// data takes a table in the first place.
type data struct {
	Value  any  `lua:"value,arg1" doc:"The data."`
	Indent bool `lua:"indent" default:"false" doc:"An option."`
}

func TestTableAsTheFirstArgument(t *testing.T) {
	for call, want := range map[string]data{
		`{indent = true}`:            {Value: map[string]any{"indent": true}},
		`({a = 1}, {indent = true})`: {map[string]any{"a": 1.0}, true},
		`({1, 2})`:                   {Value: []any{1.0, 2.0}},
	} {
		if got, err := decoded[data](t, "probe.f"+call); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v, want %+v", call, got, err, want)
		}
	}
}

// shared options are part of the struct that embeds them.
type embedding struct {
	Common
	Name string `lua:"name,arg1" doc:"A name."`
	kept int
}

// Common is embedded in embedding.
type Common struct {
	Forks int `lua:"forks" default:"3" doc:"An option of many functions."`
}

func TestEmbeddedOptions(t *testing.T) {
	got, err := decoded[embedding](t, `probe.f("x", {forks = 5})`)
	if want := (embedding{Common{5}, "x", 0}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	got, err = decoded[embedding](t, `probe.f("x")`)
	if err != nil || got.Forks != 3 {
		t.Errorf("default: got %+v, %v", got, err)
	}
}
