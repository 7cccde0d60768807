package difflib

import (
	"context"
	"slices"
	"strings"
)

// Marks is how a conflict is written.
type Marks struct {
	Ours, Base, Theirs string // names behind the marks
	ShowBase           bool   // what base had stands between the two versions
}

// Merged is the outcome of a three-way merge.
type Merged struct {
	Lines     []string
	Conflicts int
}

// Merge joins the changes that two versions made to a common base. Where both
// changed the same place in different ways, the versions are kept between
// conflict marks, as diff3(1) writes them.
func Merge(ctx context.Context, base, ours, theirs []string, marks Marks) (Merged, error) {
	left, err := changes(ctx, base, ours)
	if err != nil {
		return Merged{}, err
	}
	right, err := changes(ctx, base, theirs)
	if err != nil {
		return Merged{}, err
	}
	m := merger{base: base, ours: side{lines: ours, changes: left}, theirs: side{lines: theirs, changes: right}, marks: marks}
	for m.next() {
	}
	m.Lines = terminated(append(m.Lines, base[m.done:]...))
	return m.Merged, nil
}

func changes(ctx context.Context, base, version []string) ([]Opcode, error) {
	m, err := Compare(ctx, base, version, Options[string]{})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(m.Opcodes(), func(c Opcode) bool { return c.Tag == Equal }), nil
}

// side is one version with the changes that were not merged yet.
type side struct {
	lines   []string
	changes []Opcode
	shift   int // how much further down than in base the lines are here
}

// merger goes through base from top to bottom.
type merger struct {
	base         []string
	ours, theirs side
	marks        Marks
	done         int // lines of base that were dealt with
	Merged
}

// next deals with the next place of change; it is false when there is none.
func (m *merger) next() bool {
	first, last, ok := m.place()
	if !ok {
		return false
	}
	ours, theirs := m.ours.take(first, last), m.theirs.take(first, last)
	was := m.base[first:last]
	m.Lines = append(m.Lines, m.base[m.done:first]...)
	m.done = last
	switch {
	case slices.Equal(ours, theirs), slices.Equal(was, theirs):
		m.Lines = append(m.Lines, ours...)
	case slices.Equal(was, ours):
		m.Lines = append(m.Lines, theirs...)
	default:
		m.conflict(was, ours, theirs)
	}
	return true
}

// place is the next part of base that was changed: the first change and all
// that overlap or touch it, on either side.
func (m *merger) place() (first, last int, ok bool) {
	left, right := m.ours.changes, m.theirs.changes
	switch {
	case len(left) == 0 && len(right) == 0:
		return 0, 0, false
	case len(right) == 0 || len(left) > 0 && left[0].A1 <= right[0].A1:
		first, last = left[0].A1, left[0].A2
	default:
		first, last = right[0].A1, right[0].A2
	}
	for i, j := 0, 0; ; {
		switch {
		case i < len(left) && left[i].A1 <= last:
			last = max(last, left[i].A2)
			i++
		case j < len(right) && right[j].A1 <= last:
			last = max(last, right[j].A2)
			j++
		default:
			return first, last, true
		}
	}
}

// take gives what this version has in the place of base[first:last], and
// leaves its changes there behind.
func (s *side) take(first, last int) []string {
	start := first + s.shift
	for len(s.changes) > 0 && s.changes[0].A1 <= last {
		c := s.changes[0]
		s.shift = c.B2 - c.A2
		s.changes = s.changes[1:]
	}
	return s.lines[start : last+s.shift]
}

func (m *merger) conflict(was, ours, theirs []string) {
	m.Conflicts++
	m.mark("<<<<<<<", m.marks.Ours, ours)
	if m.marks.ShowBase {
		m.mark("|||||||", m.marks.Base, was)
	}
	m.mark("=======", "", theirs)
	m.mark(">>>>>>>", m.marks.Theirs, nil)
}

// mark writes a mark and the lines behind it.
func (m *merger) mark(mark, label string, lines []string) {
	m.Lines = append(m.Lines, strings.TrimRight(mark+" "+label, " ")+"\n")
	for _, line := range lines {
		m.Lines = append(m.Lines, strings.TrimSuffix(line, "\n")+"\n")
	}
}
