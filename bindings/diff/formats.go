package diff

import (
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/difflib"
)

type formatArgs struct {
	pairArgs
	From     string `lua:"from" default:"" doc:"Name of the first in the header; of a file its path."`
	To       string `lua:"to" default:"" doc:"Name of the second."`
	FromDate string `lua:"from_date" default:"" doc:"Date behind the first name."`
	ToDate   string `lua:"to_date" default:"" doc:"Date behind the second name."`
	Context  int    `lua:"context" default:"3" doc:"Equal lines around each change."`
	Marker   bool   `lua:"marker" default:"true" doc:"Mark a last line without line end, as diff does and patch reads it. With false it runs into the next line, as Python writes it."`
}

func (a *formatArgs) format() difflib.Format {
	return difflib.Format{
		From: or(a.From, a.A.name()), To: or(a.To, a.B.name()), FromDate: a.FromDate, ToDate: a.ToDate,
		Context: max(a.Context, 0), Marker: a.Marker,
	}
}

func unified(c *kit.Call, a formatArgs) (string, error)    { return a.write(c, difflib.Unified) }
func contextual(c *kit.Call, a formatArgs) (string, error) { return a.write(c, difflib.Context) }

func (a *formatArgs) write(c *kit.Call, format func(*difflib.Match, []string, []string, difflib.Format) string) (string, error) {
	first, second, err := a.lines(c)
	if err != nil {
		return "", err
	}
	m, err := difflib.Compare(c.Context, first, second, difflib.Options[string]{})
	if err != nil {
		return "", err
	}
	return format(m, first, second, a.format()), nil
}

// junkArgs are the filters of a comparison that looks into lines.
type junkArgs struct {
	LineJunk kit.Callback `lua:"line_junk" default:"" doc:"Tells lines that nothing is aligned by, such as blank ones: a function of a line."`
	CharJunk kit.Callback `lua:"char_junk" default:"" doc:"Tells characters that nothing in a line is aligned by: a function of a character. Blank and tab without it."`
}

// edits compares lines and what is inside similar ones. An error of a filter
// is the error of the call.
func (j *junkArgs) edits(c *kit.Call, a, b []string) ([]difflib.Edit, error) {
	var failed error
	ask := func(f kit.Callback, text string) bool {
		if failed != nil {
			return false
		}
		var results []any
		results, failed = f.Call(c.Context, text)
		return len(results) > 0 && results[0] != nil && results[0] != false
	}
	o := difflib.LineOptions{CharacterJunk: difflib.BlankCharacter}
	if !j.LineJunk.IsZero() {
		o.Junk = func(line string) bool { return ask(j.LineJunk, line) }
	}
	if !j.CharJunk.IsZero() {
		o.CharacterJunk = func(r rune) bool { return ask(j.CharJunk, string(r)) }
	}
	edits, err := difflib.CompareLines(c.Context, a, b, o)
	if failed != nil {
		return nil, failed
	}
	return edits, err
}

type ndiffArgs struct {
	pairArgs
	junkArgs
	Marker bool `lua:"marker" default:"true" doc:"Mark a last line without line end. With false it runs into the next line, as Python writes it."`
}

const noNewline = "\\ No newline at end of file\n"

func ndiff(c *kit.Call, a ndiffArgs) (string, error) {
	first, second, err := a.lines(c)
	if err != nil {
		return "", err
	}
	edits, err := a.edits(c, first, second)
	if err != nil {
		return "", err
	}
	var w strings.Builder
	for _, line := range difflib.Ndiff(edits, first, second) {
		w.WriteString(line)
		if a.Marker && !strings.HasSuffix(line, "\n") {
			w.WriteString("\n" + noNewline)
		}
	}
	return w.String(), nil
}

type restoreArgs struct {
	Delta text `lua:"delta,arg1" doc:"What ndiff wrote."`
	Which int  `lua:"which,arg2" doc:"1 for the first text, 2 for the second."`
}

