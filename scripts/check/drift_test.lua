local t = require "test"

local temp = fs.temp()

local check
local declare = task
function task(name, options, body)
  check = body
  return declare(name, options, body)
end
require "drift"

local function args(more)
  local a = { targets = "web1,web2,web3", file = "app.conf", reference = "", pages = "", mail_to = "" }
  for k, v in pairs(more or {}) do a[k] = v end
  return a
end

t.case("the same everywhere is fine", function()
  hosts("web1,web2,web3"):each(function(h) h:write("app.conf", "port = 80\n") end)
  check(host("local"), args())
end)

t.case("the copy of the minority has drifted", function()
  host("web2"):write("app.conf", "port = 81\n")
  t.contains(t.raises(check, host("local"), args { pages = temp }).message, "drifted: web2")
  t.contains(fs.read(fs.join(temp, "web2.html")), "<del>0</del>")
  local dry = fs.join(temp, "drift.eml")
  t.raises(check, host("local"), args { mail_to = "team@example.com", mail_from = "ops@example.com", mail_server = "localhost", mail_dry = dry })
  local m = mail.parse{ file = dry }
  t.eq({ m.subject, m.files[1].name }, { "app.conf has drifted on web2", "web2.html" })
end)

t.case("a reference decides, not the majority", function()
  local right = fs.join(temp, "right.conf")
  fs.write(right, "port = 81\n")
  t.contains(t.raises(check, host("local"), args { reference = right }).message, "drifted: web[1,3]")
end)

t.case("a host without the file has drifted", function()
  host("web2"):write("app.conf", "port = 80\n")
  host("web3"):run("rm app.conf")
  t.contains(t.raises(check, host("local"), args()).message, "drifted: web3")
end)
