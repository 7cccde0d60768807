package ipaddr

import "net/netip"

// The special-purpose registries of IANA, iana-ipv4-special-registry and
// iana-ipv6-special-registry, as of 2024-05: what is not globally reachable,
// without what is a part of another entry, and the parts that are reachable
// all the same. CPython has the same lists since 3.12.4 and in Debian's 3.11.
var (
	private = prefixes(
		"0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::1/128", "::/128", "::ffff:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10",
	)
	publicParts = prefixes("192.0.0.9/32", "192.0.0.10/32", "2001:1::1/128", "2001:1::2/128", "2001:3::/32", "2001:4:112::/48", "2001:20::/28", "2001:30::/28")
	shared      = netip.MustParsePrefix("100.64.0.0/10") // neither private nor global (RFC 6598)
	reserved    = prefixes(
		"240.0.0.0/4", "::/8", "100::/8", "200::/7", "400::/6", "800::/5", "1000::/4", "4000::/3", "6000::/3", "8000::/3", "a000::/3", "c000::/3",
		"e000::/4", "f000::/5", "f800::/6", "fe00::/9",
	)
	multicast = prefixes("224.0.0.0/4", "ff00::/8")
	loopback  = prefixes("127.0.0.0/8", "::1/128")
	linkLocal = prefixes("169.254.0.0/16", "fe80::/10")
	siteLocal = prefixes("fec0::/10")
	nowhere   = prefixes("0.0.0.0/32", "::/128")
)

// kinds name what an address is for, the narrowest first.
var kinds = []struct {
	name   string
	blocks []netip.Prefix
}{
	{"unspecified", nowhere},
	{"broadcast", prefixes("255.255.255.255/32")},
	{"loopback", loopback},
	{"link_local", linkLocal},
	{"multicast", multicast},
	{"documentation", prefixes("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")},
	{"benchmark", prefixes("198.18.0.0/15", "2001:2::/48")},
	{"shared", []netip.Prefix{shared}},
	{"private", prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")},
	{"unique_local", prefixes("fc00::/7")},
	{"site_local", siteLocal},
	{"mapped", prefixes("::ffff:0:0/96")},
	{"translated", prefixes("64:ff9b::/96", "64:ff9b:1::/48")},
	{"teredo", prefixes("2001::/32")},
	{"6to4", prefixes("2002::/16")},
	{"discard", prefixes("100::/64")},
	{"this_network", prefixes("0.0.0.0/8")},
}

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// in says that one of the blocks holds an address.
func in(blocks []netip.Prefix, a netip.Addr) bool {
	a = a.WithZone("")
	for _, block := range blocks {
		if block.Contains(a) {
			return true
		}
	}
	return false
}

// Kind is one word for what the address is for: global, private, loopback,
// documentation and so on.
func (a Address) Kind() string {
	for _, k := range kinds {
		if in(k.blocks, a.Addr) {
			return k.name
		}
	}
	switch {
	case in(private, a.Addr) && !in(publicParts, a.Addr):
		return "special"
	case a.IsReserved():
		return "reserved"
	}
	return "global"
}

// IsPrivate says that an address is not globally reachable. A v4-mapped one is
// what the IPv4 address is.
func (a Address) IsPrivate() bool {
	if v4, ok := a.Mapped(); ok {
		return v4.IsPrivate()
	}
	return in(private, a.Addr) && !in(publicParts, a.Addr)
}

// IsGlobal says that an address is globally reachable.
func (a Address) IsGlobal() bool {
	if v4, ok := a.Mapped(); ok {
		return v4.IsGlobal()
	}
	return !a.IsPrivate() && !shared.Contains(a.Addr)
}

// The other properties, as Python's ipaddress has them.
func (a Address) IsReserved() bool    { return in(reserved, a.Addr) }
func (a Address) IsMulticast() bool   { return in(multicast, a.Addr) }
func (a Address) IsLoopback() bool    { return in(loopback, a.Addr) }
func (a Address) IsLinkLocal() bool   { return in(linkLocal, a.Addr) }
func (a Address) IsSiteLocal() bool   { return in(siteLocal, a.Addr) }
func (a Address) IsUnspecified() bool { return in(nowhere, a.Addr) }
