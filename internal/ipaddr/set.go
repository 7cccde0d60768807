package ipaddr

import (
	"math/big"

	"go4.org/netipx"
)

// Set is any addresses, of both versions. It does not change.
type Set struct{ set *netipx.IPSet }

// NewSet puts ranges together.
func NewSet(ranges []Range) *Set {
	var b netipx.IPSetBuilder
	for _, r := range ranges {
		b.AddRange(r.netipx())
	}
	return build(&b)
}

// build ends a builder; its errors are of ranges that are not valid, and ours
// are.
func build(b *netipx.IPSetBuilder) *Set {
	set, _ := b.IPSet()
	if set == nil {
		set = &netipx.IPSet{}
	}
	return &Set{set}
}

// Merge gives the fewest networks that hold the same addresses.
func Merge(ranges []Range) []Network { return NewSet(ranges).Networks() }

// Networks are the fewest networks of the set, in order.
func (s *Set) Networks() []Network { return networks(s.set.Prefixes()) }

// Ranges are the ranges of the set, in order.
func (s *Set) Ranges() []Range {
	out := []Range{}
	for _, r := range s.set.Ranges() {
		out = append(out, Range{Address{r.From()}, Address{r.To()}})
	}
	return out
}

// Size is the number of addresses.
func (s *Set) Size() *big.Int {
	sum := new(big.Int)
	for _, r := range s.Ranges() {
		sum.Add(sum, r.Size())
	}
	return sum
}

// Holds says that all of a range is in the set.
func (s *Set) Holds(r Range) bool { return s.set.ContainsRange(r.netipx()) }

// Overlaps says that a range and the set have an address in common.
func (s *Set) Overlaps(r Range) bool { return s.set.OverlapsRange(r.netipx()) }

// HoldsAll says that all of another set is in this one.
func (s *Set) HoldsAll(other *Set) bool {
	for _, r := range other.Ranges() {
		if !s.Holds(r) {
			return false
		}
	}
	return true
}

// Equal says that both hold the same addresses.
func (s *Set) Equal(other *Set) bool { return s.set.Equal(other.set) }

// Union, Minus, Intersection and Either (in one of the two, not in both).
func (s *Set) Union(other *Set) *Set {
	b := s.builder()
	b.AddSet(other.set)
	return build(b)
}

func (s *Set) Minus(other *Set) *Set {
	b := s.builder()
	b.RemoveSet(other.set)
	return build(b)
}

func (s *Set) Intersection(other *Set) *Set {
	b := s.builder()
	b.Intersect(other.set)
	return build(b)
}

func (s *Set) Either(other *Set) *Set { return s.Union(other).Minus(s.Intersection(other)) }

func (s *Set) builder() *netipx.IPSetBuilder {
	b := &netipx.IPSetBuilder{}
	b.AddSet(s.set)
	return b
}

// Take gives a network with this prefix length out of the set, and the set
// without it.
func (s *Set) Take(length int) (Network, *Set, bool) {
	p, rest, ok := s.set.RemoveFreePrefix(uint8(length))
	return Network{p}, &Set{rest}, ok
}
