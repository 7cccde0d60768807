package ssh_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

func TestConnectByConfiguration(t *testing.T) {
	testenv.Goroutines(t)
	banner := write(t, t.TempDir(), "banner", "authorised people only\n")
	check(t, os.Chmod(filepath.Dir(banner), 0o755))
	s, globals := lab(t, testenv.Lines("Banner "+banner))
	globals["fingerprint"] = strings.Fields(tool(t, nil, "ssh-keygen", "-lf", filepath.Join(s.Dir, "host_ed25519")))[1]
	must(t, globals, `
		local s = ssh.connect(name, { config = config })
		local r = s:run("echo out; echo err >&2; exit 3", { check = false, hide = true })
		assert(r.stdout == "out\n" and r.stderr == "err\n" and r.code == 3)
		local ok, e = pcall(s.run, s, "exit 4", { hide = true })
		assert(not ok and e.kind == "exit" and e.result.code == 4)
		local i = s:info()
		assert(i.user == user and i.address == "127.0.0.1:" .. port and i.name == name)
		assert(i.host_key_type == "ssh-ed25519" and i.host_key_fingerprint == fingerprint, i.host_key_fingerprint)
		assert(i.banner == "authorised people only\n", i.banner)
		assert(i.server_version:find("^SSH%-2.0%-OpenSSH_") and i.post_quantum == (i.kex:find("^mlkem") ~= nil) and i.kex ~= "" and i.cipher ~= "")
		assert(math.abs(i.since - os.time()) < 60)
		assert(s.open and s.name == name and tostring(s) == name)
		s:close()
		s:close()
		assert(not s.open)
		ok, e = pcall(s.run, s, "true")
		assert(not ok and e.kind == "cancelled", e)`)
}

// Everything that a user of paramiko gives to connect().
func TestConnectByOptions(t *testing.T) {
	testenv.Goroutines(t)
	_, globals := lab(t)
	must(t, globals, `
		local o = { config = false, port = port, user = user, key_file = { key }, known_hosts = { known }, agent = false,
			timeout = 20, keepalive = 5, options = { Ciphers = "aes256-ctr" } }
		local s = ssh.connect("127.0.0.1", o)
		assert(s:info().cipher == "aes256-ctr" and s:info().auth == key, s:info().auth)
		s:close()
		o.address, o.known_hosts, o.host_key = "127.0.0.1", { dir .. "/new %h known" }, "accept-new"
		o.options = { HostKeyAlias = "box" }
		ssh.connect("a-name-of-mine", o):close()
		assert(#ssh.known_hosts(dir .. "/new %h known"):lookup("box") == 1)
		o.host_key = "strict"
		fs.copy(key, dir .. "/my %u key")
		o.key_file = { dir .. "/my %u key" }
		ssh.connect("a-name-of-mine", o):close()`)
}

func TestHostKeysAreChecked(t *testing.T) {
	s, globals := lab(t)
	other := testenv.NewKey(t, "ed25519").Public()
	globals["wrong"] = write(t, t.TempDir(), "wrong", "["+"127.0.0.1]:"+s.Addr[len("127.0.0.1:"):]+" "+other+"\n")
	connect := `ssh.connect("127.0.0.1", { config = false, port = port, user = user, key_file = { key }, agent = false, `
	for _, policy := range []string{"", "strict"} {
		kind, text := kindOf(t, globals, connect+`known_hosts = { dir .. "/none" }, host_key = "`+policy+`" })`)
		if kind != fault.HostKey {
			t.Errorf("policy %q: %s", policy, text)
		}
	}
	for _, policy := range []string{"strict", "accept-new", "none"} {
		kind, text := kindOf(t, globals, connect+`known_hosts = { wrong }, host_key = "`+policy+`" })`)
		if kind != fault.HostKey {
			t.Errorf("a changed key, policy %q: %s", policy, text)
		}
	}
	out := must(t, globals, connect+`known_hosts = { dir .. "/none" }, host_key = "none" }):close(); assert(not fs.exists(dir .. "/none"))`)
	if !strings.Contains(out, "not checked") {
		t.Errorf("no check is not loud: %q", out)
	}
}

