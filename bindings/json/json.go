// Package json is the Lua module json (RFC 8259).
package json

import "gofab/bindings/kit"

// Module declares json.
func Module() *kit.Module {
	return &kit.Module{
		Name: "json",
		Doc: "Read and write JSON (RFC 8259). A null inside a list is json.null; " +
			"a member that is null is absent. Whole numbers beyond 2^53 are strings. An empty list stays a list.",
		Funcs: []kit.Func{
			kit.Fn("decode", "Read one JSON text.", decode).With(
				`local v = json.decode('{"name": "web1", "ports": [80, 443]}')
assert(v.name == "web1" and v.ports[2] == 443)`),
			kit.Fn("encode", "Write a value as JSON; names are sorted.", encode).With(
				`assert(json.encode{ b = 1, a = { true } } == '{"a":[true],"b":1}')`,
				`print(json.encode({ name = "web1" }, { indent = 2 }))`),
		},
		Values: []kit.Value{{Name: "null", Doc: "Stands for null inside a list.", Value: kit.Null{}}},
	}
}

type decodeArgs struct {
	Text string `lua:"text,arg1" doc:"JSON text."`
}

func decode(_ *kit.Call, a decodeArgs) (any, error) { return kit.FromJSON([]byte(a.Text)) }

type encodeArgs struct {
	Value  any `lua:"value,arg1" doc:"Table, string, number, boolean, json.null."`
	Indent int `lua:"indent" default:"0" doc:"Spaces per level; 0 writes one line."`
}

func encode(_ *kit.Call, a encodeArgs) (string, error) {
	text, err := kit.ToJSON(a.Value, a.Indent)
	return string(text), err
}
