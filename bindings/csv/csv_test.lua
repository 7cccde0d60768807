local t = require "test"

t.case("quotes, separators and line ends inside a value", function()
  local rows = { { 'say "hi"', "a,b", "two\nlines", "" } }
  t.eq(csv.decode(csv.encode(rows)), rows)
end)

t.case("a byte order mark and CR LF are no part of the values", function()
  t.eq(csv.decode("\239\187\191name,port\r\nweb1,80\r\n", { header = true }), { { name = "web1", port = "80" } })
end)

t.case("no text is no rows", function()
  t.eq(csv.decode(""), {})
  t.eq(csv.decode("a,b\n", { header = true }), {})
end)

t.case("other separators and comments", function()
  t.eq(csv.decode("# list\na;b\n", { separator = ";", comment = "#" }), { { "a", "b" } })
  t.eq(csv.encode({ { "a", "b" } }, { separator = "\t" }), "a\tb\n")
  t.raises(csv.decode, "a", { separator = "::" })
end)

t.case("rows of different length", function()
  t.eq(t.raises(csv.decode, "a,b\nc\n").kind, "parse")
  t.eq(csv.decode("a,b\nc\n", { ragged = true }), { { "a", "b" }, { "c" } })
end)

t.case("a quote that never ends names its line", function()
  local e = t.raises(csv.decode, 'a,b\n"c,d\n')
  t.eq(e.kind, "parse")
  t.match(e.message, "line 2|line 3")
end)

t.case("a column that a row lacks is empty", function()
  t.eq(csv.encode({ { a = 1 }, { b = 2 } }, { columns = { "a", "b" } }), "a,b\n1,\n,2\n")
end)

t.case("lines end as asked for", function()
  t.eq(csv.encode({ { 1 }, { 2 } }, { crlf = true }), "1\r\n2\r\n")
end)
