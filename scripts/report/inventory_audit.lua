-- Look an inventory over before it is trusted: addresses that two hosts share,
-- hosts without a group, variables that a whole group lacks on one host, and
-- values that override others. Nothing is asked from the hosts.
--
--   gofab -I hosts.yaml scripts/report/inventory_audit.lua
--   gofab -I hosts.yaml --limit @web scripts/report/inventory_audit.lua rack,tier
--
-- run:
-- run: rack

local wanted = {}
for name in (arg[1] or ""):gmatch("[^,]+") do wanted[#wanted + 1] = name end

-- Without -I there is something to look at all the same.
if #(try(hosts, "all") or {}) == 0 then
  inventory {
    all = { vars = { ntp = "pool.ntp.org" } },
    web = { hosts = { { name = "web1", address = "192.0.2.1" }, { name = "web2", address = "192.0.2.1" } }, vars = { rack = "r1" } },
    db = { { name = "db1", vars = { ntp = "192.0.2.53" } } },
  }
end

local findings = 0
local function found(...)
  findings = findings + 1
  print(string.format(...))
end

local owner = {}
for _, h in ipairs(targets("all"):list()) do
  if owner[h.address] then
    found("%-12s has the address of %s: %s", h.name, owner[h.address], h.address)
  end
  owner[h.address] = h.name
  if #h.groups == 0 then found("%-12s is in no group", h.name) end
  for _, name in ipairs(wanted) do
    if h:var(name) == nil then found("%-12s has no variable %s", h.name, name) end
  end
  for _, value in ipairs(inventory.explain(h.name)) do
    for _, over in ipairs(value.over) do
      found("%-12s %s is %s (%s, %s) and not %s (%s, %s)", h.name, value.name, tostring(value.value), value.by, value.where,
        tostring(over.value), over.by, over.where)
    end
  end
end
print(findings == 0 and "nothing to say" or findings .. " findings")
