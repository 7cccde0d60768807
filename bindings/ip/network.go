package ip

import (
	"math/big"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/ipaddr"
)

type networkArgs struct {
	Text   string `lua:"text,arg1" doc:"address/prefix, address/netmask or address/hostmask; without a mask the whole address."`
	Strict bool   `lua:"strict" default:"true" doc:"Host bits are an error; with false they are cleared."`
}

func network(_ *kit.Call, a networkArgs) (ipaddr.Network, error) {
	return ipaddr.ParseNetwork(a.Text, !a.Strict)
}

func iface(_ *kit.Call, a textArgs) (ipaddr.Interface, error) { return ipaddr.ParseInterface(a.Text) }

func ifaceType() kit.Type {
	return kit.TypeOf[ipaddr.Interface]("ip_interface", "An address together with its network.").Fields(
		kit.Field("address", "The address.", func(i ipaddr.Interface) ipaddr.Address { return ipaddr.Address{Addr: i.Addr()} }),
		kit.Field("network", "The network.", ipaddr.Interface.Network),
		kit.Field("prefix", "Prefix length.", func(i ipaddr.Interface) int { return i.Bits() }),
		kit.Field("text", "Address and prefix.", ipaddr.Interface.String),
	).Ordered(func(a, b any) int { return ipaddr.Compare(a.(ipaddr.Interface).Prefix, b.(ipaddr.Interface).Prefix) })
}

type blockArgs struct {
	Block block `lua:"block,arg1" doc:"An address, a network or a range."`
}

type otherArgs struct {
	Network anyNetwork `lua:"network,arg1" doc:"A network."`
}

type lengthArgs struct {
	Prefix int `lua:"prefix" default:"-1" doc:"Prefix length of the result."`
	Diff   int `lua:"diff" default:"1" doc:"Or how many bits more (subnets) or fewer (supernet)."`
}

type placeArgs struct {
	Place integer `lua:"place,arg1" doc:"0 is the first, -1 the last."`
}

type byArgs struct {
	By integer `lua:"by,arg1" default:"1" doc:"How many networks of this size further on; less than 0 goes back."`
}

type formatArgs struct {
	Style string `lua:"style,arg1" enum:"cidr|netmask|hostmask|range|full|hex|bin" doc:"10.0.0.0/24, 10.0.0.0/255.255.255.0, 10.0.0.0/0.0.0.255, first-last, with all digits, in hexadecimal, or the bits of the prefix."`
}

func networkType() kit.Type {
	return kit.TypeOf[ipaddr.Network]("ip_network", "A block of addresses with a common prefix. Networks compare with ==, < and <=.",
		kit.Method("contains", "Tell whether all of something lies in the network.", func(_ *kit.Call, n ipaddr.Network, a blockArgs) (bool, error) {
			return n.Holds(a.Block.Range), nil
		}),
		kit.Method("overlaps", "Tell whether something has an address in common with the network.", func(_ *kit.Call, n ipaddr.Network, a blockArgs) (bool, error) {
			return n.Range().Overlaps(a.Block.Range), nil
		}),
		kit.Method("subnet_of", "Tell whether the network lies in another one.", func(_ *kit.Call, n ipaddr.Network, a otherArgs) (bool, error) {
			return a.Network.Holds(n.Range()), nil
		}),
		kit.Method("subnets", "Go through the networks inside: for sub in n:subnets{ prefix = 26 } do ... end.", subnets),
		kit.Method("subnet_count", "Tell how many networks of a size are inside.", subnetCount),
		kit.Method("supernet", "Give the network around this one.", supernet),
		kit.Method("sibling", "Give the network of the same size behind this one.", func(_ *kit.Call, n ipaddr.Network, a byArgs) (ipaddr.Network, error) {
			if a.By.Int == nil {
				a.By.Int = one
			}
			return n.Sibling(a.By.Int)
		}),
		kit.Method("exclude", "List what is left without another network, the largest first.", func(_ *kit.Call, n ipaddr.Network, a otherArgs) ([]ipaddr.Network, error) {
			return n.Exclude(a.Network.Network)
		}),
		kit.Method("hosts", "Go through the addresses that hosts may have.", func(_ *kit.Call, n ipaddr.Network, _ struct{}) (kit.Iter, error) {
			return addresses(n.Hosts()), nil
		}),
		kit.Method("addresses", "Go through all addresses.", func(_ *kit.Call, n ipaddr.Network, _ struct{}) (kit.Iter, error) {
			return addresses(n.Range()), nil
		}),
		kit.Method("at", "Give an address by its place.", func(_ *kit.Call, n ipaddr.Network, a placeArgs) (ipaddr.Address, error) {
			return n.Range().At(a.Place.Int)
		}),
		kit.Method("format", "Write the network in another way.", formatNetwork).With(
			`assert(ip.net("10.0.0.0/24"):format("netmask") == "10.0.0.0/255.255.255.0")`),
	).Fields(
		kit.Field("version", "4 or 6.", ipaddr.Network.Version),
		kit.Field("text", "Address and prefix.", ipaddr.Network.String),
		kit.Field("address", "Network address: the first one.", ipaddr.Network.First),
		kit.Field("first", "First address.", ipaddr.Network.First),
		kit.Field("last", "Last address.", ipaddr.Network.Last),
		kit.Field("broadcast", "Broadcast address of IPv4: the last one.", ipaddr.Network.Last),
		kit.Field("prefix", "Prefix length.", func(n ipaddr.Network) int { return n.Bits() }),
		kit.Field("netmask", "Netmask.", ipaddr.Network.Netmask),
		kit.Field("hostmask", "Netmask turned round, also called wildcard.", ipaddr.Network.Hostmask),
		kit.Field("size", "How many addresses there are.", func(n ipaddr.Network) any { return number(n.Size()) }),
		kit.Field("reverse", "Names of the reverse zones that hold the network.", ipaddr.Network.Reverse),
		kit.Field("kind", "What its first address is for, in one word.", func(n ipaddr.Network) string { return n.First().Kind() }),
		kit.Field("is_private", "Not globally reachable from end to end.", func(n ipaddr.Network) bool { return n.First().IsPrivate() && n.Last().IsPrivate() }),
	).Ordered(func(a, b any) int { return ipaddr.Compare(a.(ipaddr.Network).Prefix, b.(ipaddr.Network).Prefix) })
}

