local t = require "test"

t.case("200 hosts at once, each with a dialogue of its own", function()
  local g = hosts("web[1-200]")
  local r = g:each({ forks = 200 }, function(h)
    local p = h:spawn("printf 'name? '; read n; echo \"$n is here\"")
    p:expect("name\\? ")
    p:line(h.name)
    local _, m = p:expect("(web\\d+) is here")
    assert(p:wait().code == 0)
    return m[1]
  end)
  t.eq(#r.ok, 200)
  t.eq(r.values.web200, "web200")
end)

t.case("groups have numbers and names", function()
  local p = expect.spawn("echo 'load: 0.42'")
  local i, m = p:expect("(?P<what>\\w+): (\\d)\\.(\\d+)( kB)?")
  t.eq({ i, m.what, m[1], m[3], m[4] == nil, m.before, m.kind }, { 1, "load", "load", "42", true, "", "match" })
end)

t.case("EOF and TIMEOUT are where the list has them", function()
  local p = expect.spawn("printf abc; sleep 0.3; printf d")
  local i, m = p:expect({ "x", expect.TIMEOUT, expect.EOF }, { timeout = 0.1 })
  t.eq({ i, m.kind, m.before, m.match == nil }, { 2, "timeout", "abc", true })
  i, m = p:expect({ "x", expect.TIMEOUT, expect.EOF })
  t.eq({ i, m.kind, m.before }, { 3, "eof", "abcd" })
  i, m = p:expect()
  t.eq({ i, m.kind, m.before }, { 1, "eof", "" })
end)

t.case("a failed wait has what was there", function()
  local p = expect.spawn("printf 'Login: '; read x", { timeout = 0.1 })
  local e = t.raises(function() p:expect{ "login: ", expect.EOF } end)
  t.eq(e.kind, "timeout")
  t.eq(e.result.before, "Login: ")
  t.contains(e.hint, "another case")
  e = t.raises(function() expect.spawn("exit 3"):expect("x") end)
  t.eq(e.kind, "failed")
  t.contains(e.message, "ended before it has shown \"x\"")
end)

t.case("a dialogue ends where it says, and does not answer for ever", function()
  local p = expect.spawn("while :; do printf 'Password: '; read x; done")
  local e = t.raises(function() p:dialog{ { "Password: ", "wrong" } } end)
  t.contains(e.message, "shown 4 times")
  p = expect.spawn("for i in 1 2 3 4 5; do printf 'more '; read x; done; echo end")
  local turns = p:dialog{ { "more ", send = "\n", again = true }, { "end", done = true } }
  t.eq(#turns, 6)
  p = expect.spawn("printf 'a? '; read x; echo \"<$x>\"; printf 'b? '; read y; echo \"<$y>\"")
  local seen = {}
  p:dialog{
    { "(\\w)\\? ", function(m, d) seen[#seen + 1] = m[1] .. (d == p and "" or "?") return m[1]:upper() end },
    { "<B>", function() return true end },
  }
  t.eq(seen, { "a", "b" })
end)

t.case("a function that fails ends the dialogue with its own error", function()
  local p = expect.spawn("printf 'a? '; read x")
  t.contains(t.raises(function() p:dialog{ { "a\\? ", function() error("no idea") end } } end).message, "no idea")
end)

t.case("run gives output and code, and raises unless it is told not to", function()
  local r = expect.run("echo hi; exit 2", { check = false })
  t.eq({ r.ok, r.code, r.output, r.timed_out }, { false, 2, "hi\r\n", false })
  local e = t.raises(expect.run, "echo hi; exit 2")
  t.eq({ e.kind, e.result.code, e.result.output }, { "exit", 2, "hi\r\n" })
  e = t.raises(expect.run, "echo hi; sleep 100", { timeout = 0.2 })
  t.eq({ e.kind, e.result.timed_out, e.result.output }, { "timeout", true, "hi\r\n" })
  r = expect.run("kill -TERM $$", { check = false })
  t.eq({ r.code == nil, r.signal }, { true, "TERM" })
end)

t.case("events of a run: TIMEOUT, an end that was asked for, and what comes after the last answer", function()
  local function run(line, events)
    local r = expect.run(line, { timeout = 0.1, events = events })
    return { r.ok, r.code or r.signal, r.output, r.timed_out }
  end
  local times = 0
  local function fourth() times = times + 1 return times == 4 end
  t.eq(run("echo hi; read x", { { expect.TIMEOUT, fourth, again = true } }), { false, "", "hi\r\n", true })
  t.eq(times, 4)
  t.eq(run("stty -echo; echo hi; read x; echo \"<$x>\"", { { expect.TIMEOUT, "late" } }), { true, 0, "hi\r\n<late>\r\n", false })
  t.eq(run("echo hi; read x", { { "hi", function() return true end }, { expect.TIMEOUT, done = true } })[1], true)
  t.eq(run("stty -echo; printf 'a? '; read x; echo $x; echo end", { { "a\\? ", "b", done = true } }), { true, 0, "a? b\r\nend\r\n", false })
  local e = t.raises(expect.run, "exec >/dev/null 2>&1 </dev/null; sleep 100", { timeout = 0.1, events = { { expect.TIMEOUT, "" } } })
  t.eq({ e.kind, e.result.timed_out }, { "timeout", true })
  e = t.raises(expect.run, "echo hi; sleep 100", { timeout = 0.1, events = { { "hi", done = true } } })
  t.eq({ e.kind, e.result.timed_out, e.result.output }, { "timeout", true, "hi\r\n" })
end)

t.case("a secret stays one, also when it is shown by the program", function()
  local dir = fs.temp()
  local p = expect.spawn("read x; echo \"you said $x\"", { echo = false, log = fs.join(dir, "log"), log_sent = fs.join(dir, "sent") })
  p:line(secret.new("correct horse"))
  p:expect("you said (.*)\r\n")
  p:close()
  t.eq(fs.read(fs.join(dir, "sent")), "***\n")
  t.contains(fs.read(fs.join(dir, "log")), "you said ***")
end)

t.case("what is wrong is named before anything is sent", function()
  local p = expect.spawn("cat")
  t.contains(t.raises(function() p:expect("(") end).message, "missing closing )")
  for pattern, why in pairs{ ["a(?=b)"] = "no look-around", ["(?<!a)b"] = "no look-around", ["(a)\\1"] = "no back-references", ["a\\Z"] = "the end is \\z", ["\255"] = "expect.literal" } do
    t.contains(t.raises(function() p:expect(pattern) end).message, why)
  end
  t.contains(t.raises(function() p:expect{ "a", 7 } end).message, "pattern 2")
  t.contains(t.raises(function() p:expect{ "a", timeout = 5 } end).message, "list")
  t.contains(t.raises(function() p.expect("a") end).message, "colon")
  t.contains(t.raises(function() p:dialog{ { "a", "b", send = "c" } } end).message, "reply and a send")
  t.contains(t.raises(function() p:always{ { expect.TIMEOUT, "x" } } end).message, "TIMEOUT is the end of a wait")
  t.contains(t.raises(function() p:ctrl("cc") end).message, "control character")
  t.contains(t.raises(expect.spawn, { "no-such-program" }).message, "no-such-program")
  t.contains(t.raises(expect.spawn, "true", { cwd = "/no/such" }).message, "/no/such")
  t.contains(t.raises(expect.repl, "gdb").hint, "prompt")
  t.contains(t.raises(expect.socket, "127.0.0.1").message, "host:port")
  t.eq(t.raises(expect.socket, "127.0.0.1:1").kind, "unreachable")
end)

t.case("nothing is sent to a program that has ended", function()
  for _, start in ipairs{ expect.spawn, expect.popen } do
    local p = start("exit 3")
    p:expect(expect.EOF)
    p:wait()
    local e = t.raises(p.line, p, "anybody?")
    t.eq(e.kind, "failed")
    t.contains(e.message, "has ended and takes no input")
  end
end)

t.case("what was dropped is counted", function()
  local p = expect.spawn("seq 1000; echo done", { buffer = 1000 })
  local _, m = p:expect("done")
  t.ok(m.dropped > 0 and m.dropped + #m.before == 4893, m.dropped)
  p = expect.spawn("echo done")
  _, m = p:expect("done")
  t.eq(m.dropped, 0)
end)

t.case("popen has no terminal", function()
  local p = expect.popen("cat; echo done >&2; exit 4")
  p:send("text")
  p:eof()
  t.eq(p:read_all(), "textdone\n")
  t.eq(p:wait().code, 4)
  t.eq(t.raises(function() p:echo() end).kind, "unsupported")

  -- On a host both streams come on their own, in an order that nobody promises.
  p = expect.popen("cat; echo done >&2; exit 4", { on = host("web1") })
  p:send("text")
  p:eof()
  local both = p:read_all()
  t.ok(both == "textdone\n" or both == "done\ntext", both)
  t.eq(p:wait().code, 4)
end)

t.case("a dialogue that each began goes on after it, for expect_any", function()
  local all = {}
  hosts("web1, web2"):each(function(h)
    local p = h:spawn("read x; echo \"$x\"")
    all[h.name] = p
  end)
  all.web2:line("go")
  local who, i, m = expect.expect_any({ all.web1, all.web2 }, { "(?m)^go\\s" }, { timeout = 10 })
  assert(who == all.web2 and i == 1)
end)

-- a server on a free port that greets, and gives back one line
local function server(greeting)
  local p = expect.popen({ "python3", "-c", [[
import socket, sys
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
c, _ = s.accept()
c.sendall(sys.argv[1].encode("latin1").decode("unicode_escape").encode("latin1"))
f = c.makefile("rb")
sys.stdout.write(repr(f.readline()) + "\n")
c.sendall(b"bye")
]], greeting })
  local _, m = p:expect("(\\d+)\n")
  return "127.0.0.1:" .. m[1], p
end

t.case("a socket and a telnet server", function()
  local address, p = server("220 ready\\r\\n")
  local s = expect.socket(address, { timeout = 10 })
  s:expect("220 .*\n")
  s:line("QUIT")
  s:expect{ "bye" }
  s:expect(expect.EOF)
  p:expect(expect.literal("b'QUIT\\n'"))
  t.eq(t.raises(function() s:wait() end).kind, "unsupported")

  address, p = server("\\xff\\xfb\\x01login: ")
  s = expect.telnet(address, { timeout = 10 })
  local _, m = s:expect("login: ")
  t.eq(m.before, "")
  s:line("ada")
  s:expect("bye")
  p:expect(expect.literal("b'\\xff\\xfd\\x01ada\\r\\n'"))
end)

t.case("a serial line", function()
  local far = expect.popen({ "python3", "-c", [[
import os, pty
far, near = pty.openpty()
print(os.ttyname(near), flush=True)
print(os.read(far, 100), flush=True)
os.write(far, b"Switch>\x00\xff")
os.read(far, 1)
]] })
  local _, m = far:expect("(/dev/\\S+)\n")
  local line = expect.serial(m[1], { baud = 115200, parity = "even" })
  line:send("enable\r")
  far:expect(expect.literal("b'enable\\r'"))
  line:expect(expect.literal("Switch>\0\255"))
  line:send("x")
  line:close()
  t.eq(t.raises(expect.serial, "/dev/null").kind, "failed")
  t.contains(t.raises(expect.serial, m[1], { parity = "mark" }).message, "parity")
end)

t.case("a dialogue goes on as an interpreter", function()
  local p = expect.spawn("printf 'menu: '; read n; PS1='first> ' PS2='> ' exec sh -i", { timeout = 20 })
  p:expect("menu: ")
  p:line("1")
  local r = p:repl{ prompt = "(first|own)> $", init = { "PS1='own> '" } }
  t.eq(r:run("echo hi").output, "hi\n")
  t.eq(r:run("printf x").output, "x")
  p:line("echo by hand")
  p:expect("own> $") -- its prompt is gone, Enter brings the next one
  t.eq(p:repl{ prompt = "own> $" }:run("expr 6 \\* 7").output, "42\n")
  t.eq(t.raises(p.repl, p, {}).kind, "usage")
  local py = expect.spawn({ "python3", "-q" }, { env = { PYTHON_BASIC_REPL = "1" } }):repl{ prompt = ">>> $", more = "\\.\\.\\. $" }
  t.eq(py:run("5").output, "5\n") -- no echo is taken off what is none
  t.eq(py:run("for i in range(2): print(i)\n").output, "0\n1\n")
end)

t.case("an interpreter that is known has a name of its own", function()
  local sh = expect.repl.bash{ init = { "x=4" } }
  t.eq(sh:run("echo $x").output, "4\n")
  sh:close()
  local py = expect.repl.python()
  t.eq(py:run("6 * 7").output, "42\n")
  py:close()
end)
