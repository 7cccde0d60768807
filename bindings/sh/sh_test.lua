local t = require "test"

t.case("the shell takes a quoted value as it is", function()
  for _, text in ipairs { "", "plain", "it's", "$HOME `id`", "a\nb", "-n", "*", "\\", "é", "'''", "!x", "~" } do
    t.eq(proc.run("printf %s " .. sh.quote(text), { hide = true }).stdout, text)
  end
end)

t.case("words of a list stay apart", function()
  local r = proc.run(sh.join { "printf", "<%s>", "a b", "", "c" }, { hide = true })
  t.eq(r.stdout, "<a b><><c>")
  t.eq(sh.join {}, "")
end)

t.case("a NUL byte cannot be said to a shell", function()
  t.eq(t.raises(sh.quote, "a\0b").kind, "usage")
end)
