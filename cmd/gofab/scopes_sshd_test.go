package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gofab/bindings"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/testenv"
	"gofab/runtime/run"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// onHost runs a script in this process against real servers, web1 first.
func onHost(t *testing.T, server *testenv.SSHD, script string, change func(*run.Options)) string {
	t.Helper()
	w, out := world.Process(), &testenv.Buffer{}
	w.In, w.Out, w.Err = bytes.NewReader(nil), out, out
	o := run.Options{World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Format: run.Text, Forks: 8}
	o.Remote.ConfigFile = server.ConfigFile
	if change != nil {
		change(&o)
	}
	r, err := run.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	err = r.Evaluate(script, "test", nil)
	r.Close()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, fault.From(err).Hint, out.String())
	}
	return out.String()
}

// everything does all that a handle can do inside a scope, and looks who did it
// and where.
const everything = `
local say = 'echo "$(id -un) $(pwd) $A $P $(umask)"'
local function equal(what, got, want)
  if got ~= want then error(what .. ": got " .. tostring(got) .. ", want " .. tostring(want), 3) end
end
local function everything(n, layers, who, dir, asks)
  local h = host("web1")
  for _, layer in ipairs(layers) do h = h:with(layer) end
  h = h:with{ hide = true }
  local want = who .. " " .. dir .. " it's 1 0027"
  equal("run", h:run(say).lines[1], want)
  equal("pty", h:run(say, { pty = true }).lines[1], want)
  equal("stdin", h:run("cat", { stdin = "x\ny" }).stdout, "x\ny")
  h:write("w", "text")
  equal("owner", h:run("stat -c %U w").stdout, who .. "\n")
  equal("write", h:run("cat w").stdout, "text")
  h:run("umask 077; printf closed > s")
  equal("read", h:read("s"), "closed")
  equal("exists", h:exists("s"), true)
  equal("exists not", h:exists("nothing"), false)
  fs.write("file", "put")
  h:put("file", "p")
  equal("put", h:run("stat -c %U p; cat p").stdout, who .. "\nput")
  h:get("s", "got" .. n)
  equal("get", fs.read("got" .. n), "closed")
  fs.write("tree/a", "x")
  h:sync("tree", "t")
  equal("sync", h:run("stat -c %U t/a; cat t/a").stdout, who .. "\nx")
  equal("script", h:script{ source = "#!/bin/sh\n" .. say .. "; echo $1", args = { "a b" } }.stdout, want .. "\na b\n")
  equal("start", h:start(say):wait().lines[1], want)
  local job = h:start(say .. "; exit 3", { detach = true, check = false })
  local result = job:wait()
  equal("job", result.lines[1] .. result.code, want .. "3")
  job:close()
  if not asks then
    local p = h:spawn(say)
    p:expect("0027")
    p:close()
    local s = h:shell()
    equal("shell", s:run("id -un").output, who .. "\n")
    s:close()
  end
  h:run("rm -rf w s p t")
end
`

// TestScopesOverSSH nests scopes in random orders for every way to become
// somebody, and does everything inside.
func TestScopesOverSSH(t *testing.T) {
	testenv.Require(t, "root")
	const password = "horse battery"
	target := testenv.TempUser(t, password)
	random := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	for _, way := range []struct {
		name  string
		user  func() testenv.User
		layer string
		asks  bool
	}{
		{"nobody else", func() testenv.User { return testenv.TempUser(t, password) }, "", false},
		{"sudo", func() testenv.User { return testenv.SudoUser(t, password, false) }, `become = "sudo"`, true},
		{"sudo free", func() testenv.User { return testenv.SudoUser(t, password, true) }, `become = "sudo"`, false},
		{"doas", func() testenv.User { return testenv.DoasUser(t, password, false) }, `become = "doas"`, true},
		{"doas free", func() testenv.User { return testenv.DoasUser(t, password, true) }, `become = "doas"`, false},
		{"su", func() testenv.User { return testenv.TempUser(t, password) }, `become = "su"`, true},
	} {
		t.Run(way.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			t.Setenv("GOFAB_BECOME_PASSWORD", password)
			login, who, base := way.user(), target.Name, openFolder(t)
			var script strings.Builder
			script.WriteString(everything)
			for n := range map[bool]int{true: 1, false: 2}[way.asks] { // passwords take their time
				layers := []string{`env = { A = "it's" }`, `prefix = { "export P=1" }`, `umask = "027"`, fmt.Sprintf("cwd = %q", base)}
				if way.layer == "" {
					who = login.Name
				} else {
					layers = append(layers, way.layer, fmt.Sprintf("user = %q", who))
				}
				random.Shuffle(len(layers), func(i, j int) { layers[i], layers[j] = layers[j], layers[i] })
				layers = append(layers, `cwd = "sub dir"`)
				fmt.Fprintf(&script, "everything(%d, { { %s } }, %q, %q, %v)\n", n, strings.Join(layers, " }, { "), who, filepath.Join(base, "sub dir"), way.asks)
			}
			onHost(t, testenv.StartSSHD(t, testenv.As(login.Name), testenv.Name("web1")), script.String(), nil)
		})
	}
}

