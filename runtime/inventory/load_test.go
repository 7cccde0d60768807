package inventory_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gofab/bindings/kit"
	"gofab/runtime/inventory"
)

// The same hosts in every form.
var oneFleet = map[string]string{
	"hosts.yaml": `
all: { user: ops, vars: { ntp: pool } }
web: { hosts: ["web[1-2]"], vars: { port: 80 } }
db: [{ name: db1, address: 10.0.0.1, port: 2222, vars: { port: 5432 } }]
site: { children: [web, db] }
`,
	"hosts.toml": `
db = [{ name = "db1", address = "10.0.0.1", port = 2222, vars = { port = 5432 } }]
[all]
user = "ops"
vars = { ntp = "pool" }
[web]
hosts = ["web[1-2]"]
vars.port = 80
[site]
children = ["web", "db"]
`,
	"hosts.json": `{"all": {"user": "ops", "vars": {"ntp": "pool"}}, "web": {"hosts": ["web1", "web2"], "vars": {"port": 80}},
 "db": [{"name": "db1", "address": "10.0.0.1", "port": 2222, "vars": {"port": 5432}}], "site": {"children": ["web", "db"]}}`,
	"hosts.ini": `
[all:vars]
ansible_user=ops
ntp=pool
[web]
web[1:2]
[web:vars]
port=80
[db]
db1:2222 ansible_host=10.0.0.1 port=5432
[site:children]
web
db
`,
	"hosts.yml": `
all:
  vars: { ansible_user: ops, ntp: pool }
  children:
    site:
      children:
        web: { hosts: { "web[1:2]": }, vars: { port: 80 } }
        db: { hosts: { "db1:2222": { ansible_host: 10.0.0.1, port: 5432 } } }
`,
	"hosts.csv": `name,groups,address,user,port,ntp
web1,web site,,ops,,pool
web2,web site,,ops,,pool
db1,db site,10.0.0.1,ops,2222,pool
`,
}

func TestTheSameHostsInEveryForm(t *testing.T) {
	dir := written(t, oneFleet)
	for name := range oneFleet {
		inv := inventory.New()
		if err := inv.Load(t.Context(), filepath.Join(dir, name), ""); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		db := inv.Host("db1")
		if db == nil || db.Address != "10.0.0.1" || db.Port != 2222 || db.User != "ops" || db.Vars["ntp"] != "pool" {
			t.Errorf("%s: %+v", name, db)
			continue
		}
		if name != "hosts.csv" && (db.Vars["port"] != 5432.0 || inv.Host("web2").Vars["port"] != 80.0) {
			t.Errorf("%s: variables %v", name, db.Vars)
		}
		got, err := inv.Select(t.Context(), "@site & !@db")
		if err != nil || len(got) != 2 {
			t.Errorf("%s: %s, %v", name, names(got), err)
		}
	}
}

// What a view writes, Load reads: values of hosts and members of groups.
func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	before := fleet(t)
	text, err := jsonOf(before.View(before.Hosts()).Data())
	if err != nil {
		t.Fatal(err)
	}
	after := loaded(t, "again.json", text)
	for _, h := range before.Hosts() {
		again := after.Host(h.Name)
		if again == nil || again.Address != h.Address || again.Port != h.Port || again.User != h.User {
			t.Errorf("%s: %+v", h.Name, again)
		} else if diff := cmp.Diff(h.Vars, again.Vars); diff != "" {
			t.Errorf("%s: %s", h.Name, diff)
		}
	}
	for _, group := range []string{"@web", "@db", "@all_tiers", "@canary"} {
		a, errA := before.Select(t.Context(), group)
		b, errB := after.Select(t.Context(), group)
		if errA != nil || errB != nil || names(a) != names(b) {
			t.Errorf("%s: %q and %q (%v, %v)", group, names(a), names(b), errA, errB)
		}
	}
}

