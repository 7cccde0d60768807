package filecmp

import (
	"fmt"
	"html"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain is the report for people: one line for each path that is not the same.
func (r *Result) Plain() string {
	var w strings.Builder
	fmt.Fprintf(&w, "%s and %s\n", r.Left, r.Right)
	signs := map[State]string{LeftOnly: "<", RightOnly: ">", Different: "!", Funny: "?", Trouble: "E"}
	counts := map[State]int{}
	for _, i := range r.Items {
		counts[i.State]++
		sign, shown := signs[i.State]
		if !shown {
			continue
		}
		name := i.Path
		if i.Left == Dir && i.State == LeftOnly || i.Right == Dir && i.State == RightOnly {
			name += "/"
		}
		fmt.Fprintf(&w, "%s %s", sign, quoteName(name))
		if i.Why != "" {
			fmt.Fprintf(&w, " (%s)", quoteName(i.Why))
		}
		w.WriteString("\n")
	}
	fmt.Fprintf(&w, "%d same, %d different, %d only left, %d only right", counts[Same], counts[Different], counts[LeftOnly], counts[RightOnly])
	if n := counts[Funny] + counts[Trouble]; n > 0 {
		fmt.Fprintf(&w, ", %d could not be compared", n)
	}
	return w.String() + "\n"
}

// quoteName shows a name on one line; what cannot be printed is escaped.
func quoteName(name string) string {
	if utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return name
	}
	return strconv.Quote(name)
}

// folderReport is what Python's dircmp has of one folder.
type folderReport struct {
	path                                                     string
	leftOnly, rightOnly, same, different, trouble, dirs, odd []string
}

// Python is the report of filecmp.dircmp, of all folders (full) or of the top.
func (r *Result) Python(full bool) string {
	folders := r.folders()
	var w strings.Builder
	for i, f := range folders {
		if i > 0 {
			if !full {
				break
			}
			w.WriteString("\n")
		}
		left, right := path.Join(r.Left, f.path), path.Join(r.Right, f.path)
		if f.path == "" {
			left, right = r.Left, r.Right
		}
		fmt.Fprintf(&w, "diff %s %s\n", left, right)
		for _, line := range []struct {
			title string
			names []string
		}{
			{"Only in " + left + " :", f.leftOnly}, {"Only in " + right + " :", f.rightOnly}, {"Identical files :", f.same},
			{"Differing files :", f.different}, {"Trouble with common files :", f.trouble}, {"Common subdirectories :", f.dirs},
			{"Common funny cases :", f.odd},
		} {
			if len(line.names) > 0 {
				fmt.Fprintf(&w, "%s %s\n", line.title, pythonList(line.names))
			}
		}
	}
	return w.String()
}

// folders groups the items by folder, each in front of those in it.
func (r *Result) folders() []*folderReport {
	top := &folderReport{}
	byPath, order := map[string]*folderReport{"": top}, []*folderReport{top}
	for _, i := range r.Items {
		dir, name := path.Split(i.Path)
		f := byPath[strings.TrimSuffix(dir, "/")]
		into := map[State]*[]string{
			LeftOnly: &f.leftOnly, RightOnly: &f.rightOnly, Same: &f.same, Different: &f.different, Trouble: &f.trouble, Common: &f.dirs, Funny: &f.odd,
		}[i.State]
		if i.Left == Dir && i.Right == Dir {
			into = &f.dirs
			sub := &folderReport{path: i.Path}
			byPath[i.Path] = sub
			order = append(order, sub)
		}
		*into = append(*into, name)
	}
	for _, f := range order {
		for _, names := range [][]string{f.leftOnly, f.rightOnly, f.same, f.different, f.trouble, f.dirs, f.odd} {
			slices.Sort(names)
		}
	}
	return order
}

// pythonList writes names as Python writes a list of strings.
func pythonList(names []string) string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = pythonString(name)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// pythonString is repr() of a file name. Bytes that are not UTF-8 are lone
// surrogates there.
func pythonString(text string) string {
	quote := byte('\'')
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		quote = '"'
	}
	var w strings.Builder
	w.WriteByte(quote)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&w, `\udc%02x`, text[i])
		case r == rune(quote) || r == '\\':
			w.WriteString(`\` + string(r))
		case r == '\n':
			w.WriteString(`\n`)
		case r == '\r':
			w.WriteString(`\r`)
		case r == '\t':
			w.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&w, `\x%02x`, r)
		case unicode.IsPrint(r):
			w.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&w, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&w, `\u%04x`, r)
		default:
			fmt.Fprintf(&w, `\U%08x`, r)
		}
		i += size
	}
	w.WriteByte(quote)
	return w.String()
}

// HTML is the report as a page of its own.
func (r *Result) HTML(title string) string {
	var w strings.Builder
	fmt.Fprintf(&w, pageHead, html.EscapeString(title), html.EscapeString(title), html.EscapeString(r.Left), html.EscapeString(r.Right))
	words := map[State]string{
		LeftOnly: "only left", RightOnly: "only right", Different: "different", Funny: "odd", Trouble: "trouble", Same: "same", Common: "folder",
	}
	for _, i := range r.Items {
		fmt.Fprintf(&w, "<tr class=%q><td>%s</td><td>%s</td><td>%s</td></tr>\n", i.State, words[i.State],
			html.EscapeString(quoteName(i.Path)), html.EscapeString(quoteName(i.Why)))
	}
	w.WriteString("</table>\n</body>\n</html>\n")
	return w.String()
}

const pageHead = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.4 system-ui, sans-serif; margin: 1rem; }
table { border-collapse: collapse; font: 13px/1.5 ui-monospace, monospace; }
td, th { text-align: left; padding: 0 .8rem 0 0; overflow-wrap: anywhere; }
tr.same, tr.common { color: #8888; }
tr.different, tr.trouble, tr.funny { color: #d33; }
tr.left_only { color: #b80; } tr.right_only { color: #38c; }
label { user-select: none; }
body:has(#all:not(:checked)) tr.same, body:has(#all:not(:checked)) tr.common { display: none; }
</style>
</head>
<body>
<h1>%s</h1>
<p>Left: %s<br>Right: %s</p>
<p><label><input type="checkbox" id="all"> show what is the same</label></p>
<table>
<tr><th>state</th><th>path</th><th>why</th></tr>
`
