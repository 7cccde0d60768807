-- Compare two runs by their reports: hosts that fare worse or better than
-- before, hosts that came or went, and tasks that take much longer.
--
--   gofab -o json=monday.json deploy.lua deploy
--   gofab -o json=tuesday.json deploy.lua deploy
--   gofab scripts/report/compare_runs.lua compare --before monday.json --after tuesday.json
--
-- run: example

local function read(path)
  local report = json.decode(fs.read(path))
  if report.gofab_report ~= 1 then error(path .. " is no report of a run: gofab -o json=" .. path .. " makes one") end
  return report
end

-- list[i][key] -> list[i]
local function by(list, key)
  local index = {}
  for _, item in ipairs(list) do index[item[key]] = item end
  return index
end

local function compare_hosts(before, after)
  local old, new, changes = by(before.hosts, "name"), by(after.hosts, "name"), 0
  local function tell(text)
    changes = changes + 1
    print(text)
  end
  for _, host in ipairs(after.hosts) do
    local was = old[host.name]
    if not was then
      tell(host.name .. ": new, " .. host.state)
    elseif was.state ~= host.state then
      local reason = host.error and ": " .. host.error.message or ""
      tell(("%s: was %s, is %s%s"):format(host.name, was.state, host.state, reason))
    end
  end
  for _, host in ipairs(before.hosts) do
    if not new[host.name] then tell(host.name .. ": no part of the run any more") end
  end
  return changes
end

-- Tasks that take half as long again, and a second more.
local function compare_tasks(before, after)
  local old = by(before.tasks, "name")
  for _, task in ipairs(after.tasks) do
    local was = old[task.name]
    if was and task.duration > was.duration * 1.5 and task.duration > was.duration + 1 then
      print(("task %s: took %.1f s, before %.1f s"):format(task.name, task.duration, was.duration))
    end
  end
end

local function compare(before, after)
  local changes = compare_hosts(before, after)
  compare_tasks(before, after)
  if changes == 0 then print("every host fares as before") end
  return changes
end

task("compare", { doc = "Tell what is different between two runs", args = {
  before = { doc = "report of the earlier run" },
  after = { doc = "report of the later run" },
} }, function(_, a) compare(read(a.before), read(a.after)) end)

task("example", { doc = "Compare two small runs" }, function()
  local function host(name, state, message)
    return { name = name, state = state, error = message and { message = message } or nil }
  end
  fs.write("monday.json", json.encode {
    gofab_report = 1, tasks = { { name = "deploy", duration = 10 } },
    hosts = { host("web1", "ok"), host("web2", "ok"), host("web3", "failed", "disk full") },
  })
  fs.write("tuesday.json", json.encode {
    gofab_report = 1, tasks = { { name = "deploy", duration = 31.5 } },
    hosts = { host("web1", "ok"), host("web2", "unreachable", "connection refused"), host("web4", "ok") },
  })
  assert(compare(read("monday.json"), read("tuesday.json")) == 3)
end)
