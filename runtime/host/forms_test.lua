local t = require "test"

-- The forms in which people write arguments, and what they are told when a form is wrong.

local h = host("web1")

t.case("a forward takes ports as numbers", function()
  h:forward({ listen = 0, to = "127.0.0.1:9" }, function(f) t.contains(f.address, "127.0.0.1:") end)
  h:forward({ remote = 0, to = "127.0.0.1:9" }, function(f) t.contains(f.address, "127.0.0.1:") end)
  t.contains(t.raises(h.forward, h, { listen = 70000, to = "127.0.0.1:9" }).message, "a port is a whole number from 0 to 65535, not 70000")
  t.contains(t.raises(h.forward, h, { socks = true }).message, "want host:port, a port or the path of a socket, got true")
end)

t.case("one prefix needs no list", function()
  local scope = h:with { prefix = "A=1", hide = true }
  t.eq(scope:run("echo $A").stdout, "1\n")
  t.eq(scope:with({ prefix = { "B=$A", "C=3" } }):run("echo $B$C").stdout, "13\n")
  t.contains(t.raises(h.with, h, { prefix = 5 }).message, "want a line or a list of lines, got 5")
end)

t.case("numbers are arguments of commands", function()
  t.eq(h:run({ "echo", 8080, -1, 0.5, 1e15 }, { hide = true }).stdout, "8080 -1 0.5 1000000000000000\n")
  t.eq(proc.run({ "echo", 8080 }, { hide = true }).stdout, "8080\n")
  t.contains(t.raises(h.run, h, { "echo", true }).message, "argument 2: want string or number, got true")
end)

t.case("put without a target goes into the working directory", function()
  local up = fs.temp() .. "/up"
  fs.write(up .. "/one.txt", "1")
  h:run("mkdir -p deep")
  h:put(up .. "/one.txt")
  t.eq(h:read("one.txt"), "1")
  h:with({ cwd = "deep" }):put(up)
  t.eq(h:read("deep/up/one.txt"), "1")
  local files = ssh.connect("web2"):sftp()
  files:put(up .. "/one.txt")
  t.eq(host("web2"):read("one.txt"), "1")
  t.contains(t.raises(h.put, h, { content = "x" }).message, "content needs the name of a file")
end)

t.case("signals", function()
  local p = h:start("sleep 1000", { hide = true, check = false })
  t.contains(t.raises(p.kill, p, "FOO").message, '"FOO" is not the name of a signal')
  p:kill("sigterm")
  t.eq(p:wait().code, 143)
end)

t.case("less than one host at once", function()
  local g = hosts("web[1-2]")
  t.contains(t.raises(g.run, g, "true", { forks = -1 }).message, "at least one host at once, not -1")
end)

t.case("hosts that failed alike are told together", function()
  local g = hosts("web[1-5]")
  local e = t.raises(g.run, g, "exit 3", { hide = true })
  t.contains(e.message, "5 of 5 hosts failed: ")
  t.contains(e.message, "web[1-5]: command exited with 3")
  e = t.raises(g.each, g, { rolling = 2, gate = function() return false, "bad weather" end, rollback = function() end }, function() end)
  local _, count = e.message:gsub("bad weather", "")
  t.eq(count, 1, e.message)
  t.contains(e.message, "3 were left out")
end)

t.case("a result prints as its output", function()
  local r = h:run("echo one; echo two", { hide = true })
  t.eq(tostring(r), "one\ntwo")
  t.eq(json.decode(json.encode(r)).stdout, "one\ntwo\n")
  r.stdout = "mine"
  t.eq(tostring(r), "mine")
end)
