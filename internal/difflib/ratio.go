package difflib

import (
	"cmp"
	"context"
	"slices"
)

// Ratio tells how alike the sequences are: 0 nothing in common, 1 the same.
// It is twice the number of elements in runs over the number of all elements.
func (m *Match) Ratio() float64 {
	in := 0
	for _, block := range m.blocks {
		in += block.Size
	}
	return similarity(in, m.lenA+m.lenB)
}

func similarity(in, of int) float64 {
	if of == 0 {
		return 1
	}
	return 2 * float64(in) / float64(of)
}

// RatioByCount is an upper bound of Ratio that costs little: the order of the
// elements is left out of account.
func RatioByCount[T comparable](a, b []T) float64 {
	left := make(map[T]int, len(b))
	for _, element := range b {
		left[element]++
	}
	in := 0
	for _, element := range a {
		if left[element] > 0 {
			left[element]--
			in++
		}
	}
	return similarity(in, len(a)+len(b))
}

// RatioByLength is an upper bound of RatioByCount that costs nothing.
func RatioByLength[T comparable](a, b []T) float64 {
	return similarity(min(len(a), len(b)), len(a)+len(b))
}

// CloseMatches gives the words that are most like word, the best first: at
// most n of them, none with a ratio below cutoff. Words that are equally good
// come in descending order.
func CloseMatches(ctx context.Context, word string, words []string, n int, cutoff float64) ([]string, error) {
	type scored struct {
		ratio float64
		word  string
	}
	var good []scored
	runes := characters(word)
	target := indexed(runes, Options[rune]{})
	for _, candidate := range words {
		a := characters(candidate)
		if RatioByLength(a, runes) < cutoff || RatioByCount(a, runes) < cutoff {
			continue
		}
		blocks, err := newFinder(target, target.translate(a)).blocks(ctx)
		if err != nil {
			return nil, err
		}
		if ratio := (&Match{len(a), len(runes), blocks}).Ratio(); ratio >= cutoff {
			good = append(good, scored{ratio, candidate})
		}
	}
	slices.SortStableFunc(good, func(x, y scored) int {
		return cmp.Or(cmp.Compare(y.ratio, x.ratio), cmp.Compare(y.word, x.word))
	})
	out := []string{}
	for _, s := range good[:min(n, len(good))] {
		out = append(out, s.word)
	}
	return out, nil
}
