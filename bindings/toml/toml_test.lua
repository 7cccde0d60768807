local t = require "test"

t.case("tables, lists of tables and kinds of strings", function()
  local v = toml.decode([==[
title = 'C:\raw'
[owner]
name = "line\nbreak"
[[host]]
name = "web1"
ports = [80, 443]
[[host]]
name = "web2"
]==])
  t.eq(v.title, [[C:\raw]])
  t.eq(v.owner.name, "line\nbreak")
  t.eq(v.host[1].ports, { 80, 443 })
  t.eq(v.host[2].name, "web2")
end)

t.case("dates are strings as written", function()
  local v = toml.decode("day = 2026-01-02\nat = 2026-01-02T03:04:05Z\n")
  t.eq(v.day, "2026-01-02")
  t.eq(v.at, "2026-01-02T03:04:05Z")
end)

t.case("what is written is read back equal", function()
  local v = { name = "it's \"q\"", n = 1, f = 1.5, yes = true, list = { 1, 2 }, sub = { key = "v" } }
  t.eq(toml.decode(toml.encode(v)), v)
end)

t.case("errors are of the kind parse and name the line", function()
  local e = t.raises(toml.decode, "a = 1\nb = \n")
  t.eq(e.kind, "parse")
  t.match(e.message, "line 2|2:")
  t.eq(t.raises(toml.decode, "a = 1\na = 2\n").kind, "parse")
end)

t.case("a document is a table of names", function()
  t.raises(toml.encode, "text")
  t.raises(toml.encode, { f = print })
end)
