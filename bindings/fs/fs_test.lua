local t = require "test"

local function at(name) return fs.join(fs.temp(), name) end

t.case("every byte survives", function()
  local bytes = {}
  for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
  local file, all = at "bytes", table.concat(bytes)
  fs.write(file, all)
  t.eq(fs.read(file), all)
  t.eq(fs.stat(file).size, 256)
end)

t.case("writing keeps the mode of the old file and makes folders", function()
  local file = at "a/b/app.conf"
  fs.write(file, "1", { mode = "0600" })
  fs.write(file, "2")
  t.eq(fs.stat(file).mode, "0600")
  t.eq(fs.list(fs.dirname(file)), { "app.conf" }, "nothing is left beside it")
end)

t.case("writing through a link changes what it points to", function()
  local dir = fs.temp()
  fs.write(fs.join(dir, "real"), "old")
  fs.symlink("real", fs.join(dir, "link"))
  fs.write(fs.join(dir, "link"), "new")
  t.eq(fs.read(fs.join(dir, "real")), "new")
  t.eq(fs.readlink(fs.join(dir, "link")), "real")
end)

t.case("lines with any ends, the last one too", function()
  local file, found = at "lines", {}
  fs.write(file, "one\r\n\nthree")
  for line in fs.lines(file) do found[#found + 1] = line end
  t.eq(found, { "one", "", "three" })
end)

t.case("a loop over lines may be left early", function()
  local file = at "long"
  fs.write(file, ("x\n"):rep(100))
  for _ in fs.lines(file) do break end
  t.ok(fs.remove(file))
end)

t.case("what is missing is of the kind notfound and named", function()
  local file = at "missing"
  for _, f in ipairs { fs.read, fs.list, fs.hash, fs.readlink, fs.lines } do
    local e = t.raises(f, file)
    t.eq(e.kind, "notfound")
    t.contains(e.message, "missing")
  end
  t.eq(fs.stat(file), nil)
  t.eq(fs.exists(file), false)
  t.eq(fs.remove(file), false)
end)

t.case("a folder is no file", function()
  local dir = fs.temp()
  t.raises(fs.read, dir)
  t.raises(fs.write, dir, "x")
  t.raises(fs.append, dir, "x")
end)

t.case("a folder that holds something is not removed by mistake", function()
  local dir = at "tree"
  fs.write(fs.join(dir, "file"), "")
  t.raises(fs.remove, dir)
  t.ok(fs.exists(fs.join(dir, "file")))
  t.ok(fs.remove(dir, { recursive = true }))
  t.ok(not fs.exists(dir))
end)

t.case("removing a link leaves what it points to", function()
  local dir = fs.temp()
  fs.write(fs.join(dir, "kept/file"), "x")
  fs.symlink("kept", fs.join(dir, "link"))
  fs.remove(fs.join(dir, "link"), { recursive = true })
  t.eq(fs.read(fs.join(dir, "kept/file")), "x")
end)

t.case("a broken link is there as a link, and not as a file", function()
  local dir = fs.temp()
  fs.symlink("nowhere", fs.join(dir, "broken"))
  t.eq(fs.list(dir), { "broken" })
  t.eq(fs.stat(fs.join(dir, "broken")), nil)
  for entry in fs.walk(dir) do
    if entry.name == "broken" then t.eq(entry.type, "symlink") end
  end
end)

t.case("patterns", function()
  local dir = fs.temp()
  for _, name in ipairs { "a.lua", "sub/b.lua", "sub/deep/c.lua", "sub/d.txt" } do fs.write(fs.join(dir, name), "") end
  t.eq(#fs.glob(fs.join(dir, "**/*.lua")), 3)
  t.eq(#fs.glob(fs.join(dir, "*.lua")), 1)
  t.eq(#fs.glob(fs.join(dir, "sub/*.{lua,txt}")), 2)
  t.eq(fs.glob(fs.join(dir, "*.none")), {})
  t.raises(fs.glob, "[a")
end)

t.case("walking goes through folders before what is in them", function()
  local dir, seen = fs.temp(), {}
  fs.write(fs.join(dir, "b/file"), "")
  fs.write(fs.join(dir, "a"), "")
  for entry in fs.walk(dir) do
    if entry.path ~= dir then seen[#seen + 1] = entry.path:sub(#dir + 2) end
  end
  t.eq(seen, { "a", "b", "b/file" })
end)

t.case("moving does not overwrite unless asked to", function()
  local dir = fs.temp()
  local from, to = fs.join(dir, "from"), fs.join(dir, "to")
  fs.write(from, "new")
  fs.write(to, "old")
  t.eq(t.raises(fs.move, from, to).kind, "exists")
  t.eq(fs.read(to), "old")
  fs.move(from, to, { overwrite = true })
  t.eq(fs.read(to), "new")
  t.ok(not fs.exists(from))
end)

t.case("copying keeps modes and links", function()
  local dir = fs.temp()
  fs.write(fs.join(dir, "from/run"), "x", { mode = "0750" })
  fs.symlink("run", fs.join(dir, "from/link"))
  fs.copy(fs.join(dir, "from"), fs.join(dir, "to"))
  t.eq(fs.stat(fs.join(dir, "to/run")).mode, "0750")
  t.eq(fs.readlink(fs.join(dir, "to/link")), "run")
end)

t.case("a mode is octal text", function()
  local file = at "mode"
  for _, bad in ipairs { "rwx", "0999", "-1", "99999" } do
    t.raises(fs.write, file, "x", { mode = bad })
    t.ok(not fs.exists(file), "nothing is written with mode " .. bad)
  end
end)

t.case("checksums of the standards", function()
  local file = at "empty"
  fs.write(file, "")
  t.eq(fs.hash(file), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  t.eq(fs.hash(file, { algorithm = "md5" }), "d41d8cd98f00b204e9800998ecf8427e")
  t.contains(t.raises(fs.hash, file, { algorithm = "crc" }).message, "crc")
end)

t.case("parts of paths", function()
  t.eq(fs.join("a", "/b"), "a/b")
  t.eq(fs.join(), "")
  t.eq(fs.basename("/"), "/")
  t.eq(fs.dirname("file"), ".")
end)
