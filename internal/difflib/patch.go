package difflib

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// Patch is the changes of one file, as a unified diff holds them. One of git may
// have no changes at all and rename, create or remove a file, or give it another
// mode.
type Patch struct {
	Old, New         string // names in the header, "/dev/null" for a file that is not there
	Moved            bool   // New is another place: git renamed the file, or copied it
	Copied           bool   // the old file stays
	OldMode, NewMode string // as git writes them, such as "100755"; "" when nothing is said
	Hunks            []Hunk
}

// name is the name of the file that is there.
func (p Patch) name() string {
	if p.New == os.DevNull {
		return p.Old
	}
	return p.New
}

// Hunk is one place of change. Lines begin with ' ', '-' or '+' and end as they
// do in the file.
type Hunk struct {
	OldStart, NewStart int // line numbers from 1; of the line in front when there is none
	Lines              []string
}

// ParsePatch reads a unified diff of any number of files. Text around the
// files, as mails and version control have it, is passed over.
func ParsePatch(text string) ([]Patch, error) {
	r := &patchReader{lines: Lines(text)}
	var patches []Patch
	for r.seekFile() {
		if strings.HasPrefix(r.peek(), "diff --git ") {
			p, ok, err := r.gitFile()
			if err != nil {
				return nil, err
			}
			if ok {
				patches = append(patches, p)
			}
			continue
		}
		p, err := r.changes()
		if err != nil {
			return nil, err
		}
		patches = append(patches, p)
	}
	if r.foreign != "" {
		return nil, fault.New(fault.Unsupported, "line %d: %s", r.foreignAt, r.foreign).WithHint("diff -u or git diff write what can be read here")
	}
	if len(patches) == 0 && strings.TrimSpace(text) != "" {
		return nil, fault.New(fault.Parse, "there is no unified diff in the patch").WithHint("it has lines that begin with ---, +++ and @@")
	}
	return patches, nil
}

// patchReader walks over the lines of a patch.
type patchReader struct {
	lines     []string
	at        int
	foreign   string // what was seen of a format that is not read
	foreignAt int
}

func (r *patchReader) peek() string {
	if r.at >= len(r.lines) {
		return ""
	}
	return r.lines[r.at]
}

func (r *patchReader) next() string {
	line := r.peek()
	r.at++
	return line
}

func (r *patchReader) fail(format string, args ...any) error {
	return fault.New(fault.Parse, "line %d of the patch: %s", r.at, fmt.Sprintf(format, args...))
}

// changes reads the names of a file and its hunks.
func (r *patchReader) changes() (Patch, error) {
	p := Patch{Old: headerName(r.next()), New: headerName(r.next())}
	for strings.HasPrefix(r.peek(), "@@ -") {
		h, err := r.hunk()
		if err != nil {
			return p, err
		}
		p.Hunks = append(p.Hunks, h)
	}
	if len(p.Hunks) == 0 {
		return p, r.fail("no change follows the names of a file")
	}
	return p, nil
}

// atNames tells whether a pair of --- and +++ lines comes.
func (r *patchReader) atNames() bool {
	return r.at+1 < len(r.lines) && strings.HasPrefix(r.lines[r.at], "--- ") && strings.HasPrefix(r.lines[r.at+1], "+++ ")
}

// seekFile goes to the next file: a pair of --- and +++ lines or a head of git.
func (r *patchReader) seekFile() bool {
	for ; r.at < len(r.lines); r.at++ {
		line := r.lines[r.at]
		switch {
		case strings.HasPrefix(line, "diff --git "), r.atNames():
			return true
		case strings.HasPrefix(line, "GIT binary patch"), strings.HasPrefix(line, "Binary files "):
			r.foreign, r.foreignAt = "a binary file cannot be patched", r.at+1
		case strings.HasPrefix(line, "***************"):
			r.foreign, r.foreignAt = "the context format cannot be applied", r.at+1
		}
	}
	return false
}

// headerName takes the name from a --- or +++ line: what stands in front of a
// tab, with quotes undone.
func headerName(line string) string {
	name, _, _ := strings.Cut(strings.TrimRight(line[4:], "\r\n"), "\t")
	return unquoted(name)
}

