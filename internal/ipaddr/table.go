package ipaddr

import (
	"github.com/gaissmai/bart"
)

// Table finds the network that fits an address best: the one with the longest
// prefix.
type Table[V any] struct{ table bart.Table[V] }

// Insert adds a network, or replaces its value.
func (t *Table[V]) Insert(n Network, value V) { t.table.Insert(n.Prefix, value) }

// Lookup finds the narrowest network that holds an address.
func (t *Table[V]) Lookup(a Address) (Network, V, bool) {
	host, err := a.WithZone("").Prefix(a.BitLen())
	if err != nil {
		var none V
		return Network{}, none, false
	}
	p, value, ok := t.table.LookupPrefixLPM(host)
	return Network{p}, value, ok
}

// All finds every network that holds an address, the narrowest first.
func (t *Table[V]) All(a Address) []Network {
	out := []Network{}
	host, err := a.WithZone("").Prefix(a.BitLen())
	if err != nil {
		return out
	}
	for p := range t.table.Supernets(host) {
		out = append(out, Network{p})
	}
	return out
}

// Len is how many networks there are.
func (t *Table[V]) Len() int { return t.table.Size() }
