local t = require "test"

t.case("an empty list stays a list, an empty object an object", function()
  t.eq(json.encode(json.decode('{"a":[],"b":{}}')), '{"a":[],"b":{}}')
end)

t.case("null is kept in a list and absent as a member", function()
  local v = json.decode('{"list":[1,null,3],"gone":null}')
  t.eq(#v.list, 3)
  t.ok(v.list[2] == json.null)
  t.eq(v.gone, nil)
  t.eq(json.encode(v.list), "[1,null,3]")
end)

t.case("whole numbers that a Lua number cannot hold are strings", function()
  t.eq(json.decode("9007199254740992"), 9007199254740992)
  t.eq(json.decode("9007199254740993"), "9007199254740993")
  t.eq(json.decode("-12345678901234567890"), "-12345678901234567890")
end)

t.case("whole numbers are written without a point", function()
  t.eq(json.encode { 1, 1.5, -0.25, 1e15 }, "[1,1.5,-0.25,1000000000000000]")
end)

t.case("characters of any script survive", function()
  local text = 'quote " backslash \\ tab \t é 漢 \240\159\152\128'
  t.eq(json.decode(json.encode(text)), text)
  t.eq(json.decode([["\u00e9\ud83d\ude00"]]), "é\240\159\152\128")
end)

t.case("scalars are texts of their own", function()
  t.eq(json.decode(" true "), true)
  t.eq(json.decode('""'), "")
  t.eq(json.encode("x"), '"x"')
end)

t.case("errors are of the kind parse and name the place", function()
  for _, text in ipairs { "", "{", "[1,]", '{"a":1,}', "nul", "1 2", "'a'" } do
    local e = t.raises(json.decode, text)
    t.eq(e.kind, "parse", text)
  end
  t.match(t.raises(json.decode, '{\n"a": 1\n"b": 2}').message, "line 3|3:")
end)

t.case("what JSON cannot say is refused", function()
  t.raises(json.encode, { print })
  t.raises(json.encode, { 1 / 0 })
  t.raises(json.encode, { 0 / 0 })
  local loop = {}
  loop.self = loop
  t.raises(json.encode, loop)
end)

t.case("deep nesting is an error, not a crash", function()
  t.raises(json.decode, ("["):rep(200000))
end)
