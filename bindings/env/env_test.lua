local t = require "test"

t.case("a variable that is set reaches commands and os.getenv", function()
  env.set("GOFAB_LUA_TEST", "it's\nset")
  t.eq(os.getenv("GOFAB_LUA_TEST"), "it's\nset")
  t.eq(proc.run('printf %s "$GOFAB_LUA_TEST"', { hide = true }).stdout, "it's\nset")
  t.eq(env.all().GOFAB_LUA_TEST, "it's\nset")
end)

t.case("empty is set, but not enough where it is needed", function()
  env.set("GOFAB_LUA_EMPTY", "")
  t.eq(env.get("GOFAB_LUA_EMPTY", "default"), "")
  t.eq(t.raises(env.need, "GOFAB_LUA_EMPTY").kind, "notfound")
end)

t.case("what is not set", function()
  t.eq(env.get("GOFAB_NOT_SET"), nil)
  t.contains(t.raises(env.need, "GOFAB_NOT_SET").message, "GOFAB_NOT_SET")
end)

t.case("names that no system takes", function()
  t.raises(env.set, "", "x")
  t.raises(env.set, "A=B", "x")
  t.raises(env.set, "A", "a\0b")
end)
