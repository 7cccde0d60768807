package ssh_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

func TestSFTP(t *testing.T) {
	testenv.Goroutines(t)
	_, globals := lab(t)
	must(t, globals, `
		local s = ssh.connect(name, { config = config })
		local f = s:sftp()
		f:chdir(dir)
		assert(f:getcwd() == fs.abs(dir) and f:normalize("a/../b") == fs.abs(dir) .. "/b", f:getcwd())
		f:mkdir("sub", { mode = "0711" })
		assert(f:stat("sub").mode == "0711" and f:stat("sub").type == "directory")
		f:makedirs("sub/x/y")
		f:makedirs("sub/x/y")
		f:open("sub/file", "w"):close()
		f:chmod("sub/file", "4750")
		f:utime("sub/file", { modified = 1e9, accessed = 1e9 + 5 })
		local a = f:stat("sub/file")
		assert(a.mode == "4750" and a.modified == 1e9 and a.accessed == 1e9 + 5 and a.size == 0 and a.type == "file")
		assert(fs.stat(dir .. "/sub/file").modified == 1e9)
		f:truncate("sub/file", 10)
		assert(f:stat("sub/file").size == 10)
		f:chown("sub/file", { uid = a.uid, gid = a.gid })
		f:symlink("sub/file", "link")
		assert(f:readlink("link") == "sub/file" and f:lstat("link").type == "symlink" and f:stat("link").size == 10)
		f:open("other", "w"):close()
		f:rename("other", "sub/file")
		assert(f:stat("sub/file").size == 0 and not f:exists("other"))
		f:open("other", "w"):close()
		local ok, e = pcall(f.rename, f, "other", "sub/file", { overwrite = false })
		assert(not ok and e.kind == "exists")
		assert(table.concat(f:list(), " ") == "link other sub")
		assert(f:list_attr("sub")[1].name == "file")
		f:symlink(dir, "sub/x/trap")
		for _, wrong in ipairs{ { "remove", "sub" }, { "rmdir", "link" }, { "rmdir", "other" } } do
			ok, e = pcall(f[wrong[1]], f, wrong[2])
			assert(not ok and e.kind == "usage", e)
		end
		f:remove("link")
		assert(not pcall(f.rmdir, f, "sub"))
		f:remove_tree("sub")
		assert(fs.exists(dir .. "/other") and not fs.exists(dir .. "/sub"))
		assert(f:statvfs().total > f:statvfs().free and f:statvfs().percent <= 100)
		for _, name in ipairs{ "stat", "lstat", "list", "open", "readlink", "remove", "rmdir", "chdir" } do
			ok, e = pcall(f[name], f, "no/such/thing")
			assert(not ok and e.kind == "notfound" and e.host == s.name, name .. ": " .. tostring(e))
		end
		assert(not pcall(f.remove_tree, f, "/"))
		assert(not pcall(f.chmod, f, "other", "rwx"))
		fs.write(dir .. "/local.txt", "content")
		assert(f:put(dir .. "/local.txt", "copy.txt").bytes == 7)
		f:get("copy.txt", dir .. "/back.txt")
		assert(fs.read(dir .. "/back.txt") == "content")
		f:close()
		assert(not pcall(f.list, f))
		assert(s:run("true").ok)
		s:close()`)
}

