package host

import (
	"gofab/bindings/kit"
)

// The methods of a host, by what they are for.

// runMethods are the methods that run commands.
func runMethods() []kit.Func {
	return []kit.Func{
		kit.Method("run", "Run a command and wait for it. A failed one raises, with the result in e.result.", run).With(
			`local h = host("web1")
local r = h:run("echo out; echo err >&2; exit 3", { check = false })
assert(r.code == 3 and r.stdout == "out\n" and r.stderr == "err\n")`,
			`host("web1"):run({ "touch", "a file; with $odd 'name'" })`),
		kit.Method("sudo", "Run a command as root: run with sudo = true.", sudo),
		kit.Method("script", "Run a script of this machine on the host: it is copied to a private temporary folder there, run by the program "+
			"that its first line names, as the user of the scope, and removed.", script).With(
			`fs.write("greet.sh", "#!/bin/sh\necho hello $1 and $2")
assert(host("web1"):script("greet.sh", { "Ada Lovelace", "$x" }).stdout == "hello Ada Lovelace and $x\n")`,
			`assert(host("web1"):script{ source = "read x; echo $x", stdin = "typed\n" }.stdout == "typed\n")`),
		kit.Method("start", "Start a command in the background and go on. It ends with the task, unless detach = true: then it stays on the "+
			"host, whatever becomes of the connection, and h:job finds it again.", start).With(
			`local p = host("web1"):start("sleep 0.2; echo done", { hide = true })
assert(p:poll() == nil)
assert(p:wait().stdout == "done\n")`,
			`local h = host("web1")
local id = h:start("echo working; exit 3", { detach = true, hide = true }).id
local job = h:job(id)
assert(not pcall(job.wait, job))
assert(job:tail(1)[1] == "working")
job:close()`),
		kit.Method("job", "Find a command again that was started with detach, by its id. It is one of the user of the scope.", job),
		kit.Method("jobs", "List the commands that were started with detach and not closed.", jobs),
	}
}

// fileMethods are the methods that move files.
func fileMethods() []kit.Func {
	return []kit.Func{
		kit.Method("put", "Copy a file or a folder to the host. A file is replaced in one step or not at all.", put).With(
			`fs.write("app.conf", "port = 80\n")
host("web1"):put("app.conf", "etc/")
assert(host("web1"):read("etc/app.conf") == "port = 80\n")`),
		kit.Method("get", "Copy a file or a folder from the host.", get).With(
			`local h = host("web1")
h:write("report.txt", "fine")
h:get("report.txt", "reports/{host}-{basename}")
assert(fs.read("reports/web1-report.txt") == "fine")`),
		kit.Method("sync", "Make a folder on the host equal to one of this machine, or the other way: only what differs in size or "+
			"time is copied, and times are kept, so that a second run copies nothing.", syncFolder).With(
			`fs.write("site/index.html", "<h1>hello</h1>")
local h = host("web1")
assert(h:sync("site", "www", { delete = true }).copied == 2)
assert(h:sync("site", "www", { delete = true }).copied == 0)`,
			`fs.write("site/new.html", "new")
for _, e in ipairs(host("web1"):sync("site", "www", { dry = true }).entries) do print(e.action, e.path, e.bytes) end`),
		kit.Method("read", "Give the content of a file on the host.", read),
		kit.Method("write", "Write a file on the host, in one step; folders above it are made.", write).With(
			`local h = host("web1")
h:write("motd", "welcome\n", { mode = "0600" })
assert(h:read("motd") == "welcome\n")`),
		kit.Method("exists", "Tell whether there is something under a path on the host.", exists).With(
			`assert(not host("web1"):exists("no/such/file"))`),
	}
}

// talkMethods are the methods that hold dialogues.
func talkMethods() []kit.Func {
	return []kit.Func{
		kit.Method("spawn", "Start a program on a terminal of the host and talk with it: p:expect, p:line and so on, as expect.spawn gives it.", spawn).With(
			`local p = host("web1"):spawn("printf 'Old password: '; read old; echo changed")
p:expect("password: ")
p:line(secret.new("hunter2!"))
p:expect("changed")
assert(p:wait().code == 0)`),
		kit.Method("shell", "Open a shell on the host that keeps its state, with run and close as expect.repl gives it. "+
			"With a prompt it talks with what is no POSIX shell, such as a switch: its echo and its pager are dealt with.", openShell).With(
			`local s = host("web1"):shell()
s:run("cd / && x=42")
assert(s:run("echo $x in $PWD").output == "42 in /\n")
assert(s:run("false").code == 1)
s:close()`).With(
			`local s = host("web1"):shell{ prompt = "[$#] $" }
s:close()`),
	}
}

// hostMethods are the methods that look at the host, and stay with it.
func hostMethods() []kit.Func {
	return []kit.Func{
		kit.Method("open", "Open the connection now and give the host. Everything else opens it when it is needed.", open).With(
			`assert(host("web1"):open().connected)`),
		kit.Method("link", "Open the connection and tell about it: who, where, what was agreed upon, and what each step took. "+
			"Nil for hosts that are not reached over SSH.", link).With(
			`local l = host("web1"):link()
print(l.server_version, l.cipher, l.auth, string.format("%.1f ms", l.took.login * 1000))`),
		kit.Method("close", "Close the connection; the next use opens another.", closeLink).With(
			`local h = host("web1"):open()
h:close()
assert(not h.connected)`),
		kit.Method("tty", "Give the terminal of the person who runs gofab to a login shell on the host, until it ends or Ctrl-] is typed.", tty),
		kit.Method("facts", "Tell what the host is and has: system, kernel, processors, memory, disks, addresses, hypervisor. Asked once "+
			"a run, with one command; nothing is installed there.", facts).With(
			`local f = host("web1"):facts()
print(f.pretty, f.kernel, f.arch, f.cpus .. " processors", f.memory.total, f.addresses[1])
assert(f.os == "linux")`),
		kit.Method("reboot", "Reboot the host and wait until it works again. It counts as back only when another boot than before "+
			"answers, however early sshd does. In the sandbox the embedded host restarts and no command runs.", reboot).With(
			`local r = host("web1"):reboot{ timeout = "15m", check = "test -d /" }
print(string.format("back after %.1f s", r.duration))`),
		kit.Method("forward", "Forward a port or a Unix socket through the host's connection: from here (listen), from the host (remote), "+
			"or as a SOCKS server (socks). With a function it is closed when the function ends, else with the task.", forward).With(
			`local web = http.serve{ routes = { ["/"] = function() return "inside" end } }
local body = host("web1"):forward({ to = "127.0.0.1:" .. web.port }, function(f)
  return http.get("http://" .. f.address).body
end)
assert(body == "inside")`),
	}
}

// scopeMethods are the methods about what the script itself says of the host.
func scopeMethods() []kit.Func {
	return []kit.Func{
		kit.Method("with", "Give the same host with a scope around it: working directory, environment, user. "+
			"Scopes nest, and hold for commands and files alike.", with).With(
			`local app = host("web1"):with{ cwd = "srv/app", env = { STAGE = "test" } }
app:write("VERSION", "1.2")
assert(app:run("echo $STAGE $(cat VERSION)").stdout == "test 1.2\n")`),
		kit.Method("var", "Give a variable of the host, or a default.", variable).With(
			`inventory{ web = { { name = "web1", vars = { app = { ports = { 80, 443 } } } } } }
local h = host("web1")
assert(h:var("app.ports.2") == 443 and h:var("app.user", "www") == "www" and h:var("nothing") == nil)`),
	}
}
