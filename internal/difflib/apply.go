package difflib

import (
	"slices"
	"strings"
)

// Placed says where a hunk was applied.
type Placed struct {
	Line   int `lua:"line" doc:"First line of the change in the new text."`
	Offset int `lua:"offset" doc:"How many lines further down than the patch says; negative further up."`
	Fuzz   int `lua:"fuzz" doc:"How many lines of context at each end had to be left out of account."`
}

// Applied is the outcome of a patch.
type Applied struct {
	Lines    []string
	Placed   []Placed
	Rejected []Hunk // what did not fit anywhere
}

// Apply changes the lines of a file. A hunk that does not fit where it says is
// looked for around there, and then with up to fuzz lines of context less at
// either end, as patch(1) does. Hunks that fit nowhere are left out and told.
func (p Patch) Apply(lines []string, fuzz int) Applied {
	a := applier{in: lines}
	for _, h := range p.Hunks {
		a.hunk(h, fuzz)
	}
	a.Lines = terminated(append(a.out, a.in[a.done:]...))
	return a.Applied
}

// terminated ends every line but the last: one that was the last of its file
// may have come to stand in the middle.
func terminated(lines []string) []string {
	for i := range len(lines) - 1 {
		if !strings.HasSuffix(lines[i], "\n") {
			lines[i] += "\n"
		}
	}
	return lines
}

// applier goes through a file from top to bottom.
type applier struct {
	in, out []string
	done    int // lines of in that were dealt with
	offset  int // of the hunk before
	Applied
}

func (a *applier) hunk(h Hunk, fuzz int) {
	old := h.side('-')
	head, tail := h.context()
	for f := 0; f <= min(fuzz, max(head, tail)); f++ {
		trim := cut{f + head - max(head, tail), f + tail - max(head, tail)}
		if at, found := a.locate(h, old, trim); found {
			a.change(h, at, trim)
			a.Placed = append(a.Placed, Placed{Line: len(a.out) - len(h.side('+')) + trimmed(trim.tail) + 1, Offset: a.offset, Fuzz: f})
			return
		}
	}
	a.Rejected = append(a.Rejected, h)
}

// context counts the equal lines at both ends of a hunk.
func (h Hunk) context() (head, tail int) {
	for head < len(h.Lines) && h.Lines[head][0] == ' ' {
		head++
	}
	for tail < len(h.Lines)-head && h.Lines[len(h.Lines)-1-tail][0] == ' ' {
		tail++
	}
	return head, tail
}

// cut is how many lines of context are left out of account. A negative number
// says that there was less context at this end than at the other: the hunk was
// made at this end of the file and must lie there.
type cut struct{ head, tail int }

func trimmed(n int) int { return max(n, 0) }

// locate finds the index of a.in where the hunk fits.
func (a *applier) locate(h Hunk, old []string, trim cut) (at int, found bool) {
	guess := h.OldStart - 1 + a.offset
	if len(old) == 0 {
		guess++ // the number is that of the line in front
		return guess, guess >= a.done && guess <= len(a.in)
	}
	fits := func(at int) bool { return a.fits(old, at, trim) }
	switch {
	case trim.head < 0:
		at, found = 0, fits(0) && (trim.tail >= 0 || len(old) == len(a.in))
	case trim.tail < 0:
		at = len(a.in) - len(old)
		found = fits(at)
	default:
		at, found = nearest(guess, len(a.in), fits)
	}
	if found {
		a.offset += at - guess
	}
	return at, found
}

// nearest tries the places around guess, later ones first.
func nearest(guess, n int, fits func(int) bool) (at int, found bool) {
	for distance := 0; distance <= n+max(guess, 0); distance++ {
		if fits(guess + distance) {
			return guess + distance, true
		}
		if distance > 0 && fits(guess-distance) {
			return guess - distance, true
		}
	}
	return 0, false
}

// fits compares the lines of a hunk with those of the file.
func (a *applier) fits(old []string, at int, trim cut) bool {
	head, tail := trimmed(trim.head), trimmed(trim.tail)
	first, last := at+head, at+len(old)-tail
	return at >= 0 && first >= a.done && last <= len(a.in) && slices.Equal(a.in[first:last], old[head:len(old)-tail])
}

// change puts the new lines in; lines of context stay as the file has them.
func (a *applier) change(h Hunk, at int, trim cut) {
	head, tail := trimmed(trim.head), trimmed(trim.tail)
	a.out = append(a.out, a.in[a.done:at+head]...)
	fresh := h.side('+')
	a.out = append(a.out, fresh[head:len(fresh)-tail]...)
	a.done = at + len(h.side('-')) - tail
}
