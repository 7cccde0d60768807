local t = require "test"

-- How groups go through their hosts: the options that tasks have as well.

local web = hosts("web[1-6]")

local function begun(options, body)
  local order = {}
  options.forks, options.all = options.forks or 1, true
  local r = web:each(options, function(h)
    order[#order + 1] = h.name
    if body then return body(h) end
  end)
  return table.concat(order, " "), r
end

local function fails(...)
  local names = { ... }
  return function(h)
    for _, name in ipairs(names) do assert(h.name ~= name, "no luck") end
  end
end

t.case("orders", function()
  t.eq((begun {}), "web1 web2 web3 web4 web5 web6")
  t.eq((begun { order = "reverse" }), "web6 web5 web4 web3 web2 web1")
  local order, r = begun { order = "random" }
  t.eq(#order, #"web1 web2 web3 web4 web5 web6")
  t.eq(r:list()[1].name, "web1", "results keep the order of the inventory")
  local names = {}
  hosts("web10, web9, web1"):each({ order = "sorted", forks = 1 }, function(h) names[#names + 1] = h.name end)
  t.eq(names, { "web1", "web9", "web10" })
end)

t.case("batches end before the next one begins", function()
  local seen, done = {}, 0
  web:each({ rolling = { 1, "50%" }, gate = function(b)
    seen[#seen + 1] = { b.number, b.total, tostring(b.hosts), #b.ok, b.left, done }
  end }, function() done = done + 1 end)
  t.eq(seen, { { 1, 3, "web1", 1, 5, 1 }, { 2, 3, "web[2-4]", 3, 2, 4 }, { 3, 3, "web[5-6]", 2, 0, 6 } })
end)

t.case("one size may stand alone", function()
  local batches = 0
  web:each({ rolling = "50%", gate = function() batches = batches + 1 end }, function() end)
  t.eq(batches, 2)
end)

t.case("a closed gate leaves the rest out", function()
  local order, r = begun { rolling = 2, gate = function(b) return b.number < 2, "too slow" end }
  t.eq(order, "web1 web2 web3 web4")
  t.eq(tostring(r), "6 hosts: 4 ok, 2 skipped")
  t.eq(r.skipped, { "web5", "web6" })
  t.eq(r.errors.web5.kind, "skipped")
  t.eq(r.errors.web5.message, "left out: the gate after batch 2 of 3 is closed: too slow")
  t.contains(r.stopped.where, "fan_test.lua:")
  local e = t.raises(web.each, web, { rolling = 2, gate = function() return false end }, function() end)
  t.contains(e.message, "the gate after batch 1 of 3 is closed")
  t.eq(tostring(e.result), "6 hosts: 2 ok, 4 skipped")
end)

t.case("an error in a gate closes it", function()
  local _, r = begun { rolling = 3, gate = function() error { kind = "denied", message = "no access to the graphs" } end }
  t.eq(tostring(r), "6 hosts: 3 ok, 3 skipped")
  t.contains(r.stopped.message, "the gate after batch 1 of 2 is closed")
  t.contains(tostring(r.stopped), "no access to the graphs")
end)

t.case("a gate that says nothing is open", function()
  local order = begun { rolling = 3, gate = function() end }
  t.eq(order, "web1 web2 web3 web4 web5 web6")
end)

t.case("a rollback without a gate is a mistake", function()
  t.contains(t.raises(web.each, web, { rollback = print }, print).message, "there is no gate")
  t.contains(t.raises(task, "x", { hosts = "web1", rollback = print }, print).message, "there is no gate")
end)

t.case("rollback undoes the batch, whose hosts are not well then", function()
  local undone, why
  local _, r = begun { rolling = { 1, 2 }, gate = function(b) return b.number == 1, "errors" end,
    rollback = function(b, reason) undone, why = b.hosts.names, reason end }
  t.eq(undone, { "web2", "web3" })
  t.eq(why, "errors")
  t.eq(tostring(r), "6 hosts: 1 ok, 2 failed, 3 skipped")
  t.contains(r.errors.web2.message, "rolled back: the gate after batch 2 of 4 is closed")
  _, r = begun { rolling = 3, gate = function() return false end, rollback = function() error("no way back") end }
  t.contains(r.errors.web1.message, "the rollback failed as well")
  t.contains(tostring(r.stopped), "no way back")
end)

t.case("max_fail counts over all batches", function()
  local order, r = begun({ rolling = { 1, 2 }, max_fail = 1 }, fails("web1", "web3"))
  t.eq(order, "web1 web2 web3")
  t.eq(tostring(r), "6 hosts: 1 ok, 2 failed, 3 skipped")
  t.eq(r.errors.web6.message, "left out: 2 failed, and max_fail is 1")
  order = begun({ max_fail = "34%" }, fails("web1", "web2"))
  t.eq(order, "web1 web2 web3 web4 web5 web6", "two of six are 33 %")
  order = begun({ max_fail = "33%" }, fails("web1", "web2"))
  t.eq(order, "web1 web2")
  order = begun({ max_fail = 0 }, fails("web4"))
  t.eq(order, "web1 web2 web3 web4")
end)

t.case("what was begun is finished", function()
  local first, rest = false, 0
  local r = web:each({ forks = 3, max_fail = 0, all = true }, function(h)
    if h.name == "web1" then first = true error("no luck") end
    wait_for({ interval = "1ms" }, function() return first end)
    rest = rest + 1
  end)
  t.eq(#r.ok, rest)
  t.eq(#r.failed, 1)
  t.eq(#r.ok + #r.failed + #r.skipped, 6)
end)

t.case("a batch in which nothing went well stops the rest", function()
  local order, r = begun({ rolling = { 1, "50%" } }, fails("web1"))
  t.eq(order, "web1")
  t.eq(r.stopped.message, "nothing in batch 1 of 3 went well")
  order = begun({ rolling = { 1, "50%" }, max_fail = 1 }, fails("web1"))
  t.eq(order, "web1 web2 web3 web4 web5 web6", "unless failures are allowed for")
  order = begun({ rolling = { 2 } }, fails("web1"))
  t.eq(order, "web1 web2 web3 web4 web5 web6")
end)

t.case("serial stops at the first failure", function()
  local order, r = begun({ serial = true }, fails("web2"))
  t.eq(order, "web1 web2")
  t.eq(r.skipped, { "web3", "web4", "web5", "web6" })
end)

t.case("commands and files have batches as well", function()
  local gates = 0
  local o = { rolling = 3, gate = function() gates = gates + 1 end, hide = true }
  web:run("true", o)
  t.eq(gates, 2)
  local file = fs.join(fs.temp(), "f")
  fs.write(file, "text")
  web:put(file, "f", { rolling = 3, gate = o.gate })
  t.eq(gates, 4)
  t.eq(web:read("f", { rolling = 2, gate = o.gate }).values.web6, "text")
  t.eq(gates, 7)
  t.contains(t.raises(web.get, web, "f", "here").message, "would overwrite each other")
  local dir = fs.temp()
  web:get("f", fs.join(dir, "{host}-f"))
  t.eq(fs.read(fs.join(dir, "web6-f")), "text")
  t.eq(web:exists("f").values.web3, true)
  t.eq(web:write("g", "x", { all = true, max_fail = 0 }):hosts("ok").names, web.names)
end)

t.case("results can be listed, chosen from and raised", function()
  local r = web:each({ all = true }, function(h)
    if h.name == "web2" then error { kind = "timeout", message = "too slow" } end
    if h.name == "web3" then error { kind = "skipped", message = "nothing to do" } end
    return #h.name
  end)
  t.eq(tostring(r), "6 hosts: 4 ok, 1 timeout, 1 skipped")
  t.eq(#r, 6)
  t.eq(r.timeout, { "web2" })
  t.eq(r.failed, { "web2" })
  t.eq(r.skipped, { "web3" })
  t.eq(r.cancelled, {})
  t.eq(r.unknown, {})
  local a = r:list()
  t.eq(#a, 6)
  t.eq(a[1].value, 4)
  t.eq(a[1].state, "ok")
  t.eq(a[1].error, nil)
  t.eq(a[2].error.message, "too slow")
  t.eq(a[2].host:run("echo here", { hide = true }).stdout, "here\n")
  t.eq(r:hosts("ok").names, { "web1", "web4", "web5", "web6" })
  t.eq(r:hosts({ "timeout", "skipped" }).names, { "web2", "web3" })
  t.contains(t.raises(r.hosts, r, "good").message, '"good" is not a state')
  t.contains(t.raises(r.raise, r).message, "1 of 6 hosts failed: " .. r.errors.web2.where .. ": web2: too slow")
  t.eq(#r:hosts("ok"):run("true", { hide = true }):raise().ok, 4)
end)

t.case("a body may leave its host out", function()
  local r = web:each(function(h) if h.name ~= "web1" then error { kind = "skipped", message = "not needed" } end end)
  t.eq(tostring(r), "6 hosts: 1 ok, 5 skipped")
end)

t.case("a limit for each host", function()
  local r = web:each({ timeout = "20ms", all = true }, function(h)
    if h.name == "web2" then wait_for({ interval = "1ms" }, function() end) end
  end)
  t.eq(r.timeout, { "web2" })
  t.contains(r.errors.web2.message, "it took longer than 20ms")
end)
