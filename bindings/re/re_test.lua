local t = require "test"

t.case("places are those of string.find", function()
  local text = "é port 80"
  local m = re.match(text, [[\d+]])
  t.eq(text:sub(m.start, m.stop), "80")
end)

t.case("a match of nothing", function()
  local m = re.match("abc", "x*")
  t.eq(m[0], "")
  t.eq({ m.start, m.stop }, { 1, 0 })
  t.eq(re.match("abc", "z"), nil)
end)

t.case("a group that took no part is absent", function()
  local m = re.match("b", "(a)?(?P<letter>b)")
  t.eq(m[1], nil)
  t.eq(m.letter, "b")
end)

t.case("replacing", function()
  t.eq(re.replace("john smith", [[(?P<first>\w+) (\w+)]], "$2 ${first}"), "smith john")
  t.eq(re.replace("cost 5", [[\d]], "$$"), "cost $")
  t.eq(re.replace("abc", "", "-"), "-a-b-c-")
  t.eq(re.replace("a1", [[\d]], function(m) return "<" .. m[0] .. ">" end), "a<1>")
end)

t.case("an error of the replacing function comes through", function()
  t.contains(t.raises(re.replace, "a", "a", function() error "boom" end).message, "boom")
end)

t.case("splitting", function()
  t.eq(re.split("a,b,c", ",", { max = 2 }), { "a", "b,c" })
  t.eq(re.split("", ","), { "" })
  t.eq(re.split("a,", ","), { "a", "" })
end)

t.case("a bad pattern is an error that shows it", function()
  local e = t.raises(re.test, "a", "(")
  t.contains(e.message, "(")
  t.raises(re.test, "a", "(?=a)")
end)

t.case("quoting makes any text literal", function()
  local text = [[.*+?()[]{}^$|\ ]]
  t.ok(re.test(text, "^" .. re.quote(text) .. "$"))
end)

t.case("time is linear in the text", function()
  t.ok(not re.test(("a"):rep(50000) .. "!", "^(a|a)*$"))
end)