func restore(c *kit.Call, a restoreArgs) (string, error) {
	if a.Which != 1 && a.Which != 2 {
		return "", misuse("which: %d is neither 1 nor 2", a.Which)
	}
	delta, err := a.Delta.string(c)
	if err != nil {
		return "", err
	}
	lines := difflib.Restore(unmarked(difflib.Lines(delta)), a.Which)
	return strings.Join(lines, ""), nil
}

// unmarked takes the marks out, and the line ends in front of them.
func unmarked(lines []string) []string {
	var out []string
	for _, line := range lines {
		if line == noNewline && len(out) > 0 {
			out[len(out)-1] = strings.TrimSuffix(out[len(out)-1], "\n")
			continue
		}
		out = append(out, line)
	}
	return out
}

type terminalArgs struct {
	pairArgs
	junkArgs
	From    string `lua:"from" default:"" doc:"Name of the first in the header; of a file its path."`
	To      string `lua:"to" default:"" doc:"Name of the second."`
	Context int    `lua:"context" default:"3" doc:"Equal lines around each change; -1 shows all."`
	By      string `lua:"by" default:"word" enum:"word|char" doc:"What is marked inside similar lines."`
}

func terminal(c *kit.Call, a terminalArgs) (string, error) {
	first, second, edits, err := marked(c, &a.pairArgs, &a.junkArgs, a.By)
	if err != nil {
		return "", err
	}
	f := difflib.Format{From: or(a.From, a.A.name()), To: or(a.To, a.B.name()), Context: a.Context}
	return difflib.Terminal(edits, first, second, f), nil
}

// marked compares two texts for people to look at.
func marked(c *kit.Call, p *pairArgs, j *junkArgs, by string) (a, b []string, edits []difflib.Edit, err error) {
	if a, b, err = p.lines(c); err != nil {
		return nil, nil, nil, err
	}
	if edits, err = j.edits(c, a, b); err == nil && by == "word" {
		edits, err = difflib.ByWord(c.Context, edits, a, b)
	}
	return a, b, edits, err
}

type pageArgs struct {
	pairArgs
	junkArgs
	Title   string `lua:"title" default:"" doc:"Title of the page; the two names without it."`
	From    string `lua:"from" default:"" doc:"Name above the first column; of a file its path."`
	To      string `lua:"to" default:"" doc:"Name above the second column."`
	Context int    `lua:"context" default:"-1" doc:"Equal lines around each change; -1 shows all."`
	By      string `lua:"by" default:"char" enum:"word|char" doc:"What is marked inside similar lines."`
	Wrap    bool   `lua:"wrap" default:"true" doc:"Wrap long lines; otherwise the table scrolls."`
	TabSize int    `lua:"tab_size" default:"8" doc:"Columns of a tab."`
	Full    bool   `lua:"full" default:"true" doc:"A whole page; with false the table alone, to put into a page of yours."`
}

func page(c *kit.Call, a pageArgs) (string, error) {
	first, second, edits, err := marked(c, &a.pairArgs, &a.junkArgs, a.By)
	if err != nil {
		return "", err
	}
	p := difflib.Page{
		Title: a.Title, From: or(a.From, a.A.name()), To: or(a.To, a.B.name()), Stat: difflib.Count(edits), Wrap: a.Wrap,
		TabSize: a.TabSize, Groups: difflib.Near(difflib.Rows(edits, first, second), a.Context),
	}
	if p.Title == "" {
		p.Title = strings.Trim(p.From+" → "+p.To, " →")
	}
	if !a.Full {
		return p.Table(), nil
	}
	return p.HTML(), nil
}

type statArgs struct {
	pairArgs
	junkArgs
}

func stat(c *kit.Call, a statArgs) (difflib.Stat, error) {
	first, second, err := a.lines(c)
	if err != nil {
		return difflib.Stat{}, err
	}
	edits, err := a.edits(c, first, second)
	return difflib.Count(edits), err
}