func TestOpenFiles(t *testing.T) {
	testenv.Goroutines(t)
	_, globals := lab(t)
	must(t, globals, `
		local f = ssh.connect(name, { config = config }):sftp()
		f:chdir(dir)
		local w = f:open("log", "w")
		w:write("one\ntwo\n")
		assert(w:tell() == 8 and f:stat("log").size == 0)
		w:flush{ sync = true }
		assert(f:stat("log").size == 8 and w:stat().size == 8)
		w:close()
		w:close()
		local a = f:open("log", "a")
		a:write("three")
		a:close()
		local r, seen = f:open("log"), {}
		for line in r:lines() do seen[#seen + 1] = line end
		assert(table.concat(seen, ",") == "one,two,three")
		r:seek(4)
		assert(r:readline() == "two" and r:tell() == 8 and r:read() == "three" and r:read() == "" and r:readline() == nil)
		assert(r:seek(-3, { from = "end" }) == 10 and r:read(2) == "re" and r:seek(-1, { from = "here" }) == 11)
		assert(not pcall(r.seek, r, -1))
		for _, act in ipairs{ "write", "truncate" } do
			local ok, e = pcall(r[act], r, act == "write" and "x" or nil)
			assert(not ok and e.kind == "usage" and e.message:find("is open for reading only"), e)
		end
		r:close()
		assert(not pcall(r.read, r))
		local ok, e = pcall(f.open, f, "log", "x")
		assert(not ok)
		local b = f:open("log", "r+")
		b:write("ONE")
		assert(b:read(4) == "\ntwo")
		b:truncate()
		b:seek(0)
		assert(b:read() == "ONE\ntwo", "after truncate")
		b:close()
		ok, e = pcall(f.open, f, ".", "r")
		assert(not ok)
		for _, mode in ipairs{ "rw", "", "r++", "+", "rbb", "ax", "t" } do
			ok, e = pcall(f.open, f, "log", mode)
			assert(not ok and e.kind == "usage", mode)
		end
		for _, mode in ipairs{ "rb", "r+b", "rb+", "ab", "wb+", "w+b", "wb" } do f:open("log", mode):close() end
		f:open("new", "wx"):close()
		ok, e = pcall(f.open, f, "new", "wxb")
		assert(not ok and e.kind == "exists", e)
		w = f:open("new", "w")
		w:write("x")
		for _, act in ipairs{ "read", "readline" } do
			ok, e = pcall(w[act], w)
			assert(not ok and e.kind == "usage" and e.message:find("is open for writing only"), e)
		end
		w:close()`)
}

// TestWhatItIs: servers call it all a failure or not there.
func TestWhatItIs(t *testing.T) {
	_, globals := lab(t)
	must(t, globals, `
		local f = ssh.connect(name, { config = config }):sftp()
		local home = f:getcwd()
		f:chdir(dir)
		f:open("file", "w"):close()
		for method, text in pairs{ list = "is not a folder", list_attr = "is not a folder", readlink = "is not a symbolic link" } do
			local ok, e = pcall(f[method], f, "file")
			assert(not ok and e.kind == "usage" and e.message:find(text), e)
		end
		f:mkdir("folder")
		for _, c in ipairs{
			{ "rename", "nothing", "new", "notfound", "cannot rename .*nothing: no such" },
			{ "rename", "file", "folder", "exists", "folder: it is a folder" },
			{ "symlink", "target", "file", "exists", "file: it exists" },
		} do
			local ok, e = pcall(f[c[1]], f, c[2], c[3])
			assert(not ok and e.kind == c[4] and e.message:find(c[5]), e)
		end
		f:chdir()
		assert(f:getcwd() == home)`)
}

// TestFollowCopies: a function sees the progress of put and get, and an error
// in it ends the copy.
func TestFollowCopies(t *testing.T) {
	testenv.Goroutines(t)
	_, globals := lab(t)
	must(t, globals, `
		local f = ssh.connect(name, { config = config }):sftp()
		f:chdir(dir)
		fs.write(dir .. "/local", ("x"):rep(41))
		local last
		local function see(p) last = p.bytes .. " of " .. p.total_bytes end
		f:put(dir .. "/local", "copy", { progress = see })
		assert(last == "41 of 41", last)
		last = nil
		f:get("copy", dir .. "/back", { progress = see, limit = "1M" })
		assert(last == "41 of 41", last)
		local ok, e = pcall(f.put, f, dir .. "/local", "other", { progress = function() error("enough") end })
		assert(not ok and e.message:find("enough"), e)`)
}

