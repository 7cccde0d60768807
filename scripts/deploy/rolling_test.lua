local t = require "test"

require "rolling"

local web = hosts("@web")

local function versions()
  local seen = {}
  for _, same in ipairs(web:run("cat srv/shop/current/VERSION 2>/dev/null || echo none", { hide = true }):fold()) do
    seen[same.output] = same.names
  end
  return seen
end

local function release(version, all) return run_task("release", { version = version, watch = 0 }, { all = all }) end

t.case("all hosts get a healthy version", function()
  t.eq(#release("1").ok, 12)
  t.eq(versions(), { ["1"] = "web[01-12]" })
  t.eq(web:read("srv/shop/balancer"):fold()[1].output, "in")
end)

t.case("a batch that is not healthy goes back, and nobody else gets the version", function()
  for _, name in ipairs { "web01", "web02", "web03" } do host(name):write("srv/shop/releases/2/errors", "0\n") end
  host("web05"):write("srv/shop/releases/2/errors", "7\n") -- in the third batch
  local r = release("2", true)
  t.eq(versions(), { ["2"] = "web[01-02]", ["1"] = "web[03-12]" })
  t.eq(r.ok, { "web01", "web02" })
  t.eq(#r.failed, 6)
  t.eq(#r.skipped, 4)
  t.contains(tostring(r.stopped), "web05 has 7 errors, more than 0")
  t.eq(web:read("srv/shop/balancer"):fold()[1].output, "in")
end)

t.case("a canary that is not healthy goes back alone", function()
  host("web01"):write("srv/shop/releases/3/errors", "1\n")
  local r = release("3", true)
  t.eq(tostring(r), "12 hosts: 1 failed, 11 skipped")
  t.eq(versions()["3"], nil)
  t.eq(#release("4").ok, 12)
  t.eq(versions(), { ["4"] = "web[01-12]" })
end)
