package ip

import (
	"cmp"
	"slices"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/ipaddr"
)

type blocksArgs struct {
	Blocks []block `lua:"blocks,arg1" default:"" doc:"Addresses, networks and ranges."`
}

func merge(_ *kit.Call, a blocksArgs) ([]ipaddr.Network, error) {
	return ipaddr.Merge(ranges(a.Blocks)), nil
}

func span(_ *kit.Call, a blocksArgs) (ipaddr.Network, error) { return ipaddr.Span(ranges(a.Blocks)) }

func sortBlocks(_ *kit.Call, a blocksArgs) ([]any, error) {
	slices.SortStableFunc(a.Blocks, func(x, y block) int {
		return cmp.Or(x.From.Compare(y.From.Addr), y.To.Compare(x.To.Addr))
	})
	out := make([]any, len(a.Blocks))
	for i, b := range a.Blocks {
		out[i] = b.value
	}
	return out, nil
}

func newSet(_ *kit.Call, a blocksArgs) (*ipaddr.Set, error) {
	return ipaddr.NewSet(ranges(a.Blocks)), nil
}

type patternArgs struct {
	Pattern string `lua:"pattern,arg1" doc:"Such as 10.0.0-3.* or 10.0.0.1,5-9."`
}

func glob(_ *kit.Call, a patternArgs) ([]ipaddr.Range, error) { return ipaddr.ParsePattern(a.Pattern) }

type setArgs struct {
	Set *ipaddr.Set `lua:"set,arg1" doc:"Another set."`
}

type takeArgs struct {
	Prefix int `lua:"prefix,arg1" doc:"Prefix length of the network."`
}

// join makes a method of an operation on two sets.
func join(f func(a, b *ipaddr.Set) *ipaddr.Set) func(*kit.Call, *ipaddr.Set, setArgs) (*ipaddr.Set, error) {
	return func(_ *kit.Call, s *ipaddr.Set, a setArgs) (*ipaddr.Set, error) { return f(s, a.Set), nil }
}

func setType() kit.Type {
	return kit.TypeOf[*ipaddr.Set]("ip_set", "Any addresses, of both versions. Sets do not change: a + b is what is in either, a - b what is in a alone, a * b what is in both.",
		kit.Method("contains", "Tell whether all of something is in the set.", func(_ *kit.Call, s *ipaddr.Set, a blockArgs) (bool, error) {
			return s.Holds(a.Block.Range), nil
		}),
		kit.Method("overlaps", "Tell whether something has an address in common with the set.", func(_ *kit.Call, s *ipaddr.Set, a blockArgs) (bool, error) {
			return s.Overlaps(a.Block.Range), nil
		}),
		kit.Method("union", "Give what is in one or the other: a + b.", join((*ipaddr.Set).Union)),
		kit.Method("minus", "Give what is in this set alone: a - b.", join((*ipaddr.Set).Minus)),
		kit.Method("intersection", "Give what is in both: a * b.", join((*ipaddr.Set).Intersection)),
		kit.Method("xor", "Give what is in one of them, and not in both.", join((*ipaddr.Set).Either)),
		kit.Method("contains_all", "Tell whether all of another set is in this one.", func(_ *kit.Call, s *ipaddr.Set, a setArgs) (bool, error) {
			return s.HoldsAll(a.Set), nil
		}),
		kit.Method("equals", "Tell whether another set holds the same addresses.", func(_ *kit.Call, s *ipaddr.Set, a setArgs) (bool, error) {
			return s.Equal(a.Set), nil
		}),
		kit.Method("networks", "List the fewest networks of the set, in order.", func(_ *kit.Call, s *ipaddr.Set, _ struct{}) ([]ipaddr.Network, error) {
			return s.Networks(), nil
		}),
		kit.Method("ranges", "List the ranges of the set, in order.", func(_ *kit.Call, s *ipaddr.Set, _ struct{}) ([]ipaddr.Range, error) {
			return s.Ranges(), nil
		}),
		kit.Method("take", "Take a network out: gives the network and the set without it. Raises when there is none so large.", take),
	).Fields(
		kit.Field("size", "How many addresses there are.", func(s *ipaddr.Set) any { return number(s.Size()) }),
	).Operators(
		kit.Operator("+", func(a, b *ipaddr.Set) *ipaddr.Set { return a.Union(b) }),
		kit.Operator("-", func(a, b *ipaddr.Set) *ipaddr.Set { return a.Minus(b) }),
		kit.Operator("*", func(a, b *ipaddr.Set) *ipaddr.Set { return a.Intersection(b) }),
	)
}

