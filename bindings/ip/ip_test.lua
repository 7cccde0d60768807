local t = require "test"

t.case("addresses", function()
  local a = ip.parse("2001:db8::1")
  t.eq({ a.version, a.text, a.full, a.bits, a.kind, a.hex }, { 6, "2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001", 128, "documentation", "0x20010db8000000000000000000000001" })
  t.eq(a.int, "42540766411282592856903984951653826561")
  t.eq(ip.parse("10.0.0.1").int, 167772161)
  t.eq(ip.parse("::ffff:10.0.0.1").mapped.text, "10.0.0.1")
  t.eq(ip.parse("10.0.0.1").mapped, nil)
  t.eq(ip.parse("fe80::1%eth0").zone, "eth0")
  t.eq({ ip.parse("10.0.0.1").packed:byte(1, -1) }, { 10, 0, 0, 1 })
  t.ok(ip.parse("10.0.0.1") == ip.parse("10.0.0.1"))
  t.ok(ip.parse("10.0.0.9") < ip.parse("10.0.0.10") and ip.parse("255.255.255.255") < ip.parse("::"))
  t.eq("at " .. tostring(ip.parse("10.0.0.1"):add(-1)), "at 10.0.0.0")
  t.eq(ip.parse("10.0.0.1"):distance("10.0.1.1"), 256)
  t.eq(ip.parse("10.1.2.3"):net(16).text, "10.1.0.0/16")
end)

t.case("networks", function()
  local n = ip.net("10.0.0.0/255.255.252.0")
  t.eq({ n.text, n.size, n.first.text, n.last.text, n.netmask.text, n.hostmask.text, n.prefix }, { "10.0.0.0/22", 1024, "10.0.0.0", "10.0.3.255", "255.255.252.0", "0.0.3.255", 22 })
  t.eq(ip.net("2001:db8::/32").size, "79228162514264337593543950336")
  t.eq(#n.reverse, 4)
  local subs = {}
  for sub in n:subnets{ prefix = 24 } do subs[#subs + 1] = sub.text end
  t.eq(subs, { "10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24" })
  t.eq({ n:supernet{ prefix = 8 }.text, n:supernet().text, n:sibling().text, n:sibling(-1).text }, { "10.0.0.0/8", "10.0.0.0/21", "10.0.4.0/22", "9.255.252.0/22" })
  t.eq(ip.net("::/0"):subnet_count{ prefix = 128 }, "340282366920938463463374607431768211456")
  t.ok(n:contains("10.0.2.0/24") and not n:contains("10.0.3.0-10.0.4.0") and n:overlaps("10.0.3.0-10.0.4.0") and n:subnet_of("10.0.0.0/8"))
  local hosts = {}
  for h in ip.net("10.0.0.0/29"):hosts() do hosts[#hosts + 1] = h.text end
  t.eq({ #hosts, hosts[1], hosts[6] }, { 6, "10.0.0.1", "10.0.0.6" })
  t.eq({ n:at(0).text, n:at(-1).text, n:at(256).text }, { "10.0.0.0", "10.0.3.255", "10.0.1.0" })
  local left = {}
  for _, x in ipairs(n:exclude("10.0.1.0/24")) do left[#left + 1] = x.text end
  t.eq(left, { "10.0.2.0/23", "10.0.0.0/24" })
  t.eq({ n:format("netmask"), n:format("hostmask"), n:format("range") }, { "10.0.0.0/255.255.252.0", "10.0.0.0/0.0.3.255", "10.0.0.0-10.0.3.255" })
  t.eq(ip.iface("10.0.0.7/24").network.text, "10.0.0.0/24")
  t.ok(ip.net("10.0.0.0/8") < ip.net("10.0.0.0/16"))
end)

t.case("a large network is gone through, not listed", function()
  local count = 0
  for _ in ip.net("10.0.0.0/8"):hosts() do
    count = count + 1
    if count == 1000 then break end
  end
  t.eq(count, 1000)
end)

t.case("sets", function()
  local a, b = ip.set{ "10.0.0.0/24", "2001:db8::/64" }, ip.set{ "10.0.0.128-10.0.1.127" }
  t.eq({ (a * b).size, (b - a).size, (ip.set{ "10.0.0.0/25" } + b).size, a:xor(b):overlaps("10.0.0.200") }, { 128, 128, 384, false })
  t.eq(a.size, "18446744073709551872")
  t.ok(a:contains("10.0.0.5") and a:contains_all(ip.set{ "10.0.0.0/26" }) and not a:equals(b))
  t.eq(ip.set{}.size, 0)
  local block, rest = ip.set{ "10.0.0.0/24" }:take(25)
  t.eq({ block.text, rest:networks()[1].text }, { "10.0.0.0/25", "10.0.0.128/25" })
  t.eq(t.raises(function() rest:take(24) end).kind, "notfound")
end)

t.case("tables", function()
  local m = ip.table{ ["0.0.0.0/0"] = 0, ["10.0.0.0/8"] = { name = "corp" }, ["::/0"] = "six" }
  t.eq({ #m, m:match("10.1.1.1").value.name, m:match("192.0.2.1").value, m:match("::1").value }, { 3, "corp", 0, "six" })
  t.eq(m:all("10.1.1.1")[2].text, "0.0.0.0/0")
end)

t.case("mistakes are named", function()
  for want, call in pairs {
    ["leave them out"] = function() ip.parse("010.0.0.1") end,
    ["four numbers are needed"] = function() ip.parse("10.1") end,
    ["has host bits set"] = function() ip.net("10.0.0.1/8") end,
    ["at most 32 bits"] = function() ip.net("10.0.0.0/33") end,
    ["not in one piece"] = function() ip.net("10.0.0.0/255.0.255.0") end,
    ["of different versions"] = function() ip.range("10.0.0.0", "::1") end,
    ["the wrong way round"] = function() ip.range("10.0.0.2", "10.0.0.1") end,
    ["there is no address +1 from 255.255.255.255"] = function() ip.parse("255.255.255.255"):add(1) end,
    ["has no networks with a prefix of 8"] = function() ip.net("10.0.0.0/16"):subnets{ prefix = 8 } end,
    ["does not lie in"] = function() ip.net("10.0.0.0/16"):exclude("11.0.0.0/24") end,
    ["is not a number from 0 to 255"] = function() ip.glob("10.0.0.256") end,
    ["is not a hardware address"] = function() ip.mac("00:11") end,
    ["nothing to span"] = function() ip.span{} end,
    ["works on two of ip_set"] = function() return ip.set{} + 1 end,
    ["want a whole number"] = function() ip.from_int(1.5) end,
  } do
    local e = t.raises(call)
    t.contains(e.message .. " " .. (e.hint or ""), want)
  end
end)
