package ssh_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gofab/internal/knownhosts"
	"gofab/internal/testenv"
)

func TestKeys(t *testing.T) {
	dir := t.TempDir()
	out := must(t, map[string]any{"dir": dir}, `
		local k = ssh.keygen(dir .. "/id", { comment = "me@here", passphrase = secret.new("horse") })
		assert(k.path == dir .. "/id" and k.private == nil and k.type == "ssh-ed25519" and k.public:find(" me@here$"))
		assert(fs.stat(dir .. "/id").mode == "0600")
		local ok, e = pcall(ssh.keygen, dir .. "/id")
		assert(not ok and e.kind == "exists", e)
		local f = ssh.fingerprint(dir .. "/id")
		assert(f.sha256 == k.fingerprint and f.sha256 == ssh.fingerprint(k.public).sha256 and f.bits == 256 and f.comment == "me@here")
		fs.write(dir .. "/art", f.art .. "\n")
		local loose = ssh.keygen{ type = "ecdsa" }
		print(loose.private)
		ok, e = pcall(ssh.fingerprint, "no such key")
		assert(not ok and e.kind == "notfound")`)
	if strings.Contains(out, "PRIVATE KEY") {
		t.Errorf("a private key is shown:\n%s", out)
	}
	art, err := os.ReadFile(filepath.Join(dir, "art"))
	check(t, err)
	if want := tool(t, nil, "ssh-keygen", "-lv", "-f", filepath.Join(dir, "id.pub")); !strings.Contains(want, strings.TrimSpace(string(art))) {
		t.Errorf("%s\nis not in\n%s", art, want)
	}
	if got := tool(t, nil, "ssh-keygen", "-y", "-P", "horse", "-f", filepath.Join(dir, "id")); !strings.HasSuffix(got, "me@here\n") {
		t.Error(got)
	}
}

func TestAgent(t *testing.T) {
	testenv.Goroutines(t)
	_, globals := lab(t)
	socket := filepath.Join(t.TempDir(), "agent")
	said := tool(t, nil, "ssh-agent", "-a", socket)
	_, pid, _ := strings.Cut(said, "SSH_AGENT_PID=")
	pid, _, _ = strings.Cut(pid, ";")
	t.Cleanup(func() { tool(t, nil, "kill", pid) })
	t.Setenv("SSH_AUTH_SOCK", socket)
	must(t, globals, `
		local a = ssh.agent()
		assert(#a:list() == 0)
		a:add(key, { lifetime = "10m" })
		local k = a:list()[1]
		assert(k.type == "ssh-ed25519" and k.comment == key and k.fingerprint == ssh.fingerprint(key).sha256)
		assert(a:sign(k.fingerprint, "data").format == "ssh-ed25519" and #a:sign(key, "data").blob == 64)
		local o = { config = false, port = port, user = user, known_hosts = { known }, key_file = { dir .. "/none" } }
		local s = ssh.connect("127.0.0.1", o)
		assert(s:info().auth:find("^agent key"), s:info().auth)
		s:close()
		a:lock(secret.new("pw"))
		assert(#a:list() == 0)
		assert(not pcall(a.unlock, a, "wrong"))
		a:unlock("pw")
		a:remove(k.comment)
		local ok, e = pcall(a.remove, a, "who")
		assert(not ok and e.kind == "notfound")
		a:remove_all()
		o.agent = false
		ok, e = pcall(ssh.connect, "127.0.0.1", o)
		assert(not ok and e.kind == "auth")`)
}

func TestKnownHostsAndScan(t *testing.T) {
	s, globals := lab(t, testenv.HostKeys("ed25519", "rsa"))
	file := filepath.Join(t.TempDir(), "known_hosts")
	globals["file"] = file
	must(t, globals, `
		local found = ssh.scan("127.0.0.1", { port = port })
		assert(#found == 2 and found[1].type == "ssh-ed25519" and found[2].type == "ssh-rsa")
		local k = ssh.known_hosts(file)
		assert(#k:list() == 0)
		for _, f in ipairs(found) do assert(k:add("127.0.0.1", f.key, { port = port, hashed = f.type == "ssh-rsa" })) end
		assert(not k:add("127.0.0.1", found[1].key, { port = port }))
		assert(#k:lookup("127.0.0.1", { port = port }) == 2 and k:list()[2].hosts:find("^|1|"))
		ssh.connect("127.0.0.1", { config = false, port = port, user = user, known_hosts = { file }, key_file = { key }, agent = false }):close()
		assert(k:hash() == 1 and k:hash() == 0)
		assert(#k:warnings() == 0 and k.path == file)`)
	name := fmt.Sprintf("[127.0.0.1]:%d", s.Port)
	if out := tool(t, nil, "ssh-keygen", "-F", name, "-f", file); strings.Count(out, "found: line") != 2 {
		t.Error(out)
	}
	must(t, globals, `
		local k = ssh.known_hosts(file)
		assert(k:remove("127.0.0.1", { port = port }) == 2 and k:remove("127.0.0.1", { port = port }) == 0)`)
	out, _ := os.ReadFile(file)
	if len(out) != 0 {
		t.Errorf("left: %s", out)
	}
}

// Additions of many at once lose no line, beside removals.
func TestKnownHostsByMany(t *testing.T) {
	file := filepath.Join(t.TempDir(), "known_hosts")
	key := testenv.NewKey(t, "ed25519").Public()
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			_, err := lua(t, map[string]any{"file": file, "key": key, "n": i}, `
				local k = ssh.known_hosts(file)
				for i = 1, 20 do
					k:add("host" .. n .. "-" .. i, key)
					k:add("gone" .. n, key)
					k:remove("gone" .. n)
				end`)
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	db, err := knownhosts.Load(file)
	check(t, err)
	if n := len(db.Entries()); n != 120 {
		t.Errorf("%d lines of 120", n)
	}
}

func TestForwardAndTerminal(t *testing.T) {
	testenv.Goroutines(t)
	_, globals := lab(t)
	must(t, globals, `
		local web = http.serve{ routes = { ["/"] = function() return "inside" end } }
		local s = ssh.connect(name, { config = config })
		local f = s:forward{ to = "127.0.0.1:" .. web.port }
		assert(http.get("http://127.0.0.1:" .. f.port).body == "inside" and f.total == 1 and f.failed == 0)
		local r = s:forward{ remote = "127.0.0.1:0", to = "127.0.0.1:" .. web.port }
		assert(s:run("curl -s http://" .. r.address, { hide = true }).stdout == "inside")
		r:close()
		local answer = s:forward({ listen = dir .. "/socket", to = "127.0.0.1:" .. web.port }, function(f)
			assert(f.address == dir .. "/socket" and f.port == 0 and fs.stat(f.address).mode == "0600")
			return proc.run{ "curl", "-s", "--unix-socket", f.address, "http://x/" }.stdout
		end)
		assert(answer == "inside" and not fs.exists(dir .. "/socket"))
		local ok, e = pcall(s.forward, s, { to = "nowhere" })
		assert(not ok and e.kind == "usage" and e.host == name)
		local p = s:shell{ rows = 30, cols = 100 }
		p:line("stty size; exit 7")
		p:expect("30 100")
		p:eof()
		assert(p:wait().code == 7)
		p = s:spawn({ "sh", "-c", "printf 'password: '; read x; echo got $x" }, { cwd = dir, env = { A = "b" } })
		p:expect("password: ")
		p:line("z")
		p:expect("got z")
		s:close()
		assert(not pcall(http.get, "http://" .. f.address, { timeout = 2 }))
		web:close()`)
}
