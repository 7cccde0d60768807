// Package dns is the Lua module dns: ask name servers, watch them, transfer and
// update zones, read and check zone files.
package dns

import "gofab/bindings/kit"

// Module declares dns.
func Module() *kit.Module {
	zone, resolver := zoneType(), resolverType()
	zone.Declare()
	resolver.Declare()
	return &kit.Module{
		Name: "dns",
		Doc: "Ask name servers, watch them, transfer and update zones, read and check zone files. " +
			"A record is a table with name, type, class, ttl and text (as dig prints it), and the fields of its type: " +
			"address, target, preference and exchange, ... as dnspython names them. Names end with a dot. " +
			"A server is \"192.0.2.53\", \"ns.example.com:5353\", \"tcp://...\", \"tls://...\" or \"https://.../dns-query\".",
		Funcs: append(append(questions(), names()...), zones()...),
		Types: []kit.Type{resolver, zone},
	}
}

func questions() []kit.Func {
	return []kit.Func{
		kit.Fn("query", "Ask for the records of one type. No such name and no such record raise with kind notfound; a refusal is denied; "+
			"silence is timeout. check = false gives what came of it as data.", query).With(
			`local a = dns.query("www.example.com", "A", { server = "127.0.0.1:1", timeout = 1, check = false })
assert(a.status == "unreachable" and #a.records == 0)`),
		kit.Fn("query_many", "Ask many names at once. The answers come in the order of the names; none of them raises.", queryMany).With(
			`local answers = dns.query_many({ "a.example.com", "b.example.com" }, "MX", { server = "127.0.0.1:1", timeout = 1 })
assert(#answers == 2 and answers[2].name == "b.example.com.")`),
		kit.Fn("lookup", "Give the IPv4 and IPv6 addresses of a name, found with the search list. An address gives itself.", lookup).With(
			`assert(dns.lookup("192.0.2.1")[1] == "192.0.2.1")`),
		kit.Fn("reverse", "Give the names of an address.", reverse),
		kit.Fn("resolver", "Make a resolver with settings of its own.", newResolver).With(
			`local r = dns.resolver{ servers = { "192.0.2.53", "tls://192.0.2.54" }, search = { "example.com" }, ndots = 2, rotate = true }
assert(r.servers[2] == "tls://192.0.2.54")`),
		kit.Fn("zone_of", "Find the zone that a name is in, and give its name.", zoneOf),
		kit.Fn("check", "Ask all servers at once and compare: their answers with each other and with what is expected, their serials, "+
			"their times. Nothing of it raises; ok and problems tell.", check).With(
			`local v = dns.check("example.com", "A", { servers = { "127.0.0.1:1" }, expect = { "192.0.2.1" }, timeout = 1 })
assert(not v.ok and v.servers[1].status == "unreachable")`),
		kit.Fn("trace", "Ask from the root servers down, one zone after the other, as dig +trace does, and give every step.", trace),
		kit.Fn("transfer", "Give the records of a zone one by one (AXFR): for r in dns.transfer(\"example.com\", { server = ... }) do", transfer),
		kit.Fn("changes", "Tell what has changed in a zone since a serial (IXFR), step by step.", changes),
		kit.Fn("update", "Change records of a zone on its server (RFC 2136): all of it, or nothing.", update),
		kit.Fn("notify", "Tell a server that a zone has changed, so that it fetches it.", notify),
	}
}

func names() []kit.Func {
	return []kit.Func{
		kit.Fn("reverse_name", "Give the name under which an address is looked up.", reverseName).With(
			`assert(dns.reverse_name("192.0.2.10") == "10.2.0.192.in-addr.arpa.")`),
		kit.Fn("reverse_address", "Give the address that such a name stands for.", reverseAddress).With(
			`assert(dns.reverse_address("10.2.0.192.in-addr.arpa") == "192.0.2.10")`),
		kit.Fn("enum_name", "Give the name of a telephone number (ENUM, E.164).", enumName).With(
			`assert(dns.enum_name("+44 116 496 0348") == "8.4.3.0.6.9.4.6.1.1.4.4.e164.arpa.")`),
		kit.Fn("absolute", "Check a name and write it as answers have it: absolute, with escapes, international labels as xn--.", absolute).With(
			`assert(dns.absolute("bücher.example") == "xn--bcher-kva.example.")`),
		kit.Fn("to_ascii", "Write the international labels of a name as xn--.", toASCII).With(
			`assert(dns.to_ascii("bücher.example") == "xn--bcher-kva.example")`),
		kit.Fn("to_unicode", "Write the xn-- labels of a name as people read them.", toUnicode).With(
			`assert(dns.to_unicode("xn--bcher-kva.example") == "bücher.example")`),
		kit.Fn("labels", "Cut a name at its dots; an escaped dot does not count.", labels).With(
			`assert(#dns.labels("www.example.com") == 3)`),
		kit.Fn("parent", "Give the name above.", parent).With(
			`assert(dns.parent("www.example.com") == "example.com.")`),
		kit.Fn("within", "Tell whether a name is another, or below it.", within).With(
			`assert(dns.within("www.example.com", "example.com") and not dns.within("badexample.com", "example.com"))`),
		kit.Fn("types", "List the record types that are known.", types).With(
			`assert(#dns.types() > 80)`),
	}
}

