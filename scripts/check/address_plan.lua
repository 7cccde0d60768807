-- Audit an address plan: a CSV file with a network in each row. Finds masks
-- that do not fit, networks that overlap, and tells how much of a block is
-- free. Ends with 1 when something is wrong.
--
--   gofab scripts/check/address_plan.lua audit --plan networks.csv --block 10.0.0.0/16
--   gofab scripts/check/address_plan.lua audit --plan networks.csv --block 10.0.0.0/16 --need 24 --json
--
-- The file has the columns network and name; others are left alone.
--
-- run: audit --demo --block 10.0.0.0/22
-- run: audit --demo --block 10.0.0.0/22 --need 25 --json

task("audit", {
  doc = "Check a plan of networks",
  default = true,
  args = {
    plan = { doc = "CSV file with the columns network and name", default = "" },
    block = { doc = "block that the plan divides", default = "10.0.0.0/8" },
    need = { doc = "propose a free network with this prefix length", type = "integer", default = -1 },
    json = { doc = "print JSON", default = false },
    demo = { doc = "audit a plan of our own", default = false },
  },
}, function(_, a)
  local text = a.demo and "network,name\n10.0.0.0/24,office\n10.0.1.0/26,printers\n" or fs.read(a.plan)
  local block = ip.net(a.block)
  local problems, known, used = {}, {}, {}

  for _, row in ipairs(csv.decode(text, { header = true })) do
    local net, err = try(ip.net, row.network)
    if not net then
      problems[#problems + 1] = ("%s: %s"):format(row.name, err.message)
    else
      if not block:contains(net) then problems[#problems + 1] = ("%s: %s is not in %s"):format(row.name, net, block) end
      for _, other in ipairs(known) do
        if net:overlaps(other.net) then problems[#problems + 1] = ("%s overlaps %s: %s and %s"):format(row.name, other.name, net, other.net) end
      end
      known[#known + 1] = { net = net, name = row.name }
      used[#used + 1] = net
    end
  end

  local free = ip.set{ block } - ip.set(used)
  local proposal = a.need >= 0 and free:take(a.need) or nil
  local largest = {}
  for _, net in ipairs(free:networks()) do largest[#largest + 1] = net.text end

  if a.json then
    print(json.encode{ ok = #problems == 0, problems = problems, networks = #known, free = free.size, blocks = largest, proposal = proposal and proposal.text })
  else
    for _, problem in ipairs(problems) do print(problem) end
    print(("%d networks, %s of %s addresses free: %s"):format(#known, free.size, block.size, table.concat(largest, " ")))
    if proposal then print("next free: " .. tostring(proposal)) end
  end
  if #problems > 0 then error(("%d problems in the plan"):format(#problems)) end
end)
