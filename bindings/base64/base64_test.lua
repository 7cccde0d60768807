local t = require "test"

t.case("the test vectors of RFC 4648", function()
  local vectors = { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", foobar = "Zm9vYmFy" }
  for text, code in pairs(vectors) do
    t.eq(base64.encode(text), code)
    t.eq(base64.decode(code), text)
  end
end)

t.case("every byte", function()
  local all = {}
  for i = 0, 255 do all[i + 1] = string.char(i) end
  local text = table.concat(all)
  t.eq(base64.decode(base64.encode(text)), text)
end)

t.case("what is no base64", function()
  for _, bad in ipairs { "Z", "Zg==x", "Zm9v!" } do t.eq(t.raises(base64.decode, bad).kind, "parse", bad) end
end)
