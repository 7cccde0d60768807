package datafile

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxNodes bounds what aliases can blow a small file up to.
const maxNodes = 1 << 20

type yamlReader struct {
	name   string
	old    bool // YAML 1.1
	budget int
	inside []*yaml.Node // aliases on the way, to find a circle
}

func readYAML(name string, text []byte, old bool) (*Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	err := d.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return &Node{Kind: Map, Line: 1}, nil
	}
	if err == nil {
		if err = d.Decode(&more); err == nil {
			return nil, bad(name, more.Line, "a second document, where one is expected")
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		line, text := yamlProblem(err)
		return nil, bad(name, line, "not YAML: %s", text)
	}
	r := yamlReader{name: name, old: old, budget: maxNodes}
	return r.node(&doc)
}

var (
	yamlLine = regexp.MustCompile(`^(?s)line (\d+): (.*)$`)
	// misplaced are the problems for which the library counts lines from 0.
	misplaced = regexp.MustCompile(`^did not find expected (?:node content|key|'-'|',')`)
)

// yamlProblem takes the line out of the library's message.
func yamlProblem(err error) (line int, text string) {
	text = strings.TrimPrefix(err.Error(), "yaml: ")
	m := yamlLine.FindStringSubmatch(text)
	if m == nil {
		return 1, text
	}
	line, _ = strconv.Atoi(m[1])
	if misplaced.MatchString(m[2]) {
		line++
	}
	return line, m[2]
}

func (r *yamlReader) node(n *yaml.Node) (*Node, error) {
	if len(r.inside) > 0 {
		r.budget--
	}
	if r.budget < 0 {
		return nil, bad(r.name, n.Line, "the file is too large (aliases expand to over %d values)", maxNodes)
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return r.node(n.Content[0])
	case yaml.SequenceNode:
		return r.list(n)
	case yaml.MappingNode:
		return r.mapping(n)
	case yaml.AliasNode:
		return r.alias(n)
	default:
		value, err := r.scalar(n)
		return &Node{Line: n.Line, Value: value}, err
	}
}

func (r *yamlReader) alias(n *yaml.Node) (*Node, error) {
	for _, outer := range r.inside {
		if outer == n.Alias {
			return nil, bad(r.name, n.Line, "the anchor %q contains itself", n.Value)
		}
	}
	r.inside = append(r.inside, n.Alias)
	defer func() { r.inside = r.inside[:len(r.inside)-1] }()
	return r.node(n.Alias)
}

func (r *yamlReader) list(n *yaml.Node) (*Node, error) {
	out := &Node{Line: n.Line, Kind: List}
	for _, item := range n.Content {
		value, err := r.node(item)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, value)
	}
	return out, nil
}

func (r *yamlReader) mapping(n *yaml.Node) (*Node, error) {
	out := &Node{Line: n.Line, Kind: Map, Fields: make([]Field, 0, len(n.Content)/2)}
	seen := make(map[string]bool, len(n.Content)/2)
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, item := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			merges = append(merges, item)
			continue
		}
		if key.Kind != yaml.ScalarNode {
			return nil, bad(r.name, key.Line, "a key must be a plain value")
		}
		if seen[key.Value] {
			return nil, bad(r.name, key.Line, "the key %q is there twice", key.Value)
		}
		seen[key.Value] = true
		value, err := r.node(item)
		if err != nil {
			return nil, err
		}
		out.Fields = append(out.Fields, Field{key.Value, key.Line, value})
	}
	return out, r.merge(out, merges, seen)
}

// merge adds the members of `<<: *base` that are not there already.
func (r *yamlReader) merge(out *Node, merges []*yaml.Node, seen map[string]bool) error {
	for _, n := range merges {
		base, err := r.node(n)
		if err != nil {
			return err
		}
		bases := []*Node{base}
		if base.Kind == List {
			bases = base.Items
		}
		for _, one := range bases {
			if one.Kind != Map {
				return bad(r.name, n.Line, "<< needs a mapping")
			}
			for _, f := range one.Fields {
				if !seen[f.Name] {
					seen[f.Name] = true
					out.Fields = append(out.Fields, f)
				}
			}
		}
	}
	return nil
}

// Vaulted is what takes the place of a value that Ansible has encrypted.
type Vaulted struct{}

func (r *yamlReader) scalar(n *yaml.Node) (any, error) {
	if r.old && n.Style == 0 {
		return scalar11(n.Value), nil
	}
	switch n.ShortTag() {
	case "!vault", "!vault-encrypted":
		return Vaulted{}, nil
	case "!!null":
		return nil, nil
	case "!!bool":
		var v bool
		if n.Decode(&v) != nil {
			return n.Value, nil
		}
		return v, nil
	case "!!int":
		var i int64
		if n.Decode(&i) != nil {
			return n.Value, nil
		}
		return number(i), nil
	case "!!float":
		var f float64
		if err := n.Decode(&f); err != nil {
			return nil, bad(r.name, n.Line, "%q is no number", n.Value)
		}
		if !isExact(f) && !strings.ContainsAny(n.Value, ".eE") {
			return n.Value, nil
		}
		return f, nil
	default:
		return n.Value, nil
	}
}