func zones() []kit.Func {
	return []kit.Func{
		kit.Fn("record", "Read one record, as a line of a zone file.", record).With(
			`local r = dns.record("www 300 IN MX 10 mail", { origin = "example.com" })
assert(r.preference == 10 and r.exchange == "mail.example.com." and r.ttl == 300)`),
		kit.Fn("ds", "Make the DS record that the zone above needs of a DNSKEY.", makeDS).With(
			`local key = "example.com. IN DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=="
assert(dns.ds(key).key_tag == 2371)`),
		kit.Fn("nsec3_hash", "Give the hash of a name as NSEC3 records have it.", nsec3Hash).With(
			`assert(dns.nsec3_hash("example", { salt = "aabbccdd", iterations = 12 }) == "0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM")`),
		kit.Fn("zone", "Read a zone from a text, a file, or a file on a host.", readZone).With(
			`local z = dns.zone{ origin = "example.com", text = [[
$TTL 300
@   SOA ns host 2026010101 7200 900 1209600 60
@   NS  ns
ns  A   192.0.2.53
www CNAME web
]] }
assert(z.serial == 2026010101 and #z:records{ type = "NS" } == 1)
assert(#z:check() == 0)`),
		kit.Fn("fetch_zone", "Transfer a whole zone from a server.", fetchZone),
	}
}

func resolverType() kit.Type {
	return kit.TypeOf[*resolver]("dns_resolver", "A resolver with settings of its own. Its methods are the functions of the module without the settings.",
		kit.Method("query", "Ask for the records of one type.", resolverQuery),
		kit.Method("query_many", "Ask many names at once.", resolverQueryMany),
		kit.Method("lookup", "Give the addresses of a name.", resolverLookup),
		kit.Method("reverse", "Give the names of an address.", resolverReverse),
	).Fields(
		kit.Field("servers", "The servers it asks.", (*resolver).servers),
		kit.Field("search", "Domains in which names are looked for.", func(r *resolver) []string { return r.engine.Options().Search }),
		kit.Field("ndots", "A name with so many dots is tried as it is first.", func(r *resolver) int { return r.engine.Options().Ndots }),
	)
}

func zoneType() kit.Type {
	return kit.TypeOf[*zone]("dns_zone", "A zone in memory.",
		kit.Method("records", "List the records, of a name, of a type, or all.", zoneRecords),
		kit.Method("text", "Write the zone as a zone file.", zoneText),
		kit.Method("check", "Look for what name servers refuse (errors) and for common mistakes (warnings).", zoneCheck).With(
			`local z = dns.zone{ origin = "example.com", text = "@ 60 SOA a b 1 2 3 4 5\n@ 60 NS ns\nwww 60 CNAME x\nwww 60 A 192.0.2.1\n" }
for _, f in ipairs(z:check()) do print(f.level, f.name, f.text) end`),
		kit.Method("diff", "Tell which records another zone lacks (removed) and has more (added).", zoneDiff),
		kit.Method("add", "Add a record, written as in a zone file.", zoneAdd).With(
			`local z = dns.zone{ origin = "example.com", text = "@ 60 SOA a b 1 2 3 4 5\n" }
z:add("www 300 A 192.0.2.1")
assert(z:records{ name = "www" }[1].address == "192.0.2.1")`),
		kit.Method("remove", "Remove the records of a name, or of a name and a type, and tell how many there were.", zoneRemove),
		kit.Method("bump", "Raise the serial: to today's date where it is one (YYYYMMDDnn), else by one.", zoneBump),
		kit.Method("write", "Write the zone to a file, in one step.", zoneWrite),
	).Fields(
		kit.Field("origin", "The name of the zone.", func(z *zone) string { return z.get().Origin }),
		kit.Field("serial", "The serial of the SOA; nil without one.", (*zone).serial),
	).Length(func(self any) int { return len(self.(*zone).get().Records) })
}