func TestMistakesOfFiles(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"h.yaml", "web:\n  hosts: [a]\n  vrs: {}\n", `h.yaml:3: unknown key "vrs" (did you mean "vars"?)`},
		{"h.yaml", "web:\n  - a\n  - { name: b, adress: x }\n", `h.yaml:3: unknown key "adress" (did you mean "address"?)`},
		{"h.yaml", "web:\n  - a\n  - { name: b, port: 70000 }\n", "h.yaml:3: port: unexpected 70000"},
		{"h.yaml", "web:\n  - a b\n", `h.yaml:2: "a b" is not a host name`},
		{"h.yaml", "web:\n  - {}\n", "h.yaml:2: a host needs a name"},
		{"hosts", "# web\n[web\nweb1\n", "hosts:2: [web is no section"},
		{"h.yaml", "web:\n  - 5\n", "h.yaml:2: [1]: want a host name or a table, got the number 5"},
		{"h.yaml", "web: text\n", `h.yaml:1: group web: want a list of hosts`},
		{"h.yaml", "web:\n  children:\n    - db\n", `h.yaml:3: no group "db" in the inventory`},
		{"h.toml", "[web]\nhosts = ['a']\n[db]\nchildren = ['web',\n 'wbe']\n", `h.toml:5: no group "wbe" in the inventory (did you mean "web"?)`},
		{"h.yaml", "a: { children: [b] }\nb:\n  children: [a]\n", `h.yaml:3: group a contains itself: a -> b -> a`},
		{"h.yaml", "web:\n  password: x\n", "h.yaml:2: password: want a secret"},
		{"h.yaml", "web:\n  options: { NoSuch: 1 }\n", "h.yaml:2: options: unexpected"},
		{"h.yaml", "web:\n  hosts: [a]\n\n  priority: high\n", `h.yaml:4: priority: want a whole number`},
		{"h.yaml", "- a\n- b\n", "h.yaml:1: want groups by name, got a list"},
		{"h.yaml", "a b: [c]\n", `"a b" is not a group name`},
		{"h.json", "{\"web\": [\"a\",\n \"web[3-1]\"]}", `h.json:2: "web[3-1]": "3-1" is no range`},
		{"h.toml", "[web]\nhosts = [\"a\"]\nport = \"x\"\n", `h.toml:3: port: unexpected "x"`},
		{"h.csv", "name,port\na,1\nb,x\n", `h.csv:3: port: unexpected "x"`},
		{"h.csv", "host,port\na,1\n", "h.csv:2: a host needs a name"},
		{"h.csv", "name\n", "h.csv:1: no hosts in it"},
		{"h", "[web]\na b=1 c\n", `h:2: want key=value, got "c"`},
		{"h", "[web:vars]\nx=1\n", `h:1: [web:vars] needs a group "web"`},
		{"h", "[web]\nweb[1:x]\n", `h:2: "web[1:x]": "1:x" is no range`},
		{"h", "all:\n  hosts:\n    a: { x: !vault \"$ANSIBLE_VAULT;1.1;AES256\" }\n", "h:3: the value is encrypted with Ansible Vault"},
		{"h", "$ANSIBLE_VAULT;1.1;AES256\n66\n", "h is encrypted with Ansible Vault"},
		{"h", "all:\n  hosts: { a: }\n  x: { y: 1 }\n", `h:3: group all: unknown key "x"`},
		{"h", "plugin: amazon.aws.aws_ec2\nx: { hosts: { a: } }\n", "h:1: this configures a plugin of Ansible"},
	} {
		dir := written(t, map[string]string{c.name: c.text})
		err := inventory.New().Load(t.Context(), filepath.Join(dir, c.name), "")
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), dir+"/", ""), c.want) {
			t.Errorf("%s %q: got %v, want %s", c.name, c.text, err, c.want)
		}
	}
	for path, want := range map[string]string{"/no/such/file": "no such inventory", t.TempDir(): "no inventory in the folder"} {
		if err := inventory.New().Load(t.Context(), path, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := inventory.New().Load(t.Context(), "x", "xml"); err == nil || !strings.Contains(err.Error(), "no such format") {
		t.Errorf("got %v", err)
	}
}

func TestAFolderIsAllItsInventories(t *testing.T) {
	dir := written(t, map[string]string{
		"10-web": "[web]\nweb1\n", "20-db.yaml": "db: [db1]\n", "README.md": "no inventory", ".hidden": "[", "old.orig": "[",
		"group_vars/web.yml": "tier: front\n", "group_vars/all/a.yml": "ntp: pool\n", "host_vars/db1.yaml": "disks: 2\n",
		"more/30.json": `{"db": ["db2"]}`,
	})
	script := filepath.Join(dir, "40-cloud")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"{\\\"cloud\\\": [\\\"c$1\\\"]}\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "20-db.yaml"), 0o700); err != nil { // data all the same
		t.Fatal(err)
	}
	inv := inventory.New()
	if err := inv.Load(t.Context(), dir, ""); err != nil {
		t.Fatal(err)
	}
	if got := names(inv.Hosts()); got != "web1 db1 c--list db2" {
		t.Errorf("hosts are %s", got)
	}
	if w, d := inv.Host("web1").Vars, inv.Host("db1").Vars; w["tier"] != "front" || w["ntp"] != "pool" || d["disks"] != 2.0 || d["tier"] != nil {
		t.Errorf("variables are %v and %v", w, d)
	}
}

