package docmodel

import (
	"fmt"
	"strings"

	"gofab/internal/termsafe"
)

// terminal writes plain text of a given width.
type terminal struct {
	strings.Builder
	width int
}

// Terminal renders one entry as plain text, at most width columns wide where
// words allow it.
func (e Entry) Terminal(width int) string {
	t := &terminal{width: max(width, 40)}
	switch {
	case e.Page != nil:
		t.page(e.Page)
	case e.Func != nil:
		t.function(e)
	case e.Type != nil:
		t.typ(e)
	default:
		t.module(e.Module)
	}
	return t.String()
}

// Terminal renders the list of modules and pages.
func (l *Library) Terminal(width int) string {
	t := &terminal{width: max(width, 40)}
	var rows []Row
	for _, m := range l.Modules {
		rows = append(rows, Row{m.Name, Summary(m.Doc)})
	}
	t.section("Modules", rows)
	rows = nil
	for _, p := range l.Pages {
		rows = append(rows, Row{p.Name, Summary(p.Doc)})
	}
	t.section("Pages", rows)
	t.line("\ngofab doc MODULE, gofab doc MODULE.FUNCTION and gofab doc PAGE tell more.")
	return t.String()
}

func (t *terminal) line(text string) { t.WriteString(text + "\n") }

func (t *terminal) page(p *Page) {
	t.line(p.Name)
	t.text(p.Doc, "  ")
	t.line("")
	t.rows(p.Rows)
}

func (t *terminal) module(m *Module) {
	t.line(m.Name)
	t.text(m.Doc, "  ")
	t.section("Functions", functionRows(m.Funcs, func(f *Func) Entry { return Entry{Module: m, Func: f} }))
	for i := range m.Types {
		e := Entry{Module: m, Type: &m.Types[i]}
		t.section("Methods of "+e.Type.Name, t.methods(e))
		t.section("Fields of "+e.Type.Name, paramRows(e.Type.Fields))
	}
	var values []Row
	for _, v := range m.Values {
		values = append(values, Row{m.valueName(v) + " " + v.Type, v.Doc})
	}
	t.section("Values", values)
	if e, _ := m.lookup(m.Name); e.Func != nil { // the function that has the module's name cannot be asked for by it
		t.line("")
		t.function(e)
	}
}

func (t *terminal) methods(e Entry) []Row {
	return functionRows(e.Type.Methods, func(f *Func) Entry { return Entry{Module: e.Module, Type: e.Type, Func: f} })
}

func functionRows(funcs []Func, entry func(*Func) Entry) []Row {
	var rows []Row
	for i := range funcs {
		rows = append(rows, Row{entry(&funcs[i]).FullName(), Summary(funcs[i].Doc)})
	}
	return rows
}

func (t *terminal) typ(e Entry) {
	t.line(e.Type.Name)
	t.text(e.Type.Doc, "  ")
	t.section("Methods", t.methods(e))
	t.section("Fields", paramRows(e.Type.Fields))
}

func (t *terminal) function(e Entry) {
	t.line(e.Call())
	t.text(e.Func.Doc, "  ")
	t.section("Arguments", paramRows(e.Func.positional()))
	t.section("Options", paramRows(e.Func.options()))
	for _, p := range e.Func.Params {
		t.section("Fields of "+p.Name, paramRows(p.Fields))
	}
	t.section("Gives", resultRows(e.Func.Results))
	for _, r := range e.Func.Results {
		t.section("Fields of the result", paramRows(r.Fields))
	}
	if len(e.Func.Errors) > 0 {
		t.text("Raises "+strings.Join(e.Func.Errors, ", ")+".", "\n  ")
	}
	for _, example := range e.Func.Examples {
		t.line("\nExample:")
		for _, line := range strings.Split(strings.TrimRight(example, "\n"), "\n") {
			t.line(strings.TrimRight("  "+line, " "))
		}
	}
}

func resultRows(results []Result) []Row {
	var rows []Row
	for _, r := range results {
		rows = append(rows, Row{strings.TrimSpace(r.Name + " " + r.Type), r.Doc})
	}
	return rows
}

func paramRows(params []Param) []Row {
	var rows []Row
	for i := range params {
		p := &params[i]
		rows = append(rows, Row{p.displayName() + " " + p.Type, p.sentence()})
	}
	return rows
}

// sentence is the text of a parameter with its values and default.
func (p *Param) sentence() string {
	text := p.Doc
	if len(p.Enum) > 0 {
		text += " One of " + strings.Join(p.Enum, ", ") + "."
	}
	switch {
	case p.Required:
		text += " Required."
	case p.Default != "":
		text += fmt.Sprintf(" Default: %s.", p.Default)
	}
	return strings.TrimSpace(text)
}

// section writes a heading and a table, or nothing for an empty table.
func (t *terminal) section(heading string, rows []Row) {
	if len(rows) == 0 {
		return
	}
	t.line("\n" + heading + ":")
	t.rows(rows)
}

// widestName bounds the first column; longer names get a line of their own.
const widestName = 26

// rows writes names and texts in two columns.
func (t *terminal) rows(rows []Row) {
	column := 0
	for _, r := range rows {
		if w := termsafe.Width(r.Name); w <= widestName {
			column = max(column, w)
		}
	}
	for _, r := range rows {
		name := "  " + r.Name
		indent := strings.Repeat(" ", column+4)
		if w := termsafe.Width(r.Name); w > column {
			t.line(name)
			name = indent
		} else {
			name += strings.Repeat(" ", column-w+2)
		}
		lines := wrap(r.Doc, t.width-column-4)
		for i, line := range lines {
			if i > 0 {
				name = indent
			}
			t.line(strings.TrimRight(name+line, " "))
		}
	}
}

// text writes paragraphs.
func (t *terminal) text(text, indent string) {
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			t.line("")
		}
		for _, line := range wrap(paragraph, t.width-len(indent)) {
			t.line(indent + line)
		}
	}
}

// wrap breaks a text into lines of at most width columns; a longer word stays
// whole. There is always one line.
func wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case termsafe.Width(*last)+1+termsafe.Width(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
