local t = require "test"

-- The tasks of the example are run through their own functions, on sandbox
-- hosts, in the order in which somebody would type them.
local run = {}
local declare = task
function task(name, options, body)
  run[name] = body
  return declare(name, options, body)
end
require "app"

local function each(name, args) hosts("@web"):each(function(h) run[name](h, args) end) end

local function current() return host("web1"):run("readlink srv/hello/current", { hide = true }).stdout:match("%S+") end

t.case("three releases and the way back", function()
  for _, version in ipairs { "1", "2", "3" } do
    run.build(host("local"), { version = version })
    each("deploy", { version = version })
    each("check", {})
    t.eq(current(), "releases/" .. version)
  end
  each("rollback", {})
  t.eq(current(), "releases/2")
  each("rollback", {})
  t.eq(current(), "releases/1")
  t.contains(t.raises(each, "rollback", {}).message, "there is no release before 1")
  t.eq(current(), "releases/1")
end)

t.case("old releases are removed, the newest five stay", function()
  for version = 4, 9 do
    run.build(host("local"), { version = tostring(version) })
    each("deploy", { version = tostring(version) })
  end
  t.eq(host("web1"):run("ls srv/hello/releases", { hide = true }).stdout, "5\n6\n7\n8\n9\n")
end)