func TestWaysToHostsOfAnsible(t *testing.T) {
	inv := loaded(t, "hosts", `
[web]
w1.example.com ansible_host="{{ inventory_hostname_short }}.{{ zone }}" ansible_port=2200
w2 ansible_connection=local
w3 ansible_ssh_common_args="-o ProxyJump=bastion -o ServerAliveInterval=5 -C" ansible_ssh_private_key_file=~/.ssh/k
w4 ansible_connection=winrm
w5 ansible_user="{{ lookup('env', 'USER') }}"
w6 ansible_password=hunter2 ansible_ssh_extra_args='-J jump.example.com'
w7 ansible_ssh_common_args='-F x'
[web:vars]
zone=internal
ansible_user=deploy
`)
	w1, w3, w6 := inv.Host("w1.example.com"), inv.Host("w3"), inv.Host("w6")
	if w1.Address != "w1.internal" || w1.Port != 2200 || w1.User != "deploy" || inv.Host("w2").Transport != inventory.Local {
		t.Errorf("got %+v", w1)
	}
	if w3.Jump != "bastion" || len(w3.Options) != 1 || w3.Options[0] != [2]string{"ServerAliveInterval", "5"} || w3.Key != "~/.ssh/k" {
		t.Errorf("got %+v", w3)
	}
	if w6.Password.Reveal() != "hunter2" || w6.Jump != "jump.example.com" || strings.Contains(inventory.Shown(w6.Vars["ansible_password"]), "hunter") {
		t.Errorf("got %+v", w6)
	}
	for name, want := range map[string]string{"w4": `"winrm" is not a way`, "w5": "is a template that gofab does not know", "w7": "the option -F of ssh"} {
		if err := inv.Host(name).Problem; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExplain(t *testing.T) {
	dir := written(t, map[string]string{
		"hosts":              "[all:vars]\nntp=pool\n[web]\nweb1 ntp=own ansible_port=2222\n[web:vars]\nntp=group\n",
		"group_vars/all.yml": "# later than all groups of the file\nntp: late\n",
	})
	inv := inventory.New()
	if err := inv.Load(t.Context(), filepath.Join(dir, "hosts"), ""); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range inv.Explain(inv.Host("web1")) {
		line := e.Name + "=" + inventory.Shown(e.Value) + " " + e.By + " " + filepath.Base(e.Where)
		for _, o := range e.Over {
			line += " < " + inventory.Shown(o.Value) + " " + o.By + " " + filepath.Base(o.Where)
		}
		lines = append(lines, line)
	}
	want := []string{
		`port=2222 ansible_port of host hosts:4`,
		`ansible_port=2222 host hosts:4`,
		`ntp="own" host hosts:4 < "late" group all all.yml:2 < "group" group web hosts:6 < "pool" group all hosts:2`,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

func TestOrderOfGroups(t *testing.T) {
	inv := loaded(t, "hosts.yaml", `
inner: { hosts: [h], vars: { a: inner, b: inner } }
outer: { children: [inner], vars: { a: outer, b: outer, c: outer } }
first: { hosts: [h], vars: { d: first, e: first }, priority: 10 }
second: { hosts: [h], vars: { d: second, e: second } }
third: { hosts: [{ name: h, vars: { e: host } }], vars: { e: third, c: third } }
all: { vars: { c: all, f: all } }
`)
	want := map[string]any{"a": "inner", "b": "inner", "c": "third", "d": "first", "e": "host", "f": "all"}
	if diff := cmp.Diff(want, inv.Host("h").Vars); diff != "" {
		t.Error(diff)
	}
}

// FuzzLoad: whatever the bytes are, there are hosts or an error.
func FuzzLoad(f *testing.F) {
	for name, text := range oneFleet {
		f.Add(name, text)
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		ext := filepath.Ext(name)
		if len(ext) > 5 || strings.ContainsAny(ext, "/\x00") {
			return
		}
		dir := written(t, map[string]string{"h" + ext: text})
		inv := inventory.New()
		if err := inv.Load(t.Context(), filepath.Join(dir, "h"+ext), ""); err == nil {
			_ = inv.View(inv.Hosts()).Ansible()
		}
	})
}

// jsonOf writes a view.
func jsonOf(value any) (string, error) {
	text, err := kit.ToJSON(value, 1)
	return string(text), err
}
