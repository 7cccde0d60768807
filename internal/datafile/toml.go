package datafile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// readTOML takes the values from the decoder and the lines from the parser
// below it: the decoder checks, the parser knows places.
func readTOML(name string, text []byte) (*Node, error) {
	value := map[string]any{}
	err := toml.Unmarshal(text, &value)
	if at := (*toml.DecodeError)(nil); errors.As(err, &at) {
		line, _ := at.Position()
		return nil, bad(name, line, "not TOML: %s", strings.TrimPrefix(at.Error(), "toml: "))
	}
	if err != nil {
		return nil, bad(name, 1, "not TOML: %v", err)
	}
	return newTOMLLines(text).node(value, "", 1), nil
}

// tomlLines knows where each key of a document was written first. A key of it
// is the path with the positions in lists of tables.
type tomlLines struct {
	starts []int // offsets at which lines begin
	at     map[string]int
	tables map[string]int // lists of tables: how many so far
}

func newTOMLLines(text []byte) *tomlLines {
	l := &tomlLines{starts: []int{0}, at: map[string]int{}, tables: map[string]int{}}
	for i, b := range text {
		if b == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	p := unstable.Parser{}
	p.Reset(text)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table:
			table = l.path("", e.Key(), false)
		case unstable.ArrayTable:
			table = l.path("", e.Key(), true)
		case unstable.KeyValue:
			l.keyValue(table, e)
		}
	}
	return l
}

func (l *tomlLines) line(offset uint32) int {
	i, exact := slices.BinarySearch(l.starts, int(offset))
	if exact {
		return i + 1
	}
	return i
}

// path notes the lines of a dotted key and gives its whole path.
func (l *tomlLines) path(path string, key unstable.Iterator, list bool) string {
	for key.Next() {
		part := key.Node()
		path += "\x00" + string(part.Data)
		if _, known := l.at[path]; !known {
			l.at[path] = l.line(part.Raw.Offset)
		}
		if list && key.IsLast() {
			l.tables[path]++
		}
		if n := l.tables[path]; n > 0 {
			path += "\x00" + strconv.Itoa(n-1)
		}
	}
	return path
}

func (l *tomlLines) keyValue(table string, e *unstable.Node) {
	l.inline(l.path(table, e.Key(), false), e.Value())
}

// inline goes into tables and lists that are written in one value.
func (l *tomlLines) inline(path string, value *unstable.Node) {
	switch value.Kind {
	case unstable.InlineTable:
		for it := value.Children(); it.Next(); {
			l.keyValue(path, it.Node())
		}
	case unstable.Array:
		i := 0
		for it := value.Children(); it.Next(); i++ {
			item := path + "\x00" + strconv.Itoa(i)
			if raw := it.Node().Raw; raw.Length > 0 {
				l.at[item] = l.line(raw.Offset)
			}
			l.inline(item, it.Node())
		}
	}
}

// node joins values and lines; what has no line of its own has that of what is
// around it.
func (l *tomlLines) node(value any, path string, line int) *Node {
	if at := l.at[path]; at > 0 {
		line = at
	}
	switch v := value.(type) {
	case map[string]any:
		n := &Node{Kind: Map, Line: line}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			child := l.node(v[name], path+"\x00"+name, line)
			n.Fields = append(n.Fields, Field{name, child.Line, child})
		}
		slices.SortStableFunc(n.Fields, func(a, b Field) int { return a.Line - b.Line })
		return n
	case []any:
		n := &Node{Kind: List, Line: line}
		for i, item := range v {
			n.Items = append(n.Items, l.node(item, path+"\x00"+strconv.Itoa(i), line))
		}
		return n
	default:
		return &Node{Line: line, Value: tomlScalar(value)}
	}
}

func tomlScalar(value any) any {
	switch v := value.(type) {
	case int64:
		return number(v)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case toml.LocalDate, toml.LocalTime, toml.LocalDateTime:
		return fmt.Sprint(v)
	default:
		return v
	}
}
