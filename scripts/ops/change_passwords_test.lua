local t = require "test"

local change
local declare = task
function task(name, options, body)
  change = body
  return declare(name, options, body)
end
require "change_passwords"

local function args(file, more)
  local a = { targets = "web1,web2", user = "deploy", command = "", into = fs.join(fs.temp(), file), rehearse = false }
  for k, v in pairs(more or {}) do a[k] = v end
  return a
end

t.case("every host gets a password of its own, in a file for you alone", function()
  local a = args("new.csv", { rehearse = true })
  change(host("local"), a)
  local rows = csv.decode(fs.read(a.into), { header = true })
  t.eq(#rows, 2)
  t.eq(rows[1].host .. rows[1].state .. rows[2].state, "web1changedchanged")
  t.eq(#rows[1].password, 20)
  assert(rows[1].password ~= rows[2].password)
  t.contains(host("local"):run({ "ls", "-l", a.into }).stdout, "-rw-------")
  t.contains(t.raises(change, host("local"), a).message, "is there already")
end)

t.case("a host that refuses is named, and its password is kept", function()
  local a = args("refused.csv", { command = "[ -e refuse ] && { echo 'passwd: Authentication token manipulation failure'; exit 10; }; " ..
    "stty -echo; printf 'New password: '; read a; echo; echo 'password updated successfully'" })
  host("web2"):write("refuse", "")
  t.contains(t.raises(change, host("local"), a).message, "some hosts kept their password")
  local rows = csv.decode(fs.read(a.into), { header = true })
  t.eq(rows[1].state .. " " .. rows[2].state, "changed refused")
end)
