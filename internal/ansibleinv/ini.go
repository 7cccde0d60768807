package ansibleinv

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	section   = regexp.MustCompile(`^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$`)
	groupName = regexp.MustCompile(`^([^:\]\s]+)\s*(?:#.*)?$`)
)

// ini is an INI file on the way. Groups may be used before they are declared;
// those that never are stay in wanted.
type ini struct {
	*reader
	declared map[string]bool
	wanted   []want
	at       *Group
	state    string // hosts, vars or children
}

type want struct {
	group, by string
	line      int
}

// ReadINI reads an inventory in INI form. name is the file as messages show it.
func ReadINI(name string, text []byte) (*Inventory, error) {
	f := &ini{reader: newReader(name), declared: map[string]bool{All: true, Ungrouped: true}, state: "hosts"}
	f.at = f.group(Ungrouped, 0)
	for i, line := range lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if !utf8.ValidString(line) {
			return nil, f.bad(i+1, "the line is not UTF-8")
		}
		if err := f.line(line, i+1); err != nil {
			return nil, err
		}
	}
	for _, w := range f.wanted {
		if !f.declared[w.group] {
			return nil, f.bad(w.line, "[%s] needs a group %q, which is declared nowhere", w.by, w.group)
		}
	}
	return &f.found, nil
}

func (f *ini) line(line string, number int) error {
	if m := section.FindStringSubmatch(line); m != nil {
		return f.section(m[1], m[2], number)
	}
	if strings.HasPrefix(line, "[") && (strings.HasSuffix(line, "]") || !strings.Contains(line, "]")) {
		return f.bad(number, "%s is no section: want [group], [group:vars] or [group:children], without blanks", line)
	}
	switch f.state {
	case "vars":
		return f.variable(line, number)
	case "children":
		return f.child(line, number)
	default:
		return f.host(line, number)
	}
}

func (f *ini) section(name, state string, number int) error {
	f.at, f.state = f.group(name, number), state
	switch state {
	case "":
		f.state = "hosts"
		f.declared[name] = true
	case "children", "hosts":
		f.declared[name] = true
	case "vars":
		f.wanted = append(f.wanted, want{name, name + ":vars", number})
	default:
		return f.bad(number, "[%s:%s] is no section: want hosts, vars or children", name, state)
	}
	return nil
}

// host reads a name or a range with key=value behind it.
func (f *ini) host(line string, number int) error {
	words, err := Split(line)
	if err != nil {
		return f.bad(number, "%v", err)
	}
	if len(words) == 0 {
		return nil
	}
	var vars []Var
	for _, word := range words[1:] {
		name, text, ok := strings.Cut(word, "=")
		if !ok {
			return f.bad(number, "want key=value, got %q", clip(word))
		}
		vars = append(vars, Var{name, literal(text), number})
	}
	if strings.HasPrefix(words[0], "---") {
		return f.bad(number, "this looks like YAML, not INI")
	}
	return f.addHosts(f.at, words[0], number, vars)
}

func (f *ini) variable(line string, number int) error {
	name, text, ok := strings.Cut(line, "=")
	if !ok {
		return f.bad(number, "want key=value, got %q", clip(line))
	}
	text = strings.TrimSpace(text)
	return f.setVar(f.at, Var{strings.TrimSpace(name), literal(text), number})
}

func (f *ini) child(line string, number int) error {
	m := groupName.FindStringSubmatch(line)
	if m == nil {
		return f.bad(number, "want the name of a group, got %q", clip(line))
	}
	f.wanted = append(f.wanted, want{m[1], f.at.Name + ":children", number})
	f.at.Children = append(f.at.Children, m[1])
	return nil
}

func lines(text []byte) []string {
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(string(text), "\ufeff")), "\n")
}