// hunk reads one hunk. Its header says how many lines of either side follow.
func (r *patchReader) hunk() (Hunk, error) {
	var h Hunk
	oldLeft, newLeft, err := h.header(r.next())
	if err != nil {
		return h, r.fail("%v", err)
	}
	for oldLeft > 0 || newLeft > 0 {
		if r.at >= len(r.lines) {
			return h, r.fail("the patch ends in the middle of a change")
		}
		line := r.next()
		if line == "\n" || line == "\r\n" { // an empty line that lost its blank on the way
			line = " " + line
		}
		switch line[0] {
		case ' ':
			oldLeft, newLeft = oldLeft-1, newLeft-1
		case '-':
			oldLeft--
		case '+':
			newLeft--
		case '\\':
			h.unterminate()
			continue
		default:
			return h, r.fail("%q is no line of a change", strings.TrimRight(line, "\n"))
		}
		h.Lines = append(h.Lines, line)
	}
	if oldLeft < 0 || newLeft < 0 {
		return h, r.fail("the change has more lines than its header says")
	}
	if strings.HasPrefix(r.peek(), "\\") {
		r.next()
		h.unterminate()
	}
	return h, nil
}

// unterminate takes the line end off the last line.
func (h *Hunk) unterminate() {
	if n := len(h.Lines); n > 0 {
		h.Lines[n-1] = strings.TrimSuffix(h.Lines[n-1], "\n")
	}
}

// header reads "@@ -1,2 +1,3 @@ text".
func (h *Hunk) header(line string) (oldLines, newLines int, err error) {
	fields := strings.Fields(line)
	if len(fields) < 4 || fields[3] != "@@" || !strings.HasPrefix(fields[2], "+") {
		return 0, 0, fmt.Errorf("%q is not the head of a change", strings.TrimSpace(line))
	}
	if h.OldStart, oldLines, err = rangeOf(fields[1][1:]); err != nil {
		return 0, 0, err
	}
	h.NewStart, newLines, err = rangeOf(fields[2][1:])
	return oldLines, newLines, err
}

// rangeOf reads "start,length"; a length of 1 may be left out.
func rangeOf(text string) (start, length int, err error) {
	first, second, two := strings.Cut(text, ",")
	length = 1
	if start, err = strconv.Atoi(first); err == nil && two {
		length, err = strconv.Atoi(second)
	}
	if err != nil || start < 0 || length < 0 {
		return 0, 0, fmt.Errorf("%q is not a range of lines", text)
	}
	return start, length, nil
}

// side gives the lines of the old ('-') or the new ('+') text.
func (h Hunk) side(own byte) []string {
	var out []string
	for _, line := range h.Lines {
		if line[0] == ' ' || line[0] == own {
			out = append(out, line[1:])
		}
	}
	return out
}

// Reverse gives the patch that takes this one back.
func (p Patch) Reverse() Patch {
	out := Patch{Old: p.New, New: p.Old, Moved: p.Moved, Copied: p.Copied, OldMode: p.NewMode, NewMode: p.OldMode}
	for _, h := range p.Hunks {
		out.Hunks = append(out.Hunks, Hunk{h.NewStart, h.OldStart, reversed(h.Lines)})
	}
	return out
}

// reversed swaps what went and what came, and keeps what went in front.
func reversed(lines []string) []string {
	var out, came []string
	for _, line := range lines {
		switch line[0] {
		case '-':
			came = append(came, "+"+line[1:])
		case '+':
			out = append(out, "-"+line[1:])
		default:
			out = append(append(out, came...), line)
			came = nil
		}
	}
	return append(out, came...)
}

// Text writes hunks as a unified diff.
func (p Patch) Text() string {
	w := writer{marker: true}
	fmt.Fprintf(&w, "--- %s\n+++ %s\n", p.Old, p.New)
	for _, h := range p.Hunks {
		fmt.Fprintf(&w, "@@ -%s +%s @@\n", written(h.OldStart, len(h.side('-'))), written(h.NewStart, len(h.side('+'))))
		w.lines("", h.Lines)
	}
	return w.String()
}

func written(start, length int) string {
	if length == 1 {
		return fmt.Sprint(start)
	}
	return fmt.Sprintf("%d,%d", start, length)
}