func TestPasswordAndPassphrase(t *testing.T) {
	testenv.Goroutines(t)
	account := testenv.TempUser(t, "pass word")
	_, globals := lab(t, testenv.As(account.Name), testenv.Lines("PasswordAuthentication yes", "UsePAM no"))
	locked := filepath.Join(t.TempDir(), "locked")
	tool(t, nil, "ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", "horse", "-f", locked)
	globals["locked"], globals["account"] = locked, account.Name
	out := must(t, globals, `
		local o = { config = false, port = port, user = account, known_hosts = { known }, agent = false, options = { PubkeyAuthentication = "no" } }
		local kind = function(o) local _, e = pcall(ssh.connect, "127.0.0.1", o); return e.kind end
		o.password = secret.new("pass word")
		local s = ssh.connect("127.0.0.1", o)
		assert(s:info().auth == "password" and s:run("id -un", { hide = true }).stdout == account .. "\n")
		s:close()
		o.password = "wrong"
		assert(kind(o) == "auth")`)
	if strings.Contains(out, "pass word") {
		t.Errorf("the password is shown: %s", out)
	}
	// A locked key opens with its passphrase only; the server takes it once it is
	// among the authorized ones.
	s, globals := lab(t)
	public, err := os.ReadFile(locked + ".pub")
	check(t, err)
	check(t, os.WriteFile(filepath.Join(s.Dir, "authorized_keys"), public, 0o644))
	globals["locked"] = locked
	must(t, globals, `
		local o = { config = false, port = port, user = user, known_hosts = { known }, agent = false, key_file = { locked } }
		o.passphrase = secret.new("horse")
		local s = ssh.connect("127.0.0.1", o)
		assert(s:info().auth:find("locked"))
		s:close()
		for _, wrong in ipairs{ "mule", "" } do
			o.passphrase = wrong ~= "" and wrong or nil
			local ok, e = pcall(ssh.connect, "127.0.0.1", o)
			assert(not ok and e.kind == "auth", e)
		end`)
}

func TestMisuse(t *testing.T) {
	for _, code := range []string{
		`ssh.connect()`, `ssh.connect("x", { tiemout = 3 })`, `ssh.connect("x", { port = 70000 })`, `ssh.connect("x", { host_key = "yolo" })`,
		`ssh.connect("x", { config = true })`, `ssh.connect("x", { port = "22" })`, `ssh.keygen{ type = "dsa" }`, `ssh.connect("-oProxyCommand=x")`,
		`ssh.scan("x", { port = 0 })`, `ssh.scan("x", { types = { "dsa" } })`,
	} {
		if kind, text := kindOf(t, nil, code); kind != fault.Usage {
			t.Errorf("%s: %s %s", code, kind, text)
		}
	}
	if kind, text := kindOf(t, nil, `ssh.connect("x", { options = { Colour = "blue" } })`); kind != fault.Parse {
		t.Errorf("an unknown keyword: %s", text)
	}
	if kind, text := kindOf(t, nil, `ssh.connect("127.0.0.1", { config = false, port = 1, timeout = 5 })`); kind != fault.Unreachable {
		t.Errorf("nobody there: %s", text)
	}
}

// A server that never answers holds nobody up.
func TestTimeout(t *testing.T) {
	testenv.Goroutines(t)
	s, globals := lab(t)
	proxy := testenv.Proxy(t, s.Addr)
	proxy.BlackHole()
	globals["port"] = portOf(proxy.Addr)
	kind, text := kindOf(t, globals, `ssh.connect("127.0.0.1", { config = false, port = port, timeout = 0.3 })`)
	if kind != fault.Timeout {
		t.Error(text)
	}
}

// Fifty connections leave nothing behind.
func TestNothingIsLeft(t *testing.T) {
	testenv.Goroutines(t)
	_, globals := lab(t)
	must(t, globals, `
		for i = 1, 50 do
			local s = ssh.connect(name, { config = config })
			if i % 10 == 0 then
				local f = s:forward{ to = "127.0.0.1:" .. port }
				s:sftp():list()
				if i == 10 then s:shell() end -- a root's shell takes a second to be ended
			end
			if i % 2 == 0 then s:close() end -- the others end with the run
		end`)
}

// A session ends with the task that opened it.
func TestSessionEndsWithItsTask(t *testing.T) {
	_, globals := lab(t)
	must(t, globals, `
		local kept
		local ok = pcall(function() error("x") end)
		kept = ssh.connect(name, { config = config })
		local r = kept:run("sleep 30", { timeout = 0.2, check = false, hide = true })
		assert(r.timed_out and kept.open)
		assert(kept:run("echo still", { hide = true }).stdout == "still\n")`)
}

// TestTerminate: OpenSSH passes no signals on to programs of root, which is told
// where a script wants one, and made up for where it wants the program gone.
func TestTerminate(t *testing.T) {
	testenv.Goroutines(t)
	_, globals := lab(t)
	must(t, globals, `
		local s = ssh.connect(name, { config = config })
		local p = s:spawn("echo ready; exec sleep 1000")
		p:expect("ready")
		local ok, e = pcall(p.signal, p, "CONT")
		assert(ok == (s:info().user ~= "root") and (ok or e.kind == "unsupported"), e)
		assert(p:terminate() and not p:alive())
		p = s:spawn("trap '' HUP INT; echo ready; while :; do sleep 1; done")
		p:expect("ready")
		assert(p:terminate{ force = true } and not p:alive())
		s:close()`)
}
