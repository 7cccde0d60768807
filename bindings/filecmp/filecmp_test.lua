local t = require "test"

local temp = fs.temp()
local function at(name) return fs.join(temp, name) end

local odd = { "a", "b c", "it's", 'q"q', "new\nline", "back\\slash", "-dash", "$HOME", "*", "ünï" }

-- Two trees here, the same two on two hosts.
local function plant()
  for i, name in ipairs(odd) do
    fs.write(at("l/" .. name), "same")
    fs.write(at("r/" .. name), i % 3 == 0 and "diff" or "same")
    fs.write(at("l/sub/" .. name), ("x"):rep(i))
    fs.write(at("r/sub/" .. name), i % 4 == 0 and ("y"):rep(i) or ("x"):rep(i))
  end
  fs.write(at "l/only/left", "1")
  fs.write(at "r/only right", "2")
  fs.write(at "l/kind", "file")
  fs.write(at "r/kind/file", "1")
  proc.run{ "ln", "-sfn", "nowhere", at "l/link" }
  proc.run{ "ln", "-sfn", "elsewhere", at "r/link" }
  host("web1"):run{ "cp", "-a", at "l", "tree" }
  host("web2"):run{ "cp", "-a", at "r", "tree" }
end

local function summary(r)
  return { same = r.same, different = r.different, left = r.left_only, right = r.right_only, funny = r.funny, errors = r.errors, common = r.common_dirs }
end

t.case("local, remote and both give the same answer", function()
  plant()
  local l, r = { path = "tree", on = host("web1") }, { path = "tree", on = host("web2") }
  local want = filecmp.dirs(at "l", at "r")
  t.eq(#want.different, 6)
  t.eq({ want.left_only, want.right_only, want.funny, want.common_dirs }, { { "only" }, { "only right" }, { "kind" }, { "sub" } })
  for _, pair in ipairs { { at "l", r }, { l, at "r" }, { l, r } } do
    t.eq(summary(filecmp.dirs(pair[1], pair[2])), summary(want))
  end
  t.eq(summary(filecmp.dirs(at "l", at "r", { by = "hash" })), summary(want))
  t.ok(filecmp.dirs(at "l", l).equal)
  t.ok(filecmp.dirs(l, at "l", { shallow = true, compare = { "mode", "time", "owner" } }).equal)
  t.eq(#filecmp.dirs(l, r, { recursive = false }).different, 4)
  t.eq(filecmp.dirs(l, r, { ignore = { "sub", "*" } }).equal, true)
end)

t.case("links are followed when that is asked for", function()
  fs.write(at "f/l/file", "1")
  fs.write(at "f/r/file", "1")
  fs.write(at "f/r/link", "1")
  proc.run{ "ln", "-sfn", "file", at "f/l/link" }
  t.eq(filecmp.dirs(at "f/l", at "f/r").funny, { "link" })
  t.ok(filecmp.dirs(at "f/l", at "f/r", { follow = true }).equal)
  t.ok(filecmp.dirs({ path = at "f/l", on = host("web1") }, at "f/r", { follow = true }).equal)
end)

t.case("two files", function()
  fs.write(at "one", "content")
  fs.write(at "two", "content")
  fs.write(at "three", "CONTENT")
  t.ok(filecmp.equal(at "one", at "two"))
  t.ok(not filecmp.equal(at "one", at "three"))
  t.ok(filecmp.equal(at "one", { path = at "two", on = host("web1") }))
  t.ok(not filecmp.equal({ path = at "three", on = host("web2") }, { path = at "two", on = host("web1") }))
  t.eq(t.raises(filecmp.equal, at "one", at "none").kind, "notfound")
  t.eq(t.raises(filecmp.equal, at "one", { path = at "none", on = host("web1") }).kind, "notfound")
  t.eq(t.raises(filecmp.equal, at "one", { path = at "l", on = host("web1") }).kind, "usage")
end)

t.case("a plan and reports", function()
  local r = filecmp.dirs(at "l", at "r")
  local ops = {}
  for _, step in ipairs(r:sync_plan{ delete = true }) do ops[#ops + 1] = step.op .. " " .. step.path end
  t.contains(table.concat(ops, "\n"), "delete kind\ncopy kind\nlink link")
  t.contains(r:report(), "! link (links to nowhere and elsewhere)")
  t.contains(r:report(), "! it's (the content)")
  t.contains(r:report{ style = "python" }, "Common subdirectories : ['sub']")
  t.contains(r:report{ style = "html" }, "&#39;s</td>")
end)

t.case("mistakes are named", function()
  for want, call in pairs {
    ["is not a folder"] = function() filecmp.dirs(at "one", at "l") end,
    ["cannot compare web1:nowhere"] = function() filecmp.dirs(at "l", { path = "nowhere", on = host("web1") }) end,
    ["no such file"] = function() filecmp.dirs(at "nowhere", at "l") end,
    ['"[a" is not a pattern'] = function() filecmp.dirs(at "l", at "l", { ignore = { "[a" } }) end,
    ['"size" is not one of content, mode, owner, time'] = function() filecmp.dirs(at "l", at "l", { compare = { "size" } }) end,
    ["unknown key"] = function() filecmp.dirs(at "l", { file = "x" }) end,
    ["the path is empty"] = function() filecmp.dirs("", at "l") end,
  } do
    t.contains(t.raises(call).message, want)
  end
end)
