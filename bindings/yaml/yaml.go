// Package yaml is the Lua module yaml (YAML 1.2 core, as everyday files use it).
package yaml

import (
	"bytes"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// Module declares yaml.
func Module() *kit.Module {
	return &kit.Module{
		Name: "yaml",
		Doc: "Read and write YAML. Dates stay strings, as they are written; whole numbers beyond 2^53 are strings; " +
			"a null inside a list is json.null, a member that is null is absent.",
		Funcs: []kit.Func{
			kit.Fn("decode", "Read one YAML document.", decode).With(
				`local v = yaml.decode("hosts:\n  - web1\n  - web2\n")
assert(v.hosts[2] == "web2")`),
			kit.Fn("decode_all", "Read a stream of YAML documents into a list.", decodeAll).With(
				`assert(#yaml.decode_all("a: 1\n---\na: 2\n") == 2)`),
			kit.Fn("encode", "Write a value as YAML; names are sorted.", encode).With(
				`assert(yaml.encode{ name = "web1", ports = { 80 } } == "name: web1\nports:\n  - 80\n")`),
		},
	}
}

type decodeArgs struct {
	Text string `lua:"text,arg1" doc:"YAML text."`
}

func decode(_ *kit.Call, a decodeArgs) (any, error) {
	docs, err := documents(a.Text)
	if err != nil {
		return nil, err
	}
	if len(docs) > 1 {
		return nil, fault.New(fault.Parse, "%d YAML documents where one is expected", len(docs)).WithHint("use yaml.decode_all")
	}
	if len(docs) == 0 {
		return nil, nil
	}
	return docs[0], nil
}

func decodeAll(_ *kit.Call, a decodeArgs) ([]any, error) { return documents(a.Text) }

func documents(text string) ([]any, error) {
	d := yaml.NewDecoder(strings.NewReader(text))
	docs := []any{}
	for {
		var node yaml.Node
		err := d.Decode(&node)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, fault.New(fault.Parse, "not YAML: %s", problem(err))
		}
		r := reader{budget: maxNodes}
		value, err := r.value(&node)
		if err != nil {
			return nil, err
		}
		docs = append(docs, value)
	}
}

// misplaced are the problems for which the library counts lines from 0.
var misplaced = regexp.MustCompile(`^line (\d+): (did not find expected (?:node content|key|'-'|',').*)`)

// problem is what the library says of a text, with the right line.
func problem(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	m := misplaced.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	line, err := strconv.Atoi(m[1])
	if err != nil {
		return text
	}
	return "line " + strconv.Itoa(line+1) + ": " + m[2]
}

// maxNodes bounds what aliases can blow a small file up to.
const maxNodes = 1 << 20

// reader turns nodes into plain data. It reads scalars itself, so that a date
// or a large number stays what was written.
type reader struct {
	budget int
	inside []*yaml.Node // aliases on the way, to find a circle
}

func (r *reader) value(n *yaml.Node) (any, error) {
	if r.budget--; r.budget < 0 {
		return nil, fault.New(fault.Parse, "line %d: the document is too large (aliases expand to over %d values)", n.Line, maxNodes)
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return r.value(n.Content[0])
	case yaml.SequenceNode:
		return r.list(n)
	case yaml.MappingNode:
		return r.mapping(n)
	case yaml.AliasNode:
		return r.alias(n)
	default:
		return scalar(n)
	}
}

func (r *reader) alias(n *yaml.Node) (any, error) {
	for _, outer := range r.inside {
		if outer == n.Alias {
			return nil, fault.New(fault.Parse, "line %d: the anchor %q contains itself", n.Line, n.Value)
		}
	}
	r.inside = append(r.inside, n.Alias)
	defer func() { r.inside = r.inside[:len(r.inside)-1] }()
	return r.value(n.Alias)
}

func (r *reader) list(n *yaml.Node) (any, error) {
	list := make([]any, len(n.Content))
	for i, item := range n.Content {
		value, err := r.value(item)
		if err != nil {
			return nil, err
		}
		if value == nil {
			value = kit.Null{}
		}
		list[i] = value
	}
	return list, nil
}

func (r *reader) mapping(n *yaml.Node) (any, error) {
	out := make(map[string]any, len(n.Content)/2)
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, item := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			merges = append(merges, item)
			continue
		}
		if key.Kind != yaml.ScalarNode {
			return nil, fault.New(fault.Parse, "line %d: a key must be a plain value", key.Line)
		}
		if _, twice := out[key.Value]; twice {
			return nil, fault.New(fault.Parse, "line %d: the key %q is there twice", key.Line, key.Value)
		}
		value, err := r.value(item)
		if err != nil {
			return nil, err
		}
		out[key.Value] = value
	}
	return out, r.merge(out, merges)
}

// merge adds the members of `<<: *base` that are not set already.
func (r *reader) merge(out map[string]any, merges []*yaml.Node) error {
	for _, n := range merges {
		value, err := r.value(n)
		if err != nil {
			return err
		}
		bases, ok := value.([]any)
		if !ok {
			bases = []any{value}
		}
		for _, base := range bases {
			members, ok := base.(map[string]any)
			if !ok {
				return fault.New(fault.Parse, "line %d: << needs a mapping", n.Line)
			}
			for name, item := range members {
				if _, set := out[name]; !set {
					out[name] = item
				}
			}
		}
	}
	return nil
}

func scalar(n *yaml.Node) (any, error) {
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool", "!!binary":
		var v any
		err := n.Decode(&v)
		return v, err
	case "!!int":
		var i int64
		if n.Decode(&i) != nil {
			return n.Value, nil
		}
		return i, nil
	case "!!float":
		var f float64
		if err := n.Decode(&f); err != nil {
			return nil, fault.New(fault.Parse, "line %d: %v", n.Line, err)
		}
		if f == math.Trunc(f) && math.Abs(f) > 1<<53 && !math.IsInf(f, 0) && !strings.ContainsAny(n.Value, ".eE") {
			return n.Value, nil
		}
		return f, nil
	default:
		return n.Value, nil
	}
}

type encodeArgs struct {
	Value  any `lua:"value,arg1" doc:"Table, string, number, boolean, json.null."`
	Indent int `lua:"indent" default:"2" doc:"Spaces per level."`
}

func encode(_ *kit.Call, a encodeArgs) (string, error) {
	value, err := kit.Data(a.Value)
	if err != nil {
		return "", err
	}
	if a.Indent < 1 || a.Indent > 20 {
		return "", fault.New(fault.Usage, "indent: %s is not between 1 and 20", strconv.Itoa(a.Indent))
	}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(a.Indent)
	if err := e.Encode(value); err != nil {
		return "", fault.Wrap(fault.Usage, err, "cannot be written as YAML")
	}
	return out.String(), e.Close()
}
