package datafile

import (
	"maps"
	"slices"
)

// Of makes nodes of plain data: maps are sorted by name, what is neither map
// nor list is a scalar.
func Of(value any) *Node {
	switch v := value.(type) {
	case []any:
		n := &Node{Kind: List}
		for _, item := range v {
			n.Items = append(n.Items, Of(item))
		}
		return n
	case map[string]any:
		n := &Node{Kind: Map}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			n.Fields = append(n.Fields, Field{Name: name, Value: Of(v[name])})
		}
		return n
	default:
		return &Node{Value: value}
	}
}
