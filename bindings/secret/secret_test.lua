local t = require "test"

local pw = secret.new("correct horse battery")

t.case("a secret shows nothing of itself", function()
  t.eq(tostring(pw), "***")
  t.eq(("%s"):format(pw), "***")
  t.eq(pw:reveal(), "correct horse battery")
end)

t.case("no data format gives it away", function()
  for _, encode in ipairs { json.encode, yaml.encode, toml.encode } do
    local text = try(encode, { password = pw })
    t.ok(text == nil or not text:find("horse", 1, true))
  end
end)

t.case("a command takes it as standard input", function()
  t.eq(proc.run("wc -c", { stdin = pw, hide = true }).stdout:match("%d+"), "21")
end)

t.case("from a file, without the line end", function()
  local file = fs.join(fs.temp(), "password")
  fs.write(file, "open sesame\n")
  t.eq(secret.file(file):reveal(), "open sesame")
  t.eq(t.raises(secret.file, file .. ".none").kind, "notfound")
end)

t.case("from the environment; unset is an error", function()
  env.set("GOFAB_LUA_SECRET", "hidden value")
  t.eq(secret.env("GOFAB_LUA_SECRET"):reveal(), "hidden value")
  t.contains(t.raises(secret.env, "GOFAB_LUA_NO_SECRET").message, "GOFAB_LUA_NO_SECRET")
end)
