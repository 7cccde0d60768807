local t = require "test"

t.case("dates and versions stay as they are written", function()
  local v = yaml.decode("day: 2026-01-02\nversion: '1.10'\n")
  t.eq(v.day, "2026-01-02")
  t.eq(v.version, "1.10")
end)

t.case("words of YAML 1.1 are no booleans", function()
  local v = yaml.decode("country: no\nswitch: on\nyes: 1\nflag: true\n")
  t.eq(v.country, "no")
  t.eq(v.switch, "on")
  t.eq(v.yes, 1)
  t.eq(v.flag, true)
end)

t.case("what is written is read back equal", function()
  local v = {
    text = "a: b # c", lines = "one\ntwo\n", empty = "", number = "12", truth = "true", null = "null",
    list = { 1, "2", false }, nested = { deep = { "x" } },
  }
  t.eq(yaml.decode(yaml.encode(v)), v)
end)

t.case("anchors and merges", function()
  local v = yaml.decode("base: &b { port: 80, user: www }\nweb:\n  <<: *b\n  port: 8080\n")
  t.eq(v.web, { port = 8080, user = "www" })
end)

t.case("several documents", function()
  t.eq(yaml.decode_all("a: 1\n---\n- x\n"), { { a = 1 }, { "x" } })
  t.eq(#yaml.decode_all(""), 0)
  t.raises(yaml.decode, "a: 1\n---\na: 2\n")
end)

t.case("errors are of the kind parse and name the line", function()
  local e = t.raises(yaml.decode, "a: 1\nb: [1, 2\n")
  t.eq(e.kind, "parse")
  t.contains(e.message, "line 2:")
  t.eq(t.raises(yaml.decode, "a:\n\t- 1\n").kind, "parse")
end)

t.case("aliases cannot fill the memory", function()
  local lines = { "a0: &a0 [x, x, x, x, x, x, x, x, x]" }
  for i = 1, 9 do
    lines[#lines + 1] = ("a%d: &a%d [%s]"):format(i, i, ("*a" .. i - 1 .. ", "):rep(9):sub(1, -3))
  end
  t.raises(yaml.decode, table.concat(lines, "\n"))
end)