// longer is the prefix length that subnets were asked for with.
func (a lengthArgs) longer(n ipaddr.Network) (int, error) {
	length := a.Prefix
	if length < 0 {
		length = n.Bits() + a.Diff
	}
	_, err := n.Subnet(length, new(big.Int))
	return length, err
}

func subnets(_ *kit.Call, n ipaddr.Network, a lengthArgs) (kit.Iter, error) {
	length, err := a.longer(n)
	if err != nil {
		return nil, err
	}
	i, count := new(big.Int), n.Subnets(length)
	return func(*kit.Call) (any, bool, error) {
		if i.Cmp(count) >= 0 {
			return nil, false, nil
		}
		sub, err := n.Subnet(length, i)
		i.Add(i, one)
		return sub, true, err
	}, nil
}

func subnetCount(_ *kit.Call, n ipaddr.Network, a lengthArgs) (any, error) {
	length, err := a.longer(n)
	if err != nil {
		return nil, err
	}
	return number(n.Subnets(length)), nil
}

func supernet(_ *kit.Call, n ipaddr.Network, a lengthArgs) (ipaddr.Network, error) {
	if a.Prefix >= 0 {
		return n.Supernet(a.Prefix)
	}
	return n.Supernet(n.Bits() - a.Diff)
}

func formatNetwork(_ *kit.Call, n ipaddr.Network, a formatArgs) (string, error) {
	switch a.Style {
	case "netmask":
		return n.First().String() + "/" + n.Netmask().String(), nil
	case "hostmask":
		return n.First().String() + "/" + n.Hostmask().String(), nil
	case "range":
		return n.Range().String(), nil
	case "full":
		return n.First().Full() + "/" + n.Netmask().Full(), nil
	case "hex":
		return n.First().Hex() + "/" + n.Netmask().Hex(), nil
	case "bin":
		return n.First().Bin()[:n.Bits()], nil
	case "cidr":
		return n.String(), nil
	}
	return "", fault.New(fault.Usage, "style: %q is not known", a.Style)
}

type rangeArgs struct {
	From anyAddress `lua:"from,arg1" doc:"First address."`
	To   anyAddress `lua:"to,arg2" doc:"Last address."`
}

func makeRange(_ *kit.Call, a rangeArgs) (ipaddr.Range, error) {
	return ipaddr.NewRange(a.From.Address, a.To.Address)
}

func summarize(_ *kit.Call, a rangeArgs) ([]ipaddr.Network, error) {
	r, err := ipaddr.NewRange(a.From.Address, a.To.Address)
	if err != nil {
		return nil, err
	}
	return r.Networks(), nil
}

func rangeType() kit.Type {
	return kit.TypeOf[ipaddr.Range]("ip_range", "All addresses from one to another.",
		kit.Method("contains", "Tell whether all of something lies in the range.", func(_ *kit.Call, r ipaddr.Range, a blockArgs) (bool, error) {
			return r.Holds(a.Block.Range), nil
		}),
		kit.Method("overlaps", "Tell whether something has an address in common with the range.", func(_ *kit.Call, r ipaddr.Range, a blockArgs) (bool, error) {
			return r.Overlaps(a.Block.Range), nil
		}),
		kit.Method("networks", "List the fewest networks that make up the range.", func(_ *kit.Call, r ipaddr.Range, _ struct{}) ([]ipaddr.Network, error) {
			return r.Networks(), nil
		}),
		kit.Method("addresses", "Go through all addresses.", func(_ *kit.Call, r ipaddr.Range, _ struct{}) (kit.Iter, error) { return addresses(r), nil }),
		kit.Method("at", "Give an address by its place.", func(_ *kit.Call, r ipaddr.Range, a placeArgs) (ipaddr.Address, error) {
			return r.At(a.Place.Int)
		}),
	).Fields(
		kit.Field("first", "First address.", func(r ipaddr.Range) ipaddr.Address { return r.From }),
		kit.Field("last", "Last address.", func(r ipaddr.Range) ipaddr.Address { return r.To }),
		kit.Field("text", "Both addresses with - in between.", ipaddr.Range.String),
		kit.Field("size", "How many addresses there are.", func(r ipaddr.Range) any { return number(r.Size()) }),
	)
}
