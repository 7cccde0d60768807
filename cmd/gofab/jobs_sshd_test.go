package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// equalLua is how these scripts complain.
const equalLua = `local function equal(what, got, want)
  if got ~= want then error(what .. ": got " .. tostring(got) .. ", want " .. tostring(want), 2) end
end
`

// TestJobsStay starts commands in one run and finds them in the next ones.
func TestJobsStay(t *testing.T) {
	user := testenv.SudoUser(t, "x", true)
	server := testenv.StartSSHD(t, testenv.As(user.Name), testenv.Name("web1"))
	t.Chdir(t.TempDir())
	for _, scope := range []string{"{}", `{ sudo = true }`, `{ user = "daemon" }`} {
		h := `local h = host("web1"):with` + scope + ":with{ hide = true }\n" + equalLua
		fifo := filepath.Join(openFolder(t), "go")
		onHost(t, server, h+`
h:run("mkfifo -m 666 `+fifo+`")
local p = h:start("echo begun; echo bad >&2; read x <`+fifo+`; echo $x $A; exit 3", { detach = true, env = { A = "it's" }, prefix = { "X=1" } })
fs.write("id", p.id)
equal("poll", p:poll(), nil)
h:close()
local ok, e = pcall(p.wait, p, { timeout = 0.3 })
equal("wait", ok, false)
equal("kind", e.kind, "timeout")
equal("tail", p:tail(1)[1], "begun")
equal("detached", p.detached, true)
local q = h:start("sleep 1000 & echo $!; wait", { detach = true })
local first = q:lines()()
q:kill("KILL")
local r = select(2, pcall(q.wait, q))
equal("killed", r.code, 137)
equal("child", h:run("ps -o stat= -p " .. first .. " | grep -v Z", { check = false }).ok, false)
q:close()
equal("no stdin", pcall(p.line, p, "x"), false)
`, nil)
		if _, err := os.Stat(fifo); err != nil {
			t.Fatal(err)
		}
		onHost(t, server, h+`
local id = fs.read("id")
local function listed() -- beside those that others have left
  for _, job in ipairs(h:jobs()) do
    if job.id == id then return job end
  end
end
equal("state", listed().state, "running")
local p = h:job(id)
h:run("echo done >`+fifo+`")
local ok, e = pcall(p.wait, p)
equal("check", e.kind .. e.result.code, "exit3")
equal("out", e.result.stdout .. e.result.stderr, "begun\ndone it's\nbad\n")
equal("state", listed().state .. listed().code, "done3")
local all = {}
for line in p:lines() do all[#all + 1] = line end
equal("lines", table.concat(all, ","), "begun,done it's")
p:close()
equal("forgotten", listed(), nil)
ok, e = pcall(h.job, h, id)
equal("gone", e.kind, "notfound")
`, nil)
	}
}

// TestJobIsLost: a job that was killed from outside has no code, and says so.
func TestJobIsLost(t *testing.T) {
	server := testenv.StartSSHD(t, testenv.Name("web1"), testenv.As(testenv.TempUser(t, "x").Name))
	onHost(t, server, equalLua+`
local h = host("web1"):with{ hide = true }
local p = h:start("echo so far; exec sleep 1000", { detach = true })
while not p:tail(1)[1] do end
h:run("kill -KILL $(cat ~/.gofab/jobs/" .. p.id .. "/pid)")
local ok, e = pcall(p.wait, p)
equal("kind", e.kind, "lost")
equal("out", e.result.stdout, "so far\n")
h:run("pkill -u $(id -u) sleep", { check = false })
p:close()
`, nil)
}

// TestScriptLeavesNothing looks for what scripts have left on the host, also
// when they are ended in the middle.
func TestScriptLeavesNothing(t *testing.T) {
	user := testenv.SudoUser(t, "x", true)
	server := testenv.StartSSHD(t, testenv.As(user.Name), testenv.Name("web1"))
	t.Chdir(t.TempDir())
	tmp := openFolder(t)
	if err := os.WriteFile("odd name.sh", []byte("#!/usr/bin/env -S sh -e\necho \"$(basename \"$0\") $(stat -c %a \"$0\") $(id -un)\"\nprintf '%s|' \"$@\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	onHost(t, server, equalLua+`
local h = host("web1"):with{ hide = true, env = { TMPDIR = "`+tmp+`" } }
for who, h in pairs{ ["`+user.Name+`"] = h, root = h:with{ sudo = true }, daemon = h:with{ user = "daemon" } } do
  local r = h:script("odd name.sh", { "a b", "", "$x" })
  equal("script", r.stdout, "odd name.sh 700 " .. who .. "\na b||$x|")
  equal("command", r.command, "'odd name.sh' 'a b' '' '$x'")
  local ok, e = pcall(h.script, h, { source = "echo failing; exit 9" })
  equal("code", e.result.code, 9)
  ok, e = pcall(h.script, h, { source = "trap '' TERM; sleep 60; sleep 60", timeout = "0.2s" })
  equal("timeout", e.kind, "timeout")
end
equal("bash", h:script{ source = "echo ${BASH_VERSION:+yes}", shell = "/bin/bash" }.stdout, "yes\n")
equal("stdin", h:script{ source = "cat", stdin = "text" }.stdout, "text")
local ok, e = pcall(h.script, h, "missing.sh")
equal("missing", e.kind, "notfound")
ok, e = pcall(h.script, h, {})
equal("nothing", e.kind, "usage")
`, nil)
	names, err := os.ReadDir(tmp)
	for _, name := range names {
		if strings.HasPrefix(name.Name(), "gofab") {
			t.Errorf("%s is left", name.Name())
		}
	}
	if err != nil {
		t.Error(err)
	}
}
