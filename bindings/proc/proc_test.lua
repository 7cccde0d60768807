local t = require "test"

local quiet = { hide = true }

t.case("a list needs no quoting, whatever is in it", function()
  local word = [[it's "$HOME" `x` \ * ; | & < > ]] .. "\n\ttwo"
  t.eq(proc.run({ "printf", "%s", word }, quiet).stdout, word)
end)

t.case("bytes go through standard input and output", function()
  local bytes = "\0\1\127\128\255\r\n"
  t.eq(proc.run("cat", { stdin = bytes, hide = true }).stdout, bytes)
end)

t.case("both streams and the exit code", function()
  local r = proc.run("echo out; echo err >&2; exit 3", { check = false, hide = true })
  t.eq({ r.ok, r.code, r.stdout, r.stderr }, { false, 3, "out\n", "err\n" })
end)

t.case("a failed command raises with its result", function()
  local e = t.raises(proc.run, "echo almost; exit 7", quiet)
  t.eq(e.kind, "exit")
  t.eq(e.result.code, 7)
  t.eq(e.result.stdout, "almost\n")
end)

t.case("codes that are no failure", function()
  t.ok(proc.run("exit 1", { ok_codes = { 1 }, hide = true }).ok)
  t.raises(proc.run, "exit 2", { ok_codes = { 1 }, hide = true })
end)

t.case("a program that is not there", function()
  local e = t.raises(proc.run, { "no-such-program-at-all" }, quiet)
  t.eq(e.result.code, 127)
end)

t.case("a command that a signal ended", function()
  local r = proc.run("kill -KILL $$", { check = false, hide = true })
  t.eq({ r.ok, r.code }, { false, 128 + 9 })
end)

t.case("a limit ends the command and its children", function()
  local r = proc.run("sleep 60 & wait", { timeout = "100ms", check = false, hide = true })
  t.ok(r.timed_out)
  t.ok(not r.ok)
  t.eq(t.raises(proc.run, "sleep 60", { timeout = 0.1, hide = true }).kind, "timeout")
end)

t.case("tries again until it works", function()
  local dir = fs.temp()
  local r = proc.run("echo x >> tries; test $(wc -l < tries) -ge 3", { cwd = dir, retries = 5, delay = 0, hide = true })
  t.eq(r.attempts, 3)
end)

t.case("folder and environment of the command", function()
  local dir = fs.temp()
  local r = proc.run('pwd -P; printf %s "$GREETING"', { cwd = dir, env = { GREETING = "it's $1" }, hide = true })
  t.contains(r.stdout, fs.basename(dir))
  t.contains(r.stdout, "it's $1")
  t.raises(proc.run, "true", { cwd = fs.join(dir, "missing"), hide = true })
end)

t.case("long output is cut in the middle and says so", function()
  local r = proc.run("yes | head -c 100000; echo; echo end", { max_output = 1000, hide = true })
  t.ok(r.truncated)
  t.eq(r.stdout_bytes, 100005)
  t.match(r.stdout, "^y\n(?s:.*)end\n$")
  t.ok(#r.stdout < 5000)
end)

t.case("output without its last line end", function()
  t.eq(proc.output("printf 'a\\n\\n'"), "a\n")
  t.eq(proc.output("printf 'a\\r\\n'"), "a")
  t.eq(proc.output("true"), "")
end)

t.case("questions are answered", function()
  local r = proc.run("printf 'name? '; read name; echo hello $name", {
    watch = { { pattern = "name\\? ", reply = "web1\n" } }, hide = true,
  })
  t.contains(r.stdout, "hello web1")
end)

t.case("nothing to run is a wrong call", function()
  t.eq(t.raises(proc.run, {}).kind, "usage")
  t.eq(t.raises(proc.run, "true", { timout = 1 }).kind, "usage")
  t.raises(proc.run, { "printf", "a\0b" })
end)

t.case("dry runs nothing", function()
  local dir = fs.temp()
  t.ok(proc.run("touch made", { cwd = dir, dry = true }).dry)
  t.eq(fs.list(dir), {})
end)
