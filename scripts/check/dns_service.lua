-- Watch a DNS service: every name server must give the same answer, the
-- expected one, with the same serial and in time. Ends with 1 when something is
-- wrong; --json prints the verdict for a monitor.
--
--   gofab scripts/check/dns_service.lua check --name www.example.com --servers 192.0.2.53,192.0.2.54 --expect 192.0.2.80
--   gofab scripts/check/dns_service.lua check --name example.com --type MX --json
--
-- Without --servers the name servers of the zone are asked, as its NS records
-- tell them. The task zone checks a zone file before it goes there.
--
-- run: zone

local function split(text)
  local words = {}
  for word in text:gmatch("[^,%s]+") do words[#words + 1] = word end
  return words
end

local function servers_of(name)
  local addresses = {}
  for _, ns in ipairs(dns.query(dns.zone_of(name), "NS").records) do
    for _, address in ipairs(dns.lookup(ns.target)) do addresses[#addresses + 1] = address end
  end
  return addresses
end

task("check", {
  doc = "Ask all name servers and compare",
  default = true,
  args = {
    name = { doc = "name to look up" },
    type = { doc = "record type", default = "A" },
    servers = { doc = "name servers, separated by commas", default = "" },
    expect = { doc = "records there must be, separated by commas", default = "" },
    max_time = { doc = "a server that takes longer is a problem", default = "500ms" },
    json = { doc = "print JSON", default = false },
  },
}, function(_, a)
  local servers = split(a.servers)
  if #servers == 0 then servers = servers_of(a.name) end
  local v = dns.check(a.name, a.type, {
    servers = servers, max_time = a.max_time,
    expect = a.expect ~= "" and split(a.expect) or nil,
  })
  if a.json then
    print(json.encode(v, { indent = 2 }))
  else
    for _, s in ipairs(v.servers) do
      print(string.format("%-24s %-10s %6.1f ms  serial %s  %s", s.server, s.status, s.elapsed * 1000,
        tostring(s.serial), table.concat(s.records, ", ")))
    end
  end
  if not v.ok then error(table.concat(v.problems, "; ")) end
end)

local example = [[
$ORIGIN example.com.
$TTL 1h
@    SOA ns hostmaster 2026010101 2h 15m 2w 1m
@    NS  ns
ns   A   192.0.2.53
www  A   192.0.2.80
]]

task("zone", {
  doc = "Check a zone file; without one, an example",
  args = { file = { doc = "zone file", default = "" }, origin = { doc = "name of the zone", default = "" } },
}, function(_, a)
  local z = a.file == "" and dns.zone{ text = example } or dns.zone{ file = a.file, origin = a.origin }
  local errors = 0
  for _, f in ipairs(z:check()) do
    print(f.level .. ": " .. f.name .. " " .. f.type .. ": " .. f.text)
    if f.level == "error" then errors = errors + 1 end
  end
  print(z.origin .. " " .. tostring(z.serial) .. ": " .. #z .. " records, " .. errors .. " errors")
  if errors > 0 then error(errors .. " errors in " .. a.file) end
end)
