package difflib

import (
	"cmp"
	"context"
	"slices"
)

// index is sequence b made ready for comparing: its elements as numbers, and
// where each begins a run.
type index[T comparable] struct {
	symbols map[T]int32
	b       []int32
	starts  [][]int32 // symbol -> its places in b, ascending; none when junk or popular
	junk    []bool    // symbol -> is junk
}

// absent is the number of an element that b does not have.
const absent int32 = -1

func indexed[T comparable](b []T, o Options[T]) *index[T] {
	x := &index[T]{symbols: make(map[T]int32, len(b)), b: make([]int32, len(b))}
	var count []int32
	for i, element := range b {
		symbol, known := x.symbols[element]
		if !known {
			symbol = int32(len(count))
			x.symbols[element] = symbol
			count = append(count, 0)
		}
		x.b[i] = symbol
		count[symbol]++
	}
	x.sortPlaces(count)
	x.markJunk(o)
	return x
}

// sortPlaces fills starts; all places share one array.
func (x *index[T]) sortPlaces(count []int32) {
	x.starts = make([][]int32, len(count))
	places := make([]int32, len(x.b))
	for symbol, n := range count {
		x.starts[symbol], places = places[:0:n], places[n:]
	}
	for i, symbol := range x.b {
		x.starts[symbol] = append(x.starts[symbol], int32(i))
	}
}

// markJunk takes away the places of junk and of popular elements.
func (x *index[T]) markJunk(o Options[T]) {
	x.junk = make([]bool, len(x.starts))
	if o.Junk != nil {
		for element, symbol := range x.symbols {
			x.junk[symbol] = o.Junk(element)
		}
	}
	auto := !o.NoAutoJunk && len(x.b) >= 200
	often := len(x.b)/100 + 1
	for symbol, places := range x.starts {
		if x.junk[symbol] || auto && len(places) > often {
			x.starts[symbol] = nil
		}
	}
}

// translate gives a sequence in the numbers of b.
func (x *index[T]) translate(a []T) []int32 {
	out := make([]int32, len(a))
	for i, element := range a {
		if symbol, ok := x.symbols[element]; ok {
			out[i] = symbol
		} else {
			out[i] = absent
		}
	}
	return out
}

// finder looks for the runs of one pair of sequences.
type finder struct {
	a, b   []int32
	starts [][]int32
	junk   []bool
	// ending[j+1] is the length of the run that ends with the current element
	// of a and b[j]; before is the same for the element in front of it.
	ending, before []int32
}

func newFinder[T comparable](x *index[T], a []int32) *finder {
	return &finder{
		a: a, b: x.b, starts: x.starts, junk: x.junk,
		ending: make([]int32, len(x.b)+1), before: make([]int32, len(x.b)+1),
	}
}

// span is a part of both sequences that is still to be compared.
type span struct{ a1, a2, b1, b2 int }

// blocks finds all runs, in order, with neighbours joined.
func (f *finder) blocks(ctx context.Context) ([]Block, error) {
	var found []Block
	todo := []span{{0, len(f.a), 0, len(f.b)}}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		run, err := f.longest(ctx, s)
		if err != nil {
			return nil, err
		}
		if run.Size == 0 {
			continue
		}
		found = append(found, run)
		if s.a1 < run.A && s.b1 < run.B {
			todo = append(todo, span{s.a1, run.A, s.b1, run.B})
		}
		if run.A+run.Size < s.a2 && run.B+run.Size < s.b2 {
			todo = append(todo, span{run.A + run.Size, s.a2, run.B + run.Size, s.b2})
		}
	}
	slices.SortFunc(found, func(x, y Block) int { return cmp.Compare(x.A, y.A) })
	return joined(found), nil
}

func joined(blocks []Block) []Block {
	out := blocks[:0]
	for _, next := range blocks {
		if n := len(out); n > 0 && out[n-1].A+out[n-1].Size == next.A && out[n-1].B+out[n-1].Size == next.B {
			out[n-1].Size += next.Size
			continue
		}
		out = append(out, next)
	}
	return out
}

// stepsBetweenChecks is how many places are compared before the context is
// looked at again.
const stepsBetweenChecks = 1 << 16

// longest finds the longest run inside s: of several the one that begins first
// in a, of those the one that begins first in b. It is free of junk and
// popular elements first and then grows over its equal neighbours, over junk
// only after everything else.
func (f *finder) longest(ctx context.Context, s span) (Block, error) {
	best := Block{A: s.a1, B: s.b1}
	steps := 0
	for i := s.a1; i < s.a2; i++ {
		for _, j := range f.places(f.a[i], s) {
			length := f.before[j] + 1
			f.ending[j+1] = length
			if int(length) > best.Size {
				best = Block{i - int(length) + 1, int(j) - int(length) + 1, int(length)}
			}
			steps++
		}
		if i > s.a1 {
			f.forget(f.a[i-1], s)
		}
		f.before, f.ending = f.ending, f.before
		if steps > stepsBetweenChecks {
			steps = 0
			if err := ctx.Err(); err != nil {
				return best, err
			}
		}
	}
	if s.a2 > s.a1 {
		f.forget(f.a[s.a2-1], s)
	}
	return f.grow(f.grow(best, s, false), s, true), nil
}

// forget clears what an element of a left in the older of the two rows.
func (f *finder) forget(symbol int32, s span) {
	for _, j := range f.places(symbol, s) {
		f.before[j+1] = 0
	}
}

// places gives where a symbol begins runs in the part of b.
func (f *finder) places(symbol int32, s span) []int32 {
	if symbol == absent {
		return nil
	}
	all := f.starts[symbol]
	return all[countBelow(all, int32(s.b1)):countBelow(all, int32(s.b2))]
}

// countBelow is how many numbers of a sorted list are below n. Most lists are
// too short for a search to pay.
func countBelow(list []int32, n int32) int {
	if len(list) > 8 {
		at, _ := slices.BinarySearch(list, n)
		return at
	}
	at := 0
	for at < len(list) && list[at] < n {
		at++
	}
	return at
}

// grow extends a run in both directions over equal elements that are junk, or
// that are not.
func (f *finder) grow(r Block, s span, junk bool) Block {
	same := func(i, j int) bool { return f.a[i] == f.b[j] && f.junk[f.b[j]] == junk }
	for r.A > s.a1 && r.B > s.b1 && same(r.A-1, r.B-1) {
		r = Block{r.A - 1, r.B - 1, r.Size + 1}
	}
	for r.A+r.Size < s.a2 && r.B+r.Size < s.b2 && same(r.A+r.Size, r.B+r.Size) {
		r.Size++
	}
	return r
}
