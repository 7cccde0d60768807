-- Hosts that answer as a test says.

test.hosts{ ["*"] = { hostname = function() return "any\n" end } }

test.case("a file's own answers hold in all cases", function()
  test.eq(host("web1"):run("hostname").stdout, "any\n")
  test.hosts{ web1 = { hostname = "one\n" } }
  test.eq(host("web1"):run("hostname").stdout, "one\n")
end)

test.case("those of a case end with it", function()
  test.eq(host("web1"):run("hostname").stdout, "any\n")
  test.eq(host("other"):run("hostname").stdout, "any\n")
end)

test.case("answers of every kind", function()
  local asked = {}
  test.hosts{ web1 = {
    text = "out\n",
    code = 7,
    yes = true,
    no = false,
    both = { stdout = "out\n", stderr = "err\n", code = 2 },
    signal = { signal = "TERM" },
    slow = { timed_out = true },
    gone = { error = "lost" },
    ["~^x (\\d+)$"] = function(command, options)
      asked[#asked + 1] = { command, options.cwd, options.sudo }
      return command:match("%d+") .. "\n"
    end,
    ["~^x 12 *(and more)?$"] = "the longer pattern\n",
    turns = { "a", "b", { code = 1 } },
  } }
  local h = host("web1")
  local function run(line, o) return h:run(line, o or { check = false }) end
  test.eq(run("text").stdout, "out\n")
  test.eq(run("code").code, 7)
  test.ok(run("yes").ok)
  test.eq(run("no").code, 1)
  local both = run("both")
  test.eq({ both.stdout, both.stderr, both.code }, { "out\n", "err\n", 2 })
  test.eq(run("signal").signal, "TERM")
  test.ok(run("slow", { check = false, timeout = "1h" }).timed_out)
  test.eq(test.raises(run, "gone").kind, "lost")
  test.eq(h:with{ cwd = "/srv" }:sudo("x 23").stdout, "23\n")
  test.eq(asked, { { "x 23", "/srv", true } })
  test.eq(run("x 12").stdout, "the longer pattern\n")
  test.eq(run("turns").stdout .. run("turns").stdout .. run("turns").code, "ab1")
  local e = test.raises(run, "turns")
  test.contains(e.message, "has 3 answers to `turns` on web1, and it is run once more")
  test.eq(#test.ran("web1"), 14)
  test.all_ran()
end)

test.case("what has no answer", function()
  test.hosts{ web1 = { ["uname -s"] = "Linux\n" } }
  local e = test.raises(function() host("web1"):run("uname -r") end)
  test.contains(e.message, "the test has no `uname -r` on web1 (did you mean `uname -s`?)")
  e = test.raises(function() host("web2"):run("true") end)
  test.contains(e.message, "the test has no host web2")
  test.contains(test.raises(test.all_ran).message, "not run: web1: uname -s")
end)

test.case("mistakes in a table", function()
  local function wrong(answer, want) test.contains(test.raises(test.hosts, { web1 = { x = answer } }).message, want) end
  wrong({ stdoot = "x" }, 'unknown key "stdoot"')
  wrong({ stdout = 1 }, "stdout: unexpected 1")
  wrong({ error = "sad" }, "error: unexpected sad")
  wrong(256, "256 is not an exit code")
  wrong({ "a", 0.5 }, "answer 2: 0.5 is not an exit code")
  test.contains(test.raises(test.hosts, { web1 = { ["~("] = true } }).message, "missing closing")
  test.contains(test.raises(test.hosts, { web1 = true }).message, "web1: want a table")
  test.contains(test.raises(test.hosts, { web1 = { files = { a = 1 } } }).message, "files: a: want its content")
end)

test.case("files", function()
  test.hosts{ web1 = { files = { ["/etc/motd"] = "hello\n", ["app/old.txt"] = "old\n" } } }
  local h = host("web1")
  test.eq(h:read("/etc/motd"), "hello\n")
  test.ok(h:exists("/etc") and h:exists("app") and not h:exists("/etc/nothing"))
  test.eq(test.raises(function() h:read("/etc/nothing") end).kind, "notfound")
  h:write("app/new/deep.txt", "new\n", { mode = "0600" })
  test.eq(h:read("/home/web1/app/new/deep.txt"), "new\n")
  h:write("app/old.txt", "newer\n")
  test.eq(h:read("app/old.txt"), "newer\n")
  h:get("app", "copy")
  test.eq(fs.read("copy/new/deep.txt"), "new\n")
  h:put("copy", "again/")
  test.eq(h:read("again/copy/old.txt"), "newer\n")
  test.eq(h:sync("copy", "synced").copied, 4) -- two of them are folders
  test.eq(h:sync("copy", "synced").copied, 0)
  test.eq(h:with{ sudo = true, cwd = "/etc" }:put("copy/old.txt", "root.txt", { preserve = true }).files, 1)
  fs.remove("copy", { recursive = true })
end)

test.case("nothing that talks", function()
  test.hosts{ web1 = {} }
  test.contains(test.raises(function() host("web1"):spawn("sh") end).message, "a replay has no dialogues")
  test.eq(test.raises(function() host("web1"):forward{ to = "127.0.0.1:1" } end).kind, "unsupported")
end)
