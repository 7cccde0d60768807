// Package difflib compares sequences as people see them: the longest common
// run first, then what is left and right of it (Ratcliff and Obershelp). It
// gives the same answers as Python's difflib 3.11, popular elements ("auto
// junk") included, and adds what an operator needs beyond it: patches that are
// applied, three-way merges and pages that show a difference.
//
// Rules: indexes count from 0 and ranges are half open. A line keeps its line
// end. A line that is not UTF-8 is compared byte by byte. Whatever may take
// long takes a context and stops with it; nothing is kept between calls.
package difflib

import "context"

// Tag says what an Opcode does.
type Tag string

// The four things that turn one sequence into another.
const (
	Equal   Tag = "equal"
	Replace Tag = "replace"
	Delete  Tag = "delete"
	Insert  Tag = "insert"
)

// Block is a run that both sequences have: a[A:A+Size] equals b[B:B+Size].
type Block struct{ A, B, Size int }

// Opcode is one step that turns a into b: a[A1:A2] becomes b[B1:B2].
type Opcode struct {
	Tag            Tag
	A1, A2, B1, B2 int
}

// Options tune a comparison.
type Options[T comparable] struct {
	// Junk tells elements that no run may begin with, such as blanks; nil is
	// none. It is asked once for each different element of b.
	Junk func(T) bool
	// NoAutoJunk compares popular elements like any other. Without it an
	// element that makes up more than 1 % of a b of 200 or more begins no run.
	NoAutoJunk bool
}

// Match is the outcome of a comparison.
type Match struct {
	lenA, lenB int
	blocks     []Block
}

// Compare finds what a and b have in common. The error is that of ctx.
func Compare[T comparable](ctx context.Context, a, b []T, o Options[T]) (*Match, error) {
	x := indexed(b, o)
	blocks, err := newFinder(x, x.translate(a)).blocks(ctx)
	return &Match{lenA: len(a), lenB: len(b), blocks: blocks}, err
}

// Blocks are the runs in order, none directly followed by the next in both
// sequences. The last one is empty and marks the two ends.
func (m *Match) Blocks() []Block {
	return append(append([]Block{}, m.blocks...), Block{m.lenA, m.lenB, 0})
}

// Opcodes are the steps from a to b, in order and without gaps.
func (m *Match) Opcodes() []Opcode {
	var codes []Opcode
	a, b := 0, 0
	for _, block := range m.Blocks() {
		if tag, differs := between(block.A-a, block.B-b); differs {
			codes = append(codes, Opcode{tag, a, block.A, b, block.B})
		}
		a, b = block.A+block.Size, block.B+block.Size
		if block.Size > 0 {
			codes = append(codes, Opcode{Equal, block.A, a, block.B, b})
		}
	}
	return codes
}

// between names the step over a gap of so many elements on either side.
func between(inA, inB int) (tag Tag, differs bool) {
	switch {
	case inA > 0 && inB > 0:
		return Replace, true
	case inA > 0:
		return Delete, true
	case inB > 0:
		return Insert, true
	default:
		return Equal, false
	}
}

// Hunks groups the changes with up to n equal elements around them. Equal
// sequences have no hunk.
func (m *Match) Hunks(n int) [][]Opcode {
	codes := m.Opcodes()
	if len(codes) == 0 {
		return nil
	}
	codes[0] = codes[0].tail(n)
	codes[len(codes)-1] = codes[len(codes)-1].head(n)
	var hunks [][]Opcode
	var hunk []Opcode
	for _, c := range codes {
		if c.Tag == Equal && c.A2-c.A1 > 2*n {
			hunks = append(hunks, append(hunk, c.head(n)))
			hunk, c = nil, c.tail(n)
		}
		hunk = append(hunk, c)
	}
	if len(hunk) > 1 || hunk[0].Tag != Equal {
		hunks = append(hunks, hunk)
	}
	return hunks
}

// head cuts an equal step down to its first n elements, tail to its last.
func (c Opcode) head(n int) Opcode {
	if c.Tag == Equal {
		c.A2, c.B2 = min(c.A2, c.A1+n), min(c.B2, c.B1+n)
	}
	return c
}

func (c Opcode) tail(n int) Opcode {
	if c.Tag == Equal {
		c.A1, c.B1 = max(c.A1, c.A2-n), max(c.B1, c.B2-n)
	}
	return c
}
