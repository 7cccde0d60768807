package extend_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gofab/bindings"
	"gofab/internal/fault"
	"gofab/internal/testenv"
	"gofab/runtime/run"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// open makes a run without a sandbox: transports are real.
func open(t *testing.T, ctx context.Context, change func(*run.Options)) (r *run.Run, out, errs *testenv.Buffer) {
	t.Helper()
	w := world.Process()
	out, errs = &testenv.Buffer{}, &testenv.Buffer{}
	w.In, w.Out, w.Err = bytes.NewReader(nil), out, errs
	o := run.Options{World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Forks: 4}
	if change != nil {
		change(&o)
	}
	r, err := run.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return r, out, errs
}

// evaluate runs a script in an empty folder and gives what it printed.
func evaluate(t *testing.T, script string) (string, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	r, out, _ := open(t, t.Context(), nil)
	err := r.Evaluate(script, "fab.lua", nil)
	_ = r.Finish()
	r.Close()
	return out.String(), err
}

// shells are transports that need no server; each reaches a POSIX shell.
const shells = `
transport("clean", { command = { "env", "-i", "PATH=/usr/bin:/bin", "sh", "-c", "{line}" } })
transport("nested", { command = { "sh", "-c", "{line}" }, on = "{vars.on}" })
transport("fn", {
  connect = function(h) return { address = h.address } end,
  run = function(state, line, io)
    local r = host("local"):run({ "env", "WHERE=" .. state.address, "sh", "-c", line }, { check = false, hide = true, stdin = io:read() or "" })
    io:stdout(r.stdout)
    io:stderr(r.stderr)
    return r.code
  end,
})
inventory{ all_of_them = {
  { name = "clean", transport = "clean" },
  { name = "nested", transport = "nested", vars = { on = "clean" } },
  { name = "fn", address = "fn://cellar" },
} }
local dir = host("local"):run("pwd", { hide = true }).stdout:gsub("\n", "") .. "/there"
`

func TestTransports(t *testing.T) {
	_, _ = evaluate(t, "") // what stays for the life of the process is there now
	testenv.Goroutines(t)
	out, err := evaluate(t, shells+`
for _, name in ipairs{ "clean", "nested", "fn" } do
  local h = host(name):with{ hide = true, cwd = "/" }
  local r = h:run("pwd; echo err >&2; exit 3", { check = false })
  assert(r.code == 3 and r.stdout == "/\n" and r.stderr == "err\n", name)
  assert(h:run({ "printf", "%s", "a 'b' $c\n" }).stdout == "a 'b' $c\n", name)
  assert(h:run("cat", { stdin = "to it" }).stdout == "to it", name)
  assert(not pcall(h.run, h, "kill -9 $$"), name)
  local f = dir .. "/" .. name
  h:write(f .. "/a file", "content")
  assert(h:read(f .. "/a file") == "content" and fs.read(f .. "/a file") == "content", name)
  assert(h:exists(f) and not h:exists(f .. "/x"), name)
  fs.write("tree/one", ("x"):rep(3000000))
  fs.write("tree/deep/two", "2")
  h:put("tree", f .. "/")
  h:get(f .. "/tree", "back-" .. name .. "/")
  assert(fs.read("back-" .. name .. "/tree/one") == fs.read("tree/one") and fs.read("back-" .. name .. "/tree/deep/two") == "2", name)
end
print(host("fn"):run("echo $WHERE", { hide = true }).stdout)
print(#hosts("@all_of_them"):run("true", { hide = true }).ok)`)
	if err != nil || strings.TrimSpace(out) != "cellar\n\n3" {
		t.Errorf("%q, %v %s", out, err, fault.From(err).Hint)
	}
}

// Commands of a transport end with their time, children included.
func TestTransportTimeout(t *testing.T) {
	for _, name := range []string{"clean", "nested", "fn"} {
		began := time.Now()
		out, err := evaluate(t, shells+`
local ok, e = pcall(function() host("`+name+`"):run("sleep 60; echo late", { timeout = 0.3 }) end)
print(ok, e.kind)`)
		if err != nil || out != "false\ttimeout\n" {
			t.Errorf("%s: %q, %v", name, out, err)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%s: %s", name, took)
		}
	}
}

func TestTransportIsClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "closed")
	_, err := evaluate(t, `
transport("fn", {
  connect = function() return "state" end,
  run = function(state, line, io) return 0 end,
  close = function(state) fs.write("`+path+`", state) end,
})
inventory{ g = { { name = "x", transport = "fn" } } }
host("x"):run("true")`)
	if text, readErr := os.ReadFile(path); err != nil || string(text) != "state" {
		t.Errorf("%q, %v, %v", text, readErr, err)
	}
}

func TestTransportMistakes(t *testing.T) {
	with := func(declaration, host string) string {
		return declaration + "\ninventory{ g = { { name = 'x', " + host + " } } }\nhost('x'):run('true')"
	}
	for script, want := range map[string]string{
		`transport("x", {})`: "either command or run",
		`transport("x", { command = { "sh", "-c", "{line}" }, run = function() end })`:                                             "either command or run",
		`transport("x", { command = { "sh" } })`:                                                                                   "the command has no {line}",
		`transport("x", { command = { "{line}" }, connect = function() end })`:                                                     "connect and close belong to run",
		`transport("x", { run = function() end, on = "y" })`:                                                                       "on and tty belong to command",
		`transport("ssh", { command = { "{line}" } })`:                                                                             `there is a transport "ssh" already`,
		`transport("a b", { command = { "{line}" } })`:                                                                             "is not a name of a transport",
		with(`transport("docker", { command = { "{line}" } })`, `transport = "dokcer"`):                                            `there is no transport "dokcer" (did you mean "docker"?)`,
		with(``, `address = "docker://x"`):                                                                                         `there is no transport "docker"`,
		with(`transport("t", { command = { "{user}", "{line}" } })`, `transport = "t"`):                                            "the command of the transport wants {user}, which the host does not have",
		with(`transport("t", { command = { "{vars.a}", "{line}" } })`, `transport = "t"`):                                          "wants {vars.a}",
		with(`transport("t", { run = function() end })`, `transport = "t"`):                                                        "run returns no exit code",
		with(`transport("t", { run = function() error("boom") end })`, `transport = "t"`):                                          "fab.lua:1: x: boom",
		with(`transport("t", { run = function() return 0 end, connect = function() error("no") end })`, `transport = "t"`):         "no",
		with(`transport("t", { command = { "/no/such/program", "{line}" } })`, `transport = "t"`):                                  "exited with 127",
		with(`transport("t", { command = { "sh", "-c", "{line}" }, files = false })`, `transport = "t"`) + "\nhost('x'):read('y')": "has no files",
		with(`transport("t", { command = { "sh", "-c", "{line}" }, on = "x" })`, `transport = "t"`):                                "the connection of x is not there yet",
	} {
		_, err := evaluate(t, script)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", script, err, want)
		}
	}
}

// A failed connect leaves its host unreachable.
func TestUnreachable(t *testing.T) {
	_, err := evaluate(t, `
transport("t", { connect = function() error("the container is stopped") end, run = function() return 0 end })
inventory{ g = { { name = "x", transport = "t" } } }
host("x"):run("true")`)
	if fault.KindOf(err) != fault.Unreachable {
		t.Errorf("%v", err)
	}
}
