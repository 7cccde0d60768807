local t = require "test"

-- What hosts do together: limits, what is done once, tries, tasks that run tasks.

local web = hosts("web[1-5]")

t.case("limit bounds how many are inside at once", function()
  local inside, most, calls = 0, 0, 0
  web:each(function(h)
    local a, b = limit("db", 2, function()
      inside = inside + 1
      most = math.max(most, inside)
      h:run("true", { hide = true })
      inside, calls = inside - 1, calls + 1
      return h.name, nil
    end)
    t.eq(a, h.name)
    t.eq(b, nil)
  end)
  t.eq(calls, 5)
  assert(most <= 2, "at once: " .. most)
end)

t.case("an error leaves the limit", function()
  t.raises(limit, "small", 1, function() error("no") end)
  t.eq(limit("small", 1, function() return "free" end), "free")
end)

t.case("nested limits", function()
  t.eq(limit("a", 1, function() return limit("b", 1, function() return "both" end) end), "both")
  local e = t.raises(lock, "a", function() lock("a", function() end) end)
  t.eq(e.kind, "usage")
  t.contains(e.message, '"a" is held here already')
  t.contains(t.raises(limit, "a", 2, print).message, 'limit "a" is 1 elsewhere, and 2 here')
  t.contains(t.raises(limit, "x", 0, print).message, "at least one at once")
end)

t.case("who would wait for ever is told", function()
  local inside = 0
  local r = hosts("web1, web2"):each({ all = true }, function(h)
    local mine, other = "left", "right"
    if h.name == "web2" then mine, other = other, mine end
    lock(mine, function()
      inside = inside + 1
      wait_for({ interval = "1ms" }, function() return inside == 2 end)
      lock(other, function() end)
    end)
  end)
  t.eq(tostring(r), "2 hosts: 1 ok, 1 failed")
  local e = r.errors.web1 or r.errors.web2
  t.contains(e.message, "would never end")
end)