func take(_ *kit.Call, s *ipaddr.Set, a takeArgs) (kit.Multi, error) {
	if a.Prefix < 0 || a.Prefix > 128 {
		return nil, fault.New(fault.Usage, "prefix: %d is no prefix length", a.Prefix)
	}
	n, rest, ok := s.Take(a.Prefix)
	if !ok {
		return nil, fault.New(fault.NotFound, "the set has no free network with a prefix of %d", a.Prefix)
	}
	return kit.Multi{n, rest}, nil
}

type tableArgs struct {
	Networks map[string]any `lua:"networks,arg1" doc:"Networks with what belongs to each."`
}

// lookup is a table with any values.
type lookup = ipaddr.Table[any]

func newTable(_ *kit.Call, a tableArgs) (*lookup, error) {
	t := &lookup{}
	for text, value := range a.Networks {
		n, err := ipaddr.ParseNetwork(text, false)
		if err != nil {
			return nil, err
		}
		t.Insert(n, value)
	}
	return t, nil
}

type matched struct {
	Network ipaddr.Network `lua:"network" doc:"The network."`
	Value   any            `lua:"value" doc:"What belongs to it."`
}

func tableType() kit.Type {
	return kit.TypeOf[*lookup]("ip_table", "Networks that are looked up by address.",
		kit.Method("match", "Give the narrowest network that holds an address, with its value; nil when none does.", func(_ *kit.Call, t *lookup, a addressArgs) (*matched, error) {
			n, value, ok := t.Lookup(a.Address.Address)
			if !ok {
				return nil, nil
			}
			return &matched{n, value}, nil
		}),
		kit.Method("all", "List every network that holds an address, the narrowest first.", func(_ *kit.Call, t *lookup, a addressArgs) ([]ipaddr.Network, error) {
			return t.All(a.Address.Address), nil
		}),
	).Length(func(self any) int { return self.(*lookup).Len() })
}

func mac(_ *kit.Call, a textArgs) (ipaddr.MAC, error) { return ipaddr.ParseMAC(a.Text) }

type styleArgs struct {
	Style string `lua:"style,arg1" enum:"ieee|unix|expanded|cisco|bare|pgsql" doc:"00-1B-77-49-54-FD, 0:1b:77:49:54:fd, 00:1b:77:49:54:fd, 001b.7749.54fd, 001B774954FD or 001b77:4954fd."`
}

func macType() kit.Type {
	return kit.TypeOf[ipaddr.MAC]("mac_address", "A hardware address.",
		kit.Method("format", "Write it as other systems do.", func(_ *kit.Call, m ipaddr.MAC, a styleArgs) (string, error) { return m.Format(a.Style) }),
		kit.Method("eui64", "Give the 64 bits that stand for 48: with ff:fe in the middle.", func(_ *kit.Call, m ipaddr.MAC, _ struct{}) (ipaddr.MAC, error) {
			return m.EUI64(), nil
		}),
		kit.Method("ipv6", "Give the address that an interface makes itself in a network of IPv6.", func(_ *kit.Call, m ipaddr.MAC, a otherArgs) (ipaddr.Address, error) {
			return m.IPv6(a.Network.Network)
		}),
	).Fields(
		kit.Field("text", "Text with : between bytes.", ipaddr.MAC.String),
		kit.Field("bits", "48 or 64.", ipaddr.MAC.Bits),
		kit.Field("int", "The address as a number.", func(m ipaddr.MAC) uint64 { return m.Int() }),
		kit.Field("oui", "The part that names the manufacturer.", ipaddr.MAC.OUI),
		kit.Field("is_multicast", "For a group.", ipaddr.MAC.IsMulticast),
		kit.Field("is_local", "Given by an administrator.", ipaddr.MAC.IsLocal),
	)
}