// A script of random steps on a file gives the same in paramiko.
func TestFileAsParamiko(t *testing.T) {
	testenv.Goroutines(t)
	python := testenv.Python(t, "paramiko")
	s, globals := lab(t)
	const seed = 11
	r := rand.New(rand.NewPCG(seed, 0))
	type step struct {
		Do   string `json:"do"`
		N    int    `json:"n"`
		From int    `json:"from"`
		Text string `json:"text"`
	}
	var steps []step
	for range 2000 {
		steps = append(steps, step{
			Do: []string{"read", "write", "seek", "seek", "tell", "readline", "truncate"}[r.IntN(7)],
			N:  r.IntN(3000), From: r.IntN(2) * 2, Text: strings.Repeat("ab\ncdefgh"[:1+r.IntN(9)], 1+r.IntN(200)),
		})
	}
	dir := globals["dir"].(string)
	data, err := json.Marshal(steps)
	check(t, err)
	plan := write(t, dir, "steps.json", string(data))
	cmd := exec.Command(python, "-c", paramikoSteps, fmt.Sprint(s.Port), s.User, s.ClientKey, plan, filepath.Join(dir, "theirs"))
	want, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v %s", err, err.(*exec.ExitError).Stderr)
	}
	must(t, globals, `
		local f = ssh.connect(name, { config = config }):sftp():open(dir .. "/ours", "w+")
		local log = {}
		for i, s in ipairs(json.decode(fs.read(dir .. "/steps.json"))) do
			local got = ""
			if s["do"] == "read" then got = f:read(s.n)
			elseif s["do"] == "write" then f:write(s.text)
			elseif s["do"] == "seek" then f:seek(s.from == 0 and s.n or 0, { from = s.from == 0 and "start" or "end" })
			elseif s["do"] == "tell" then got = tostring(f:tell())
			elseif s["do"] == "readline" then got = f:readline() or ""
			else f:truncate(s.n) end
			log[#log + 1] = hash.md5(got)
		end
		f:close()
		fs.write(dir .. "/log", table.concat(log, "\n") .. "\n")`)
	got, err := os.ReadFile(filepath.Join(dir, "log"))
	check(t, err)
	a, b := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			t.Fatalf("seed %d, step %d %+v: %s, paramiko %s", seed, i, steps[i], a[i], b[i])
		}
	}
	ours, _ := os.ReadFile(filepath.Join(dir, "ours"))
	theirs, _ := os.ReadFile(filepath.Join(dir, "theirs"))
	if len(a) != len(b) || !bytes.Equal(ours, theirs) {
		t.Errorf("%d and %d steps, %d and %d bytes at the end", len(a), len(b), len(ours), len(theirs))
	}
}

const paramikoSteps = `
import sys, json, hashlib, paramiko
port, user, key, plan, path = sys.argv[1:]
c = paramiko.SSHClient()
c.set_missing_host_key_policy(paramiko.AutoAddPolicy())
c.connect("127.0.0.1", int(port), user, pkey=paramiko.Ed25519Key.from_private_key_file(key), allow_agent=False, look_for_keys=False)
f = c.open_sftp().open(path, "w+")
for s in json.load(open(plan)):
    got = b""
    if s["do"] == "read": got = f.read(s["n"])
    elif s["do"] == "write":
        f.seek(f.tell()) # else it writes behind what it read ahead
        f.write(s["text"])
    elif s["do"] == "seek": f.seek(s["n"] if s["from"] == 0 else 0, s["from"])
    elif s["do"] == "tell": got = str(f.tell()).encode()
    elif s["do"] == "readline": got = f.readline().encode().rstrip(b"\n")
    else:
        at = f.tell(); f.flush(); f.truncate(s["n"]); f.seek(at)
    print(hashlib.md5(got).hexdigest())
f.close()
`

// Without the subsystem there is a clear error.
func TestNoSFTP(t *testing.T) {
	_, globals := lab(t, testenv.NoSFTP())
	if kind, text := kindOf(t, globals, `ssh.connect(name, { config = config }):sftp()`); kind != fault.Unsupported {
		t.Error(text)
	}
}
