local t = require "test"

local text = [[
$TTL 1h
@    SOA ns host 2026010101 2h 15m 2w 1m
@    NS  ns
@    MX  10 mail
ns   A   192.0.2.53
mail 5m A 192.0.2.25
]]

local function zone() return dns.zone{ origin = "example.com", text = text } end

t.case("records of a zone have the fields of their type", function()
  local z = zone()
  t.eq(z.origin, "example.com.")
  t.eq(#z, 5)
  local mx = z:records{ type = "MX" }[1]
  t.eq(mx.exchange, "mail.example.com.")
  t.eq(mx.preference, 10)
  t.eq(mx.text, "10 mail.example.com.")
  t.eq(z:records{ name = "mail" }[1].ttl, 300)
  t.eq(z:records{ name = "@", type = "SOA" }[1].minimum, 60)
end)

t.case("changes of a zone are seen by diff, and by nobody else", function()
  local a, b = zone(), zone()
  b:add("www CNAME mail")
  t.eq(b:remove("mail", "A"), 1)
  local d = a:diff(b)
  t.eq(d.added[1].name, "www.example.com.")
  t.eq(d.removed[1].address, "192.0.2.25")
  t.eq(#a, 5)
  t.contains(t.raises(b.add, b, "www.example.org. A 192.0.2.1").message, "not in the zone")
end)

t.case("a zone is written and read again, here and on a host", function()
  local z = zone()
  z:write("zone")
  t.eq(z:diff(dns.zone{ file = "zone" }).same, true)
  host("web1"):write("zone", z:text())
  t.eq(z:diff(dns.zone{ file = "zone", on = host("web1") }).same, true)
end)

t.case("a question that nobody answers raises, or is data", function()
  local e = t.raises(dns.query, "x.example.com", "A", { server = "127.0.0.1:1", timeout = 1, retries = 0 })
  t.eq(e.kind, "unreachable")
  t.eq(e.result.tried[1].server, "127.0.0.1:1")
  local a = dns.query("x.example.com", "A", { server = "127.0.0.1:1", timeout = 1, retries = 0, check = false })
  t.eq(a.status, "unreachable")
  t.eq(a.rcode, "")
end)

t.case("mistakes are told before anything is sent", function()
  t.contains(t.raises(dns.query, "x", "AAAAA", {}).message, 'did you mean "AAAA"')
  t.contains(t.raises(dns.query, "a..b", "A", {}).message, "no domain name")
  t.contains(t.raises(dns.query, "x", "A", { server = "1.2.3.4", servers = { "1.2.3.4" } }).message, "not both")
  t.contains(t.raises(dns.query, "x", "A", { server = "1.2.3.4", edns = 100 }).message, "datagram size")
  t.contains(t.raises(dns.query, "x", "A", { key = { name = "k", secret = "%%" } }).message, "base64")
  t.contains(t.raises(dns.query, "x", "A", { validate = true, anchors = { "x A 1.2.3.4" }, server = "127.0.0.1:1" }).message, "trust anchor")
  t.contains(t.raises(dns.zone, { text = "a 60 A 192.0.2.1" }).hint, "origin")
end)