// openFolder is a folder in which everybody may write, with one below it.
func openFolder(t *testing.T) string {
	dir, err := os.MkdirTemp("/tmp", "gofab")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	sub := filepath.Join(dir, "sub dir")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, sub} {
		if err := os.Chmod(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// changing is a script that changes a host in every way there is.
const changing = `
local h = host("web1"):with{ cwd = "app" }
h:run("echo changed > file")
h:run({ "touch", "new file" })
h:run("cat > file", { stdin = "typed" })
h:with{ user = "nobody" }:run("touch /tmp/never")
h:sudo("echo root > file")
h:write("file", "written")
h:write("deep/er/file", "written")
fs.write("local", "here")
h:put("local", "file")
h:get("file", "fetched")
fs.write("tree/a", "a")
h:sync("tree", "tree")
h:sync("tree", ".", { delete = true })
h:script{ source = "echo script > file" }
h:start("echo started > file"):wait()
h:start("echo stayed > file", { detach = true }):wait()
h:run("echo x > file", { detach = true })
hosts("web1"):run("rm -rf app")
host("local"):run("touch never-here")
proc.run("touch never-here")
h:reboot()
assert(not pcall(h.spawn, h, "rm file"))
assert(dry_run())
assert(h:read("file") == "kept\n" and h:exists("file") and not h:exists("new file"))
assert(not fs.exists("fetched"))
assert(proc.output("echo looked", { dry = false }) == "looked")
assert(h:run("cat file", { dry = false }).stdout == "kept\n")
`

// TestDryRunChangesNothing compares the host before and after.
func TestDryRunChangesNothing(t *testing.T) {
	user := testenv.SudoUser(t, "x", true)
	server := testenv.StartSSHD(t, testenv.As(user.Name), testenv.Name("web1"))
	t.Chdir(t.TempDir())
	onHost(t, server, `host("web1"):write("app/file", "kept\n")`, nil)
	before := treeOf(t, user.Home)
	out := onHost(t, server, changing, func(o *run.Options) {
		s := command.DefaultScope()
		s.Dry, o.Commands.Scope = true, &s
	})
	if after := treeOf(t, user.Home); after != before {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
	for _, want := range []string{
		"web1 $ echo changed > file  (not run)", "web1 $ touch 'new file'  (not run)", "web1 # echo root > file  (not run)",
		"would write app/file (7 bytes)", "would copy local to app/file (4 bytes)", "would fetch app/file to fetched",
		"would sync", "web1 $ script  (not run)", "web1 $ echo stayed > file  (not run)", "would reboot", "touch never-here  (not run)",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "/bin/sh -c") {
		t.Errorf("the lines that are sent need -v:\n%s", out)
	}
	if names, _ := filepath.Glob("never-here"); len(names) > 0 {
		t.Error("a command of this machine was run")
	}
}

func treeOf(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(&b, path, info.Mode(), info.Size(), info.ModTime())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// pasting runs commands twice: as gofab does, and as the line that a dry run
// shows, given to the login shell of the host as it is.
const pasting = `
local h, raw = host("web1"):with{ hide = true }, host("web1"):with{ hide = true, shell = false }
for i, try in ipairs{
  { "echo $HOME; pwd" }, { "echo 'it''s' \"a  b\" \\\\ ! ~ * ; echo x | wc -c" }, { { "printf", "%s|", "a b", "it's", "$HOME", "" } },
  { "pwd; echo $A", { cwd = "/usr", env = { A = "ä '\"$x" } } }, { "id -un; umask", { user = "nobody", umask = "077" } },
  { "echo one\necho two # three\n" }, { "echo ${A[1]}", { shell = "/bin/bash", prefix = { "A=(x y)" } } },
  { "exit 3" }, { "pwd", { cwd = "/no/such" } }, { "env | sort | grep ^B", { replace_env = true, env = { B = "1", PATH = "/usr/bin:/bin" } } },
} do
  local o = try[2] or {}
  o.check = false
  local done = h:run(try[1], o)
  o.dry = true
  local line = h:run(try[1], o).line
  local pasted = raw:run(line, { check = false })
  assert(pasted.code == done.code and pasted.stdout == done.stdout,
    i .. ": " .. line .. "\n" .. pasted.code .. pasted.stdout .. pasted.stderr .. "\n" .. done.code .. done.stdout)
end
`

// TestDryLinesCanBePasted: the line that is shown is the line that is sent.
func TestDryLinesCanBePasted(t *testing.T) {
	user := testenv.SudoUser(t, "x", true)
	onHost(t, testenv.StartSSHD(t, testenv.As(user.Name), testenv.Name("web1")), pasting, nil)
}
