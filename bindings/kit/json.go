package kit

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"gofab/internal/fault"
)

// FromJSON reads one JSON text as Lua data: a null in a list is Null, a member
// that is null is absent, whole numbers stay exact.
func FromJSON(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	err := d.Decode(&value)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			return nil, fault.New(fault.Parse, "not JSON: more text follows the value at %s", place(text, d.InputOffset()))
		}
		return fromJSON(value), nil
	}
	at := d.InputOffset()
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		at = syntax.Offset
	}
	return nil, fault.Wrap(fault.Parse, err, "not JSON at %s", place(text, at))
}

// place tells line and column of a byte offset.
func place(text []byte, offset int64) string {
	head := text[:min(max(offset-1, 0), int64(len(text)))]
	line := bytes.Count(head, []byte("\n")) + 1
	column := len(head) - bytes.LastIndexByte(head, '\n')
	return "line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column)
}

// fromJSON makes Lua's numbers and nulls of JSON's.
func fromJSON(value any) any {
	switch v := value.(type) {
	case json.Number:
		return fromNumber(v)
	case []any:
		for i := range v {
			if v[i] = fromJSON(v[i]); v[i] == nil {
				v[i] = Null{}
			}
		}
	case map[string]any:
		for name, item := range v {
			v[name] = fromJSON(item)
		}
	}
	return value
}

// fromNumber keeps whole numbers exact: large ones are written as strings.
func fromNumber(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, err := n.Float64()
	if err != nil || !strings.ContainsAny(n.String(), ".eE") {
		return n.String()
	}
	return f
}

// ToJSON writes Lua data as JSON, with names sorted; indent is spaces per
// level, 0 for one line.
func ToJSON(value any, indent int) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", strings.Repeat(" ", indent))
	data, err := Data(value)
	if err != nil {
		return nil, err
	}
	if err := e.Encode(data); err != nil {
		return nil, fault.Wrap(fault.Usage, err, "cannot be written as JSON")
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// ResultJSON writes what a binding returned as a script would: fields by their
// Lua names, durations in seconds, times as Unix seconds.
func ResultJSON(result any, indent int) ([]byte, error) {
	L := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer L.Close()
	value, err := toAny(L, encode(L, reflect.ValueOf(result)), 0)
	if err != nil {
		return nil, err
	}
	return ToJSON(value, indent)
}
