-- Report how full the disks of a group are, as a table or as JSON, and end
-- with a code that a monitor understands: 0 fine, 1 too full.
--
--   gofab scripts/check/disk.lua report --limit 80
--   gofab scripts/check/disk.lua report --targets web1,web2 --json
--
-- run: report --targets web1,web2 --limit 101 --json
-- run: report --limit 101

task("report", {
  doc = "Show the disks of all hosts, and fail where one is too full",
  default = true,
  args = {
    targets = { doc = "hosts to look at", default = "local" },
    limit = { doc = "percent that is too full", type = "integer", default = 90 },
    json = { doc = "print JSON", default = false },
  },
}, function(_, a)
  local group = hosts(a.targets)
  local answers = group:run("LC_ALL=C df -P -k", { hide = true, all = true })

  local rows, full = {}, 0
  for _, name in ipairs(answers.ok) do
    local answer = answers.values[name]
    for device, size, used, percent, mount in answer.stdout:gmatch("(/%S+)%s+(%d+)%s+(%d+)%s+%d+%s+(%d+)%%%s+(%S+)") do
      percent = tonumber(percent)
      if percent >= a.limit then full = full + 1 end
      rows[#rows + 1] = {
        host = name, mount = mount, device = device, percent = percent,
        gigabytes = math.floor(tonumber(size) / 2 ^ 20 + 0.5), used = tonumber(used),
      }
    end
  end
  table.sort(rows, function(x, y)
    if x.percent ~= y.percent then return x.percent > y.percent end
    return x.host .. x.mount < y.host .. y.mount
  end)

  if a.json then
    print(json.encode({ limit = a.limit, full = full, disks = rows }, { indent = 2 }))
  else
    for _, row in ipairs(rows) do
      print(string.format("%-10s %3d%%  %5d GB  %s", row.host, row.percent, row.gigabytes, row.mount))
    end
  end
  for name, e in pairs(answers.errors) do log.error(name .. ": " .. e.message) end
  if next(answers.errors) then
    error { message = #group - #answers.ok .. " of " .. #group .. " hosts gave no answer" }
  end
  if full > 0 then
    error { message = full .. " disks are " .. a.limit .. "% full or more", hint = "see the list above" }
  end
end)