t.case("once is done by one, for all", function()
  local calls = 0
  local r = web:each(function()
    return once("first", function()
      calls = calls + 1
      return { version = "1.2" }
    end).version
  end)
  t.eq(calls, 1)
  t.eq(r.values.web5, "1.2")
  r = web:each({ all = true }, function() once("second", function() calls = calls + 1 error("broken") end) end)
  t.eq(calls, 2)
  t.eq(#r.failed, 5)
  t.contains(r.errors.web4.message, "broken")
  local e = t.raises(once, "third", function() once("third", print) end)
  t.contains(e.message, "inside of itself")
end)

t.case("retry gives the value of the first try that works", function()
  local tries = {}
  local a, b = retry({ times = 5, delay = 0 }, function(n)
    tries[#tries + 1] = n
    if n < 3 then error("not yet") end
    return "ready", n
  end)
  t.eq(a, "ready")
  t.eq(b, 3)
  t.eq(tries, { 1, 2, 3 })
end)

t.case("retry gives up with the last error", function()
  local e = t.raises(retry, { times = 3, delay = 0 }, function(n) error { kind = "timeout", message = "too slow at " .. n, hint = "wait" } end)
  t.eq(e.message, "3 tries, the last one: too slow at 3")
  t.eq(e.kind, "timeout")
  t.eq(e.hint, "wait")
  e = t.raises(retry, { times = 1 }, function() error("once") end)
  t.eq(e.message, "once")
  e = t.raises(retry, { times = 2, delay = 0 }, function() host("web1"):run("exit 3", { hide = true }) end)
  t.eq(e.result.code, 3)
end)

t.case("retry until the value will do", function()
  local n = 0
  local value = retry({ delay = 0, accept = function(v) return v > 2 end }, function() n = n + 1 return n end)
  t.eq(value, 3)
  local e = t.raises(retry, { times = 2, delay = 0, accept = function() return false end }, function() return "bad" end)
  t.contains(e.message, "2 tries, the last one: the value was not accepted")
  t.eq(e.result, "bad")
end)

t.case("retry leaves errors alone that another try does not mend", function()
  local n = 0
  local e = t.raises(retry, { times = 5, delay = 0 }, function() n = n + 1 host("web1"):run("true", { tmieout = 1 }) end)
  t.eq(n, 1)
  t.eq(e.kind, "usage")
  n = 0
  t.raises(retry, { times = 5, delay = 0, on = { "timeout" } }, function() n = n + 1 error { kind = "denied", message = "no" } end)
  t.eq(n, 1)
  t.raises(retry, { times = 5, delay = 0, on = "denied" }, function() n = n + 1 error { kind = "denied", message = "no" } end)
  t.eq(n, 6)
  t.contains(t.raises(retry, { on = "denid" }, print).message, '"denid" is not a kind')
  t.contains(t.raises(retry, { times = 0 }, print).message, "at least one try")
  t.contains(t.raises(retry, { jitter = 2 }, print).message, "between 0 and 1")
end)

t.case("wait_for", function()
  local n = 0
  t.eq(wait_for({ interval = 0 }, function() n = n + 1 return n > 3 and "up" end), "up")
  local e = t.raises(wait_for, { timeout = "20ms", interval = "5ms" }, function() end)
  t.eq(e.kind, "timeout")
  t.contains(e.message, "waited 20ms in vain")
  t.eq(e.hint, "timeout sets the limit")
  e = t.raises(wait_for, { timeout = "20ms" }, function() host("web1"):run("sleep 100", { hide = true }) end)
  t.contains(e.message, "waited 20ms in vain", "a call that does not end")
  t.eq(e.kind, "timeout")
  t.contains(t.raises(wait_for, function() error("broken") end).message, "broken")
end)

t.case("a task runs a task, and has its results", function()
  task("measure", { hosts = "web1, web2", args = { factor = 2 } }, function(h, a) return a.factor * tonumber(h.name:sub(4)) end)
  t.eq(results_of("measure"), nil)
  local r = run_task("measure")
  t.eq(r.values, { web1 = 2, web2 = 4 })
  t.eq(run_task("measure", { factor = 10 }, { hosts = "web3" }).values, { web3 = 30 })
  t.eq(results_of("measure").values, { web3 = 30 })
  t.contains(t.raises(run_task, "measrue").message, 'did you mean "measure"')
  t.contains(t.raises(run_task, "measure", { fcator = 1 }).message, 'it has no argument "fcator" (did you mean "factor"?)')
  t.contains(t.raises(run_task, "measure", { factor = true }).message, "factor: true is not a number")
  t.contains(t.raises(run_task, "measure", {}, { hosts = "@none" }).message, "none")
end)

t.case("what a called task needs runs as well", function()
  local log = {}
  task("first", function() log[#log + 1] = "first" end)
  task("last", { hosts = "web1" }, function() log[#log + 1] = "last" end)
  task("middle", { hosts = "web1", needs = "first", post = { "last" } }, function(h) log[#log + 1] = "middle on " .. h.name end)
  t.eq(run_task("middle").ok, { "web1" })
  t.eq(log, { "first", "middle on web1", "last" })
  task("broken", function() error("no") end)
  task("builds", { hosts = "web1", needs = { "broken" } }, function() log[#log + 1] = "never" end)
  t.contains(t.raises(run_task, "builds").message, "no")
  local r = run_task("builds", {}, { all = true })
  t.eq(r.failed, { "local" })
  t.eq(r.skipped, { "web1" })
  t.eq(#log, 3)
end)

t.case("a task that runs itself is stopped", function()
  task("itself", function() run_task("itself") end)
  t.contains(t.raises(run_task, "itself").message, "does one of them run itself?")
end)

t.case("needs with arguments are planned once for each set of them", function()
  local got = {}
  task("load", { args = { what = { default = "all" }, size = { type = "size", default = 0 } } }, function(_, a)
    got[#got + 1] = a.what .. ":" .. a.size
  end)
  task("both", { needs = {
    "load", { task = "load", args = { what = "a", size = "2K" } }, { task = "load", args = { what = "a", size = 2048 } }, { task = "load" },
  } }, function() end)
  run_task("both")
  t.eq(got, { "all:0", "a:2048" })
  task("wrong", { needs = { { task = "load", args = { waht = 1 } } } }, function() end)
  t.contains(t.raises(run_task, "wrong").message, 'did you mean "what"')
  t.contains(t.raises(task, "bad", { needs = { { tsak = "load" } } }, print).message, 'unknown key "tsak"')
end)

t.case("keep_going leaves a failed host in", function()
  local log = {}
  task("careless", { hosts = "web1, web2", keep_going = true }, function(h) assert(h.name == "web1", "no") end)
  task("go_on", { hosts = "web1, web2", needs = { "careless" }, forks = 1 }, function(h) log[#log + 1] = h.name end)
  local r = run_task("go_on", {}, { all = true })
  t.eq(log, { "web1", "web2" })
  t.eq(r.failed, { "web2" })
end)

t.case("free: no host waits for another one", function()
  local log = {}
  task("one", { hosts = "web1, web2" }, function(h)
    if h.name == "web1" then wait_for({ interval = "1ms" }, function() return log.web2 end) end
  end)
  task("two", { hosts = "web1, web2", needs = { "one" }, strategy = "free" }, function(h) log[h.name] = true end)
  t.eq(#run_task("two").ok, 2)
end)

t.case("a limit of a task is shared with limit()", function()
  local inside, most = 0, 0
  local function work(h)
    inside = inside + 1
    most = math.max(most, inside)
    h:run("true", { hide = true })
    inside = inside - 1
  end
  task("careful", { hosts = "web[1-5]", limit = { "shared", 1 } }, work)
  task("mixed", { hosts = "web[1-5]", needs = { "careful" }, strategy = "free" }, function(h) lock("shared", function() work(h) end) end)
  t.eq(#run_task("mixed").ok, 5)
  t.eq(most, 1)
  t.contains(t.raises(task, "wrong limit", { limit = { "x", 0 } }, print).message, "at least one host at once")
end)

t.case("run_once counts for all hosts, whatever the strategy", function()
  for _, strategy in ipairs { "linear", "free" } do
    local ran, after = 0, 0
    task("single_" .. strategy, { hosts = "web[1-5]", run_once = true }, function() ran = ran + 1 end)
    task("rest_" .. strategy, { hosts = "web[1-5]", needs = { "single_" .. strategy }, strategy = strategy, rolling = { 1, 2 } }, function()
      after = after + 1
    end)
    t.eq(#run_task("rest_" .. strategy).ok, 5)
    t.eq(ran, 1)
    t.eq(after, 5)
  end
end)

t.case("a host begins with the first task that is for it", function()
  local log = {}
  task("part", { hosts = "web1, web2" }, function(h) assert(h.name ~= "web1", "no") end)
  task("whole", { hosts = "web1, web2, web3", needs = { "part" }, rolling = 3, max_fail = 0, forks = 1 }, function(h) log[#log + 1] = h.name end)
  local r = run_task("whole", {}, { all = true })
  t.eq(r.failed, { "web1" })
  t.eq(#log, #r.ok)
  assert(r.states.web3 == "skipped", tostring(r))
end)
