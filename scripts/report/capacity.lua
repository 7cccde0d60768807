-- Report the capacity of a group: processors, memory, disks and inodes of each
-- host, and what is short of room. Ends with 1 when something is above its
-- limit or a host gives no answer, so that a monitor can call it.
--
--   gofab scripts/report/capacity.lua report --targets @web
--   gofab scripts/report/capacity.lua report --targets @web --disk 80 --memory 95 --load 4 --json
--
-- run: report --targets web1,web2 --disk 101 --inodes 101 --memory 101 --load 1000 --json
-- run: report --disk 101 --inodes 101 --memory 101 --load 1000

-- findings says what of a host is above its limit.
local function findings(f, a)
  local found = {}
  local function check(what, value, limit)
    if value and value >= limit then found[#found + 1] = { what = what, value = value, limit = limit } end
  end
  check("memory", f.memory.percent, a.memory)
  check("load per processor", f.load[2] / f.cpus, a.load)
  for _, d in ipairs(f.disks) do
    check("disk " .. d.mount, d.percent, a.disk)
    check("inodes " .. d.mount, d.inodes_percent, a.inodes)
  end
  return found
end

local function fullest(disks)
  local most = disks[1]
  for _, d in ipairs(disks) do
    if d.percent > most.percent then most = d end
  end
  return most
end

task("report", {
  doc = "Show the capacity of hosts, and fail where it runs short",
  default = true,
  args = {
    targets = { doc = "hosts to look at", default = "local" },
    disk = { doc = "percent of a disk that is too much", type = "integer", default = 90 },
    inodes = { doc = "percent of inodes that is too much", type = "integer", default = 90 },
    memory = { doc = "percent of memory that is too much", type = "integer", default = 90 },
    load = { doc = "load per processor that is too much", type = "integer", default = 2 },
    json = { doc = "print JSON", default = false },
  },
}, function(_, a)
  local group = hosts(a.targets)
  local answers = group:each({ all = true }, function(h) return h:facts() end)

  local rows, short = {}, 0
  for _, name in ipairs(answers.ok) do
    local f = answers.values[name]
    local found, disk = findings(f, a), fullest(f.disks)
    short = short + #found
    rows[#rows + 1] = {
      host = name, system = f.pretty, cpus = f.cpus, load = f.load[2], memory_total = f.memory.total,
      memory_percent = f.memory.percent, disk = disk and disk.mount, disk_percent = disk and disk.percent,
      disk_free = disk and disk.free, findings = found,
    }
  end
  local failed = {}
  for name, e in pairs(answers.errors) do failed[name] = e.message end

  if a.json then
    print(json.encode({ ok = short == 0 and not next(failed), hosts = rows, failed = failed }, { indent = 2 }))
  else
    print(string.format("%-16s %4s %6s %8s %5s %5s  %s", "HOST", "CPUS", "LOAD", "MEMORY", "MEM%", "DISK%", "SHORT OF"))
    for _, r in ipairs(rows) do
      local words = {}
      for _, x in ipairs(r.findings) do words[#words + 1] = string.format("%s (%.0f)", x.what, x.value) end
      print(string.format("%-16s %4d %6.2f %6.1f G %5.1f %5.1f  %s", r.host, r.cpus, r.load, r.memory_total / 2 ^ 30,
        r.memory_percent, r.disk_percent or 0, table.concat(words, ", ")))
    end
  end
  for name, message in pairs(failed) do log.error(name .. ": " .. message) end
  if next(failed) then error { message = #group - #answers.ok .. " of " .. #group .. " hosts gave no answer" } end
  if short > 0 then error { message = short .. " limits are reached", hint = "see the list above" } end
end)
