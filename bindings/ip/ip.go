// Package ip is the Lua module ip: addresses, networks, ranges and sets.
package ip

import "gofab/bindings/kit"

// Module declares ip.
func Module() *kit.Module {
	return &kit.Module{
		Name: "ip",
		Doc: "Arithmetic with IPv4 and IPv6 addresses, networks, ranges and sets. Parsing is strict: no leading zeros, no short forms, no host " +
			"bits unless asked for. Text is taken wherever an object is. Numbers beyond 2^53 are decimal strings.",
		Funcs: []kit.Func{
			kit.Fn("parse", "Read an address.", parse).With(
				`local a = ip.parse("192.0.2.10")
assert(a.version == 4 and a.kind == "documentation" and a.reverse == "10.2.0.192.in-addr.arpa")
assert(tostring(a:add(1)) == "192.0.2.11" and a < a:add(1))`),
			kit.Fn("net", "Read a network: a prefix, a netmask or a hostmask behind the address. Host bits are an error.", network).With(
				`local n = ip.net("10.0.0.0/22")
assert(n.size == 1024 and n.broadcast.text == "10.0.3.255" and n:contains("10.0.2.7"))
for sub in n:subnets{ prefix = 24 } do print(sub) end`,
				`assert(ip.net("10.0.0.7/24", { strict = false }).text == "10.0.0.0/24")`),
			kit.Fn("iface", "Read an address together with its network.", iface).With(
				`local i = ip.iface("10.0.0.7/24")
assert(i.address.text == "10.0.0.7" and i.network.text == "10.0.0.0/24")`),
			kit.Fn("range", "Make a range from one address to another, both in it.", makeRange).With(
				`local r = ip.range("10.0.0.1", "10.0.0.6")
assert(r.size == 6 and #r:networks() == 4)`),
			kit.Fn("from_int", "Make the address of a number.", fromInt).With(
				`assert(ip.from_int(3221225985).text == "192.0.2.1")
assert(ip.from_int("42540766411282592856903984951653826561").text == "2001:db8::1")`),
			kit.Fn("valid", "Tell whether a text is an address.", valid).With(
				`assert(ip.valid("::1") and not ip.valid("1.2.3"))`),
			kit.Fn("merge", "Give the fewest networks that hold the same addresses.", merge).With(
				`local nets = ip.merge{ "10.0.0.0/25", "10.0.0.128/25", "10.0.1.0/24", "10.0.0.7" }
assert(#nets == 1 and nets[1].text == "10.0.0.0/23")`),
			kit.Fn("summarize", "Give the fewest networks from one address to another.", summarize).With(
				`assert(tostring(ip.summarize("10.0.0.0", "10.0.0.2")[1]) == "10.0.0.0/31")`),
			kit.Fn("span", "Give the smallest network that holds everything in a list.", span).With(
				`assert(ip.span({ "10.0.0.1", "10.0.3.0/24" }).text == "10.0.0.0/22")`),
			kit.Fn("sort", "Sort addresses, networks and ranges: IPv4 first, by address, the larger network first.", sortBlocks).With(
				`assert(ip.sort({ "10.0.0.9", "10.0.0.10", "9.0.0.0/8" })[3].text == "10.0.0.10")`),
			kit.Fn("set", "Make a set of addresses.", newSet).With(
				`local free = ip.set{ "10.0.0.0/24" } - ip.set{ "10.0.0.0/26" }
assert(free.size == 192 and not free:contains("10.0.0.9"))
local block, rest = free:take(28)
assert(block.prefix == 28 and rest.size == 176)`),
			kit.Fn("table", "Make a table that finds the network that fits an address best.", newTable).With(
				`local t = ip.table{ ["10.0.0.0/8"] = "corp", ["10.1.0.0/16"] = "lab" }
assert(t:match("10.1.2.3").value == "lab" and t:match("192.0.2.1") == nil)`),
			kit.Fn("glob", "Read an IPv4 pattern, with numbers, ranges (3-7), lists (1,5) and * in each place; gives ranges.", glob).With(
				`assert(tostring(ip.glob("10.0.0-3.*")[1]) == "10.0.0.0-10.0.3.255")`),
			kit.Fn("mac", "Read a hardware address of 48 or 64 bits.", mac).With(
				`local m = ip.mac("00:1b:77:49:54:fd")
assert(m:format("cisco") == "001b.7749.54fd" and m:ipv6("fe80::/64").text == "fe80::21b:77ff:fe49:54fd")`),
		},
		Types: []kit.Type{addressType(), networkType(), ifaceType(), rangeType(), setType(), tableType(), macType()},
	}
}
