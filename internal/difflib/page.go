package difflib

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// Page is a difference to look at in a browser.
type Page struct {
	Title    string
	From, To string  // names above the columns
	Groups   [][]Row // see Near
	Stat     Stat
	Wrap     bool // wrap long lines; without it the table scrolls
	TabSize  int  // columns of a tab
}

// HTML writes a page of its own: nothing is loaded from elsewhere, and it
// reads on a small screen, in the dark and on paper.
func (p Page) HTML() string {
	var w strings.Builder
	fmt.Fprintf(&w, pageHead, html.EscapeString(p.Title), pageStyle, html.EscapeString(p.Title), p.summary())
	w.WriteString(p.Table())
	w.WriteString("</body>\n</html>\n")
	return w.String()
}

const pageHead = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>
%s</style>
</head>
<body>
<h1>%s</h1>
<p class="summary">%s</p>
`

const pageStyle = `:root { color-scheme: light dark; --add: #d7f5dd; --add-strong: #8fdfa0; --del: #ffe0dd; --del-strong: #ffaba3; --quiet: #8888; }
@media (prefers-color-scheme: dark) {
  :root { --add: #12361c; --add-strong: #1f7a38; --del: #44191a; --del-strong: #963032; }
}
body { font: 16px/1.4 system-ui, sans-serif; margin: 1rem; }
h1 { font-size: 1.2rem; margin: 0; }
.summary { margin: .2rem 0 1rem; }
.scroll { overflow-x: auto; }
table.diff { border-collapse: collapse; width: 100%; font: 13px/1.5 ui-monospace, monospace; }
.diff th { text-align: left; padding: .2rem .5rem; }
.diff td { vertical-align: top; padding: 0 .5rem; white-space: pre; tab-size: var(--tab, 8); }
.diff.wrap { table-layout: fixed; }
.diff.wrap td { white-space: pre-wrap; overflow-wrap: anywhere; }
.diff td.n { width: 4ch; text-align: right; color: var(--quiet); user-select: none; }
.diff td.del { background: var(--del); } .diff td.add { background: var(--add); }
.diff del { background: var(--del-strong); text-decoration: none; }
.diff ins { background: var(--add-strong); text-decoration: none; }
.diff tr.gap td { color: var(--quiet); text-align: center; padding: .3rem; }
`

func (p Page) summary() string {
	if p.Stat.Added+p.Stat.Removed+p.Stat.Changed == 0 {
		return "No differences."
	}
	return fmt.Sprintf("%d added, %d removed, %d changed.", p.Stat.Added, p.Stat.Removed, p.Stat.Changed)
}

// Table writes the table alone, for a page that has the style already (see
// Style).
func (p Page) Table() string {
	var w strings.Builder
	class := "diff"
	if p.Wrap {
		class = "diff wrap"
	}
	fmt.Fprintf(&w, "<div class=\"scroll\">\n<table class=%q style=\"--tab: %d\">\n", class, max(p.TabSize, 1))
	w.WriteString("<colgroup><col style=\"width: 5ch\"><col><col style=\"width: 5ch\"><col></colgroup>\n")
	fmt.Fprintf(&w, "<thead><tr><th colspan=\"2\">%s</th><th colspan=\"2\">%s</th></tr></thead>\n",
		html.EscapeString(p.From), html.EscapeString(p.To))
	for i, group := range p.Groups {
		w.WriteString("<tbody>\n")
		if i > 0 {
			w.WriteString("<tr class=\"gap\"><td colspan=\"4\">&#8943;</td></tr>\n")
		}
		for _, row := range group {
			fmt.Fprintf(&w, "<tr>%s%s</tr>\n", row.Left.html("del", row.Tag), row.Right.html("add", row.Tag))
		}
		w.WriteString("</tbody>\n")
	}
	w.WriteString("</table>\n</div>\n")
	return w.String()
}

// Style is the style sheet of Table.
func Style() string { return pageStyle }

// html writes the two cells of one side. kind is the class of a change there.
func (c Cell) html(kind string, tag Tag) string {
	if c.Number == 0 {
		return `<td class="n"></td><td></td>`
	}
	class := ""
	if tag != Equal {
		class = fmt.Sprintf(" class=%q", kind)
	}
	var w strings.Builder
	fmt.Fprintf(&w, "<td class=\"n\">%d</td><td%s>", c.Number, class)
	for _, s := range c.Spans {
		text := html.EscapeString(printable(strings.TrimRight(s.Text, "\r\n")))
		if element := spanElement(s.Tag, kind, len(c.Spans)); element != "" {
			text = "<" + element + ">" + text + "</" + element + ">"
		}
		w.WriteString(text)
	}
	w.WriteString("</td>")
	return w.String()
}

// spanElement marks what differs inside a line; a line that differs as a whole
// has its colour already.
func spanElement(tag Tag, kind string, spans int) string {
	switch {
	case tag == Equal || spans == 1:
		return ""
	case kind == "del":
		return "del"
	default:
		return "ins"
	}
}

// printable shows bytes that are no text, and control characters, as such.
func printable(text string) string {
	var w strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			fmt.Fprintf(&w, "\\x%02x", text[i])
		case r < ' ' && r != '\t' || r == 0x7f:
			fmt.Fprintf(&w, "\\x%02x", r)
		default:
			w.WriteRune(r)
		}
	}
	return w.String()
}
