package rollout

import (
	"math/rand/v2"
	"slices"
)

// The orders in which items are gone through.
const (
	AsGiven = "inventory"
	Reverse = "reverse"
	Random  = "random"
	Sorted  = "sorted"
)

// Orders is the closed list.
var Orders = []string{AsGiven, Reverse, Random, Sorted}

// Arrange brings items into an order, in place. Equal names keep their places.
func Arrange[T any](items []T, order string, compare func(a, b T) int) {
	switch order {
	case Reverse:
		slices.Reverse(items)
	case Sorted:
		slices.SortStableFunc(items, compare)
	case Random:
		rand.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	}
}

// Batches cuts n items into batches of these sizes, of which the last one
// repeats. Without sizes all items are one batch.
func Batches(n int, sizes []Amount) []Batch {
	var list []Batch
	for first := 0; first < n; {
		size := n
		if len(sizes) > 0 {
			size = sizes[min(len(list), len(sizes)-1)].size(n)
		}
		end := first + min(size, n-first)
		list = append(list, Batch{Number: len(list) + 1, First: first, End: end, Left: n - end})
		first = end
	}
	for i := range list {
		list[i].Total = len(list)
	}
	return list
}
