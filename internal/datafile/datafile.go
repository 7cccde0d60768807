// Package datafile reads YAML, TOML, JSON and CSV into values that know the
// line they stand on, so that who uses them can say where a mistake is and
// where a setting comes from.
//
// Rules: names keep the order of the file, and one that is there twice is an
// error; numbers are float64, whole ones beyond 2^53 are text; dates are text as
// they are written; errors are of kind parse and begin with file:line.
package datafile

import (
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// Formats that Read knows.
const (
	YAML = "yaml"
	TOML = "toml"
	JSON = "json"
	CSV  = "csv"
	// YAML11 is YAML as PyYAML and Ansible read it: yes is true, 010 is 8.
	YAML11 = "yaml1.1"
)

// Kind is the shape of a node.
type Kind int

// The shapes.
const (
	Scalar Kind = iota
	List
	Map
)

// Node is a value and the line where it begins; 0 when it is from no file.
type Node struct {
	Line   int
	Kind   Kind
	Value  any // of a scalar: nil, bool, float64, string, or what Of was given
	Items  []*Node
	Fields []Field
}

// Field is one member of a map.
type Field struct {
	Name  string
	Line  int // of the name
	Value *Node
}

// FormatOf tells the format by a file's extension, "" for others.
func FormatOf(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		return YAML
	case ".toml":
		return TOML
	case ".json":
		return JSON
	case ".csv":
		return CSV
	}
	return ""
}

// Read reads a text. name is the file as messages show it. An empty text is an
// empty map.
func Read(format, name string, text []byte) (*Node, error) {
	text = []byte(strings.TrimPrefix(string(text), "\ufeff"))
	if strings.TrimSpace(string(text)) == "" {
		return &Node{Kind: Map, Line: 1}, nil
	}
	switch format {
	case YAML, YAML11:
		return readYAML(name, text, format == YAML11)
	case TOML:
		return readTOML(name, text)
	case JSON:
		return readJSON(name, text)
	case CSV:
		return readCSV(name, text)
	}
	return nil, fault.New(fault.Usage, "%s: no such format %q", name, format)
}

// Plain gives the value without its places.
func (n *Node) Plain() any {
	switch n.Kind {
	case List:
		out := make([]any, len(n.Items))
		for i, item := range n.Items {
			out[i] = item.Plain()
		}
		return out
	case Map:
		out := make(map[string]any, len(n.Fields))
		for _, f := range n.Fields {
			out[f.Name] = f.Value.Plain()
		}
		return out
	default:
		return n.Value
	}
}

// Get finds a member of a map, nil when there is none.
func (n *Node) Get(name string) *Node {
	for i := range n.Fields {
		if n.Fields[i].Name == name {
			return n.Fields[i].Value
		}
	}
	return nil
}

// Describe names the shape for messages.
func (n *Node) Describe() string {
	switch v := n.Value.(type) {
	case nil:
		return [...]string{"nothing", "a list", "a table"}[n.Kind]
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return "the number " + strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return strconv.Quote(v)
	default:
		return "something else"
	}
}

// number makes a value of a whole number that may be too large for a float64.
func number(i int64) any {
	if i > 1<<53 || i < -(1<<53) {
		return strconv.FormatInt(i, 10)
	}
	return float64(i)
}

// isExact says that a float64 holds what was written.
func isExact(f float64) bool {
	return f != math.Trunc(f) || math.Abs(f) <= 1<<53 || math.IsInf(f, 0)
}

func bad(name string, line int, format string, args ...any) error {
	e := fault.New(fault.Parse, format, args...)
	e.Message = name + ":" + strconv.Itoa(line) + ": " + e.Message
	return e
}
