package ipaddr

import (
	"math/big"
	"net/netip"
	"strings"

	"go4.org/netipx"

	"gofab/internal/fault"
)

// Range is all addresses from one to another, both among them.
type Range struct{ From, To Address }

// NewRange checks the ends.
func NewRange(from, to Address) (Range, error) {
	switch {
	case from.Version() != to.Version():
		return Range{}, fault.New(fault.Usage, "%s and %s are of different versions", from, to)
	case to.Less(from.Addr):
		return Range{}, fault.New(fault.Usage, "the range from %s to %s is the wrong way round", from, to)
	}
	return Range{Address{from.WithZone("")}, Address{to.WithZone("")}}, nil
}

// ParseRange reads an address, a network, or two addresses with - in between.
func ParseRange(text string) (Range, error) {
	if from, to, two := strings.Cut(text, "-"); two {
		a, err := ParseAddress(strings.TrimSpace(from))
		if err != nil {
			return Range{}, err
		}
		b, err := ParseAddress(strings.TrimSpace(to))
		if err != nil {
			return Range{}, err
		}
		return NewRange(a, b)
	}
	if !strings.Contains(text, "/") {
		a, err := ParseAddress(text)
		return Range{Address{a.WithZone("")}, Address{a.WithZone("")}}, err
	}
	n, err := ParseNetwork(text, false)
	if err != nil {
		return Range{}, err
	}
	return n.Range(), nil
}

// String is how a range prints.
func (r Range) String() string { return r.From.String() + "-" + r.To.String() }

func (r Range) netipx() netipx.IPRange { return netipx.IPRangeFrom(r.From.Addr, r.To.Addr) }

// Contains says that an address is in the range; its zone does not matter.
func (r Range) Contains(a Address) bool { return r.netipx().Contains(a.WithZone("")) }

// Holds says that all of another range is in this one.
func (r Range) Holds(other Range) bool { return r.Contains(other.From) && r.Contains(other.To) }

// Overlaps says that two ranges have an address in common.
func (r Range) Overlaps(other Range) bool { return r.netipx().Overlaps(other.netipx()) }

// Size is the number of addresses.
func (r Range) Size() *big.Int {
	d, _ := r.From.Distance(r.To) // both are of one version
	return d.Add(d, big.NewInt(1))
}

// At gives an address by its place from 0; -1 is the last.
func (r Range) At(i *big.Int) (Address, error) {
	from := r.From
	if i.Sign() < 0 {
		from = r.To
		i = new(big.Int).Add(i, big.NewInt(1))
	}
	a, err := from.Add(i)
	if err != nil || !r.Contains(a) {
		return Address{}, fault.New(fault.Usage, "there is no address %s in %s", i, r)
	}
	return a, nil
}

// Networks are the fewest networks that make up the range.
func (r Range) Networks() []Network { return networks(r.netipx().Prefixes()) }

func networks(prefixes []netip.Prefix) []Network {
	out := make([]Network, len(prefixes))
	for i, p := range prefixes {
		out[i] = Network{p}
	}
	return out
}

// Network is the range as one network, where it is one.
func (r Range) Network() (Network, bool) {
	p, ok := r.netipx().Prefix()
	return Network{p}, ok
}

// Span is the smallest network that holds all ranges.
func Span(ranges []Range) (Network, error) {
	if len(ranges) == 0 {
		return Network{}, fault.New(fault.Usage, "there is nothing to span")
	}
	from, to := ranges[0].From, ranges[0].To
	for _, r := range ranges {
		if r.From.Version() != from.Version() {
			return Network{}, fault.New(fault.Usage, "%s and %s are of different versions", from, r.From)
		}
		if r.From.Less(from.Addr) {
			from = r.From
		}
		if to.Less(r.To.Addr) {
			to = r.To
		}
	}
	length := from.BitLen()
	for !netip.PrefixFrom(from.Addr, length).Masked().Contains(to.Addr) {
		length--
	}
	return Network{netip.PrefixFrom(from.Addr, length).Masked()}, nil
}
