local t = require "test"

local function lines(list) return table.concat(list, "\n") .. "\n" end

t.case("values, statements and comments", function()
  local text = template.render(lines {
    "upstream {{ name }} {",
    "{% for _, h in ipairs(hosts) do %}",
    "  server {{ h }}:{{ port }};",
    "{% end %}",
    "  {# nobody sees this #}",
    "}",
  }, { name = "app", hosts = { "web1", "web2" }, port = 80 })
  t.eq(text, lines { "upstream app {", "  server web1:80;", "  server web2:80;", "}" })
end)

t.case("a statement inside a line leaves the line alone", function()
  t.eq(template.render("a{% if yes then %}b{% end %}c\n", { yes = true }), "abc\n")
end)

t.case("dashes trim white space", function()
  t.eq(template.render("a  {%- if true then -%}\n  b {% end %}"), "ab ")
  t.eq(template.render("x {{- 1 -}} y"), "x1y")
end)

t.case("numbers print as Lua prints them", function()
  t.eq(template.render("{{ 0.1 + 0.2 }}"), "0.3")
end)

t.case("errors name the template's own line", function()
  local e = t.raises(template.render, "one\n{% if true then %}\n{{ missing }}\n{% end %}", {}, "app.conf")
  t.contains(tostring(e), "app.conf:3")
  t.contains(tostring(e), 'undefined variable "missing"')
  e = t.raises(template.render, "a\n\n{{ x.y }}", { x = {} }, "app.conf")
  t.contains(tostring(e), "app.conf:3")
  e = t.raises(template.render, "a\nb {{ x", {}, "app.conf")
  t.contains(tostring(e), "app.conf:2: {{ without }}")
  e = t.raises(template.render, "a\n{% for %}", {}, "app.conf")
  t.contains(tostring(e), "app.conf:2")
  e = t.raises(template.render, "{# one\ntwo #}\n{{ nope }}", {}, "app.conf")
  t.contains(tostring(e), "app.conf:3")
end)

t.case("text with quotes, backslashes and line ends stays as it is", function()
  local odd = "a \"b\" \\n \\ 'c' ]] \t \r\n\0 %d {1}\n"
  t.eq(template.render(odd), odd)
end)

t.case("gofab's own names are there, and false is a value", function()
  t.eq(template.render("{{ sh.quote('a b') }} {{ flag }}", { flag = false }), "'a b' false")
end)
