package ip

import (
	"math/big"

	"gofab/bindings/kit"
	"gofab/internal/ipaddr"
)

type textArgs struct {
	Text string `lua:"text,arg1" doc:"The text."`
}

type addressArgs struct {
	Address anyAddress `lua:"address,arg1" doc:"An address."`
}

func parse(_ *kit.Call, a textArgs) (ipaddr.Address, error) { return ipaddr.ParseAddress(a.Text) }

func valid(_ *kit.Call, a textArgs) (bool, error) {
	_, err := ipaddr.ParseAddress(a.Text)
	return err == nil, nil
}

type fromIntArgs struct {
	Number  integer `lua:"number,arg1" doc:"The number."`
	Version int     `lua:"version" default:"0" doc:"4 or 6; 0 takes 4 where that is large enough."`
}

func fromInt(_ *kit.Call, a fromIntArgs) (ipaddr.Address, error) {
	return ipaddr.FromInt(a.Number.Int, a.Version)
}

type addArgs struct {
	Count integer `lua:"count,arg1" doc:"How many addresses on; less than 0 goes back."`
}

func flag(name, doc string, is func(ipaddr.Address) bool) kit.Prop { return kit.Field(name, doc, is) }

func optional(a ipaddr.Address, ok bool) *ipaddr.Address {
	if !ok {
		return nil
	}
	return &a
}

func addressType() kit.Type {
	return kit.TypeOf[ipaddr.Address]("ip_address", "An IPv4 or IPv6 address. Addresses compare with ==, < and <=; IPv4 comes first.",
		kit.Method("add", "Give the address so many further on.", func(_ *kit.Call, a ipaddr.Address, n addArgs) (ipaddr.Address, error) {
			return a.Add(n.Count.Int)
		}),
		kit.Method("distance", "Tell how many addresses another one is behind this one.", func(_ *kit.Call, a ipaddr.Address, b addressArgs) (any, error) {
			d, err := a.Distance(b.Address.Address)
			if err != nil {
				return nil, err
			}
			return number(d), nil
		}),
		kit.Method("net", "Give the network with this prefix length that the address is in.", addressNet),
	).Fields(
		kit.Field("version", "4 or 6.", ipaddr.Address.Version),
		kit.Field("text", "Shortest text.", ipaddr.Address.String),
		kit.Field("full", "Text with all digits.", ipaddr.Address.Full),
		kit.Field("int", "The address as a number.", func(a ipaddr.Address) any { return number(a.Int()) }),
		kit.Field("hex", "The number in hexadecimal.", ipaddr.Address.Hex),
		kit.Field("bin", "All bits.", ipaddr.Address.Bin),
		kit.Field("packed", "The bytes in network order.", func(a ipaddr.Address) []byte { return a.AsSlice() }),
		kit.Field("bits", "32 or 128.", func(a ipaddr.Address) int { return a.BitLen() }),
		kit.Field("reverse", "Name under which PTR records are.", ipaddr.Address.Reverse),
		kit.Field("zone", "Zone of an IPv6 address, behind the %.", func(a ipaddr.Address) string { return a.Zone() }),
		kit.Field("kind", "What it is for, in one word: global, private, loopback, link_local, multicast, documentation, shared, unique_local, "+
			"reserved, special, ...", ipaddr.Address.Kind),
		kit.Field("mapped", "IPv4 address inside ::ffff:0:0/96; nil otherwise.", func(a ipaddr.Address) *ipaddr.Address { return optional(a.Mapped()) }),
		kit.Field("sixtofour", "IPv4 address inside 2002::/16; nil otherwise.", func(a ipaddr.Address) *ipaddr.Address { return optional(a.SixToFour()) }),
		kit.Field("teredo_server", "Server inside 2001::/32; nil otherwise.", func(a ipaddr.Address) *ipaddr.Address {
			server, _, ok := a.Teredo()
			return optional(server, ok)
		}),
		kit.Field("teredo_client", "Client inside 2001::/32; nil otherwise.", func(a ipaddr.Address) *ipaddr.Address {
			_, client, ok := a.Teredo()
			return optional(client, ok)
		}),
		flag("is_private", "Not globally reachable, by IANA's registries.", ipaddr.Address.IsPrivate),
		flag("is_global", "Globally reachable, by IANA's registries.", ipaddr.Address.IsGlobal),
		flag("is_loopback", "127.0.0.0/8 or ::1.", ipaddr.Address.IsLoopback),
		flag("is_link_local", "169.254.0.0/16 or fe80::/10.", ipaddr.Address.IsLinkLocal),
		flag("is_multicast", "224.0.0.0/4 or ff00::/8.", ipaddr.Address.IsMulticast),
		flag("is_reserved", "Reserved by the IETF.", ipaddr.Address.IsReserved),
		flag("is_site_local", "fec0::/10.", ipaddr.Address.IsSiteLocal),
		flag("is_unspecified", "0.0.0.0 or ::.", ipaddr.Address.IsUnspecified),
	).Ordered(func(a, b any) int { return a.(ipaddr.Address).Compare(b.(ipaddr.Address).Addr) })
}

type prefixArgs struct {
	Prefix int `lua:"prefix,arg1" doc:"Prefix length."`
}

func addressNet(_ *kit.Call, a ipaddr.Address, p prefixArgs) (ipaddr.Network, error) {
	whole := ipaddr.Range{From: a, To: a}
	n, _ := whole.Network() // one address is one network
	return n.Supernet(p.Prefix)
}

// addresses goes through a range.
func addresses(r ipaddr.Range) kit.Iter {
	next, done := r.From, false
	return func(*kit.Call) (any, bool, error) {
		if done {
			return nil, false, nil
		}
		current := next
		if done = current == r.To; !done {
			next = ipaddr.Address{Addr: current.Next()}
		}
		return current, true, nil
	}
}

var one = big.NewInt(1)
