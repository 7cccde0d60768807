// Package json is the Lua module json (RFC 8259).
package json

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

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

func decode(_ *kit.Call, a decodeArgs) (any, error) {
	d := json.NewDecoder(strings.NewReader(a.Text))
	d.UseNumber()
	var value any
	err := d.Decode(&value)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			return nil, fault.New(fault.Parse, "not JSON: more text follows the value at %s", place(a.Text, d.InputOffset()))
		}
		return plain(value), nil
	}
	at := d.InputOffset()
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		at = syntax.Offset
	}
	return nil, fault.Wrap(fault.Parse, err, "not JSON at %s", place(a.Text, at))
}

// place tells line and column of a byte offset.
func place(text string, offset int64) string {
	head := text[:min(max(offset-1, 0), int64(len(text)))]
	line := strings.Count(head, "\n") + 1
	column := len(head) - strings.LastIndexByte(head, '\n')
	return "line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column)
}

// plain makes Lua's numbers and nulls of JSON's.
func plain(value any) any {
	switch v := value.(type) {
	case json.Number:
		return number(v)
	case []any:
		for i := range v {
			if v[i] = plain(v[i]); v[i] == nil {
				v[i] = kit.Null{}
			}
		}
	case map[string]any:
		for name, item := range v {
			v[name] = plain(item)
		}
	}
	return value
}

// number keeps whole numbers exact: kit writes large ones as strings.
func number(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, err := n.Float64()
	if err != nil || !strings.ContainsAny(n.String(), ".eE") {
		return n.String()
	}
	return f
}

type encodeArgs struct {
	Value  any `lua:"value,arg1" doc:"Table, string, number, boolean, json.null."`
	Indent int `lua:"indent" default:"0" doc:"Spaces per level; 0 writes one line."`
}

func encode(_ *kit.Call, a encodeArgs) (string, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", strings.Repeat(" ", a.Indent))
	value, err := kit.Data(a.Value)
	if err != nil {
		return "", err
	}
	if err := e.Encode(value); err != nil {
		return "", fault.Wrap(fault.Usage, err, "cannot be written as JSON")
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}
