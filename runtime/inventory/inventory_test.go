package inventory_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gofab/internal/fault"
	"gofab/runtime/inventory"
)

// written makes files in a folder of the test and gives the folder.
func written(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// loaded reads one file as an inventory.
func loaded(t testing.TB, name, text string) *inventory.Inventory {
	t.Helper()
	inv := inventory.New()
	if err := inv.Load(t.Context(), filepath.Join(written(t, map[string]string{name: text}), name), ""); err != nil {
		t.Fatal(err)
	}
	return inv
}

const fleetYAML = `
all:
  vars: { ntp: pool }
web:
  hosts: ["web[1-3]"]
  vars: { port: 80, tier: front }
db:
  hosts: [db1, "deploy@db2:2222"]
  vars: { port: 5432, disks: [sda, sdb], app: { version: "5.10" } }
all_tiers:
  children: [web, db]
  user: ops
canary:
  hosts:
    - { name: web2, address: 10.1.2.3, vars: { port: 8080 } }
`

func fleet(t testing.TB) *inventory.Inventory { return loaded(t, "hosts.yaml", fleetYAML) }

func names(hosts []*inventory.Host) string {
	var list []string
	for _, h := range hosts {
		list = append(list, h.Name)
	}
	return strings.Join(list, " ")
}

func TestSelect(t *testing.T) {
	inv := fleet(t)
	for expr, want := range map[string]string{
		"web1": "web1", "web1,web2": "web1 web2", "web2 web1": "web1 web2", "web*": "web1 web2 web3", "web[1-2]": "web1 web2",
		"web[1,3]": "web1 web3", "@web": "web1 web2 web3", "@web & !web3": "web1 web2", "!@web": "db1 db2",
		"@web | @db": "web1 web2 web3 db1 db2", "@all_tiers & !@db & !@canary": "web1 web3", "(web1 | db1) & @db": "db1",
		"all": "web1 web2 web3 db1 db2", "*": "web1 web2 web3 db1 db2", "local": "local", "web?": "web1 web2 web3", "@web&@canary": "web2",
		"!(web1,web2)": "web3 db1 db2", "@all & web1": "web1", "web[1-2]*": "web1 web2",
		"@web[0]": "web1", "@web[-1]": "web3", "@web[1-]": "web2 web3", "@web[0:1]": "web1 web2", "@web[-2:]": "web2 web3",
		"@web[0,2]": "web1 web3", "(@web, @db)[1-3]": "web2 web3 db1", "@w*": "web1 web2 web3", "@web[1-99]": "web2 web3",
		`~^web\d$`: "web1 web2 web3", "~^(web|db)2$": "web2 db2", "~[13]$ & !~^db": "web1 web3", "~web1|db1": "web1 db1", "~^web[12]{1,2}$ & !web1": "web2", "@web[-9:]": "web1 web2 web3",
		"tier:front": "web1 web2 web3", "tier:f*": "web1 web2 web3", "var.tier": "web1 web2 web3", "!var.tier": "db1 db2",
		"port>=5432": "web2 db1 db2", "port=80": "web1 web3", "port!=80": "web2 db1 db2", "port<100 & @web": "web1 web3",
		"disks:sdb": "db1 db2", "disks.1:sda": "db1 db2", "app.version>5.9": "db1 db2", "app.version<5.9 | web1": "web1",
		"10.0.0.0/8": "web2", "!10.1.0.0/16 & @canary | db1": "db1", `tier:"front"`: "web1 web2 web3", "ntp:pool": "web1 web2 web3 db1 db2",
		"port!=80&@db": "db1 db2",
	} {
		got, err := inv.Select(t.Context(), expr)
		if err != nil || names(got) != want {
			t.Errorf("%s: got %q, %v; want %q", expr, names(got), err, want)
		}
	}
}

func TestSelectMistakes(t *testing.T) {
	inv := fleet(t)
	for expr, want := range map[string]string{
		"web4": `no host "web4" in the inventory (did you mean "web1"?)`, "@wbe": `did you mean "web"?`,
		"db": `did you mean the group "@db"?`, "web1 &": "missing at the end", "(web1": `a ")" is missing`, "web1)": `at ")": unexpected ")"`,
		"mail*": "no host matches", "@web & @db": "no host matches", "": "missing at the end", "& web1": `unexpected "&"`, "!": "missing at the end",
		"web1 & (db1 & & db2)": `at "& db2)": unexpected "&"`, "~(": "missing closing )", "teir:front": `no variable and no fact is called "teir" (did you mean "tier"?)`,
		"port>": "a value is missing after port>", "@web[x]": `"[x]" is no slice`, "(web1)[x]": `"[x]" is no slice`, `"web1`: "is not closed",
		"fact.os:linux": "can only be asked in a run", "@web[-9]": "no host matches", "web1 & wbe2": `target "web1 & wbe2": no host "wbe2"`,
		"web[1-": "brackets don't match", "@x*": `no group is like "@x*"`, "tier:[": "is no pattern", "^": "wants the name of a file",
		strings.Repeat("(", 1000): "nested more than", "@failed": "no group",
	} {
		_, err := inv.Select(t.Context(), expr)
		if err == nil || !strings.Contains(err.Error(), want) || fault.KindOf(err) != fault.Usage {
			t.Errorf("%.40q: got %v, want %q", expr, err, want)
		}
	}
}

func TestSpecialGroups(t *testing.T) {
	inv := fleet(t)
	inv.Special = func(name string) ([]string, error) {
		if name == "failed" {
			return []string{"web3", "db1"}, nil
		}
		return nil, nil
	}
	got, err := inv.Select(t.Context(), "@failed & !@db")
	if err != nil || names(got) != "web3" {
		t.Errorf("got %q, %v", names(got), err)
	}
	if _, err := inv.Select(t.Context(), "@failde"); err == nil {
		t.Error("a wrong name is taken")
	}
}

func TestTargetsFromFiles(t *testing.T) {
	inv := fleet(t)
	lists := map[string]string{"hosts": "# ours\nweb1\n\n@db & !db1 # one\n", "more": "^hosts\nweb3\n", "loop": "^loop\n", "bad": "web1\nwbe2\n"}
	inv.ReadFile = func(name string) ([]byte, error) { return []byte(lists[name]), nil }
	for expr, want := range map[string]string{"^hosts": "web1 db2", "^more & !web1": "web3 db2"} {
		got, err := inv.Select(t.Context(), expr)
		if err != nil || names(got) != want {
			t.Errorf("%s: got %q, %v", expr, names(got), err)
		}
	}
	for expr, want := range map[string]string{"^loop": "name each other", "^bad": `bad:2: no host "wbe2"`, "^empty": "no host matches"} {
		if _, err := inv.Select(t.Context(), expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

func TestPlainNamesAreHostsWhereNothingWasDeclared(t *testing.T) {
	inv := inventory.New()
	got, err := inv.Select(t.Context(), "web1, deploy@web2:2222, [::1]:22")
	if err != nil || names(got) != "web1 web2 ::1" {
		t.Fatalf("got %q, %v", names(got), err)
	}
	if h := got[1]; h.User != "deploy" || h.Port != 2222 {
		t.Errorf("got %+v", h)
	}
	again, err := inv.Select(t.Context(), "web2")
	if err != nil || again[0] != got[1] {
		t.Error("the same name is another host")
	}
	for _, bad := range []string{"-oProxyCommand=x", "web1;reboot", "a@-b", "web1:99999", "web1:ssh", "$(id)", "web1:"} {
		if _, err := inv.Select(t.Context(), bad); fault.KindOf(err) != fault.Usage {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestVariables(t *testing.T) {
	inv := fleet(t)
	for _, c := range []struct {
		host, name string
		want       any
	}{
		{"web1", "port", 80.0}, {"web1", "ntp", "pool"}, {"web2", "port", 8080.0}, {"db1", "port", 5432.0}, {"db1", "tier", nil},
		{"db1", "disks.2", "sdb"}, {"db1", "disks.3", nil}, {"db1", "app.version", "5.10"},
	} {
		if got, _ := inventory.Var(inv.Host(c.host).Vars, c.name); got != c.want {
			t.Errorf("%s.%s is %v, want %v", c.host, c.name, got, c.want)
		}
	}
	h := inv.Host("web2")
	if got := strings.Join(h.Groups, " "); got != "web all_tiers canary" {
		t.Errorf("groups are %q", got)
	}
	if db2 := inv.Host("db2"); h.User != "ops" || h.Address != "10.1.2.3" || db2.User != "deploy" || db2.Port != 2222 {
		t.Errorf("settings: %+v, %+v", h, db2)
	}
}

func TestGroupsInACircle(t *testing.T) {
	inv := inventory.New()
	path := filepath.Join(written(t, map[string]string{"h.yaml": "a: { children: [b] }\nb: { children: [a] }\n"}), "h.yaml")
	if err := inv.Load(t.Context(), path, ""); err == nil || !strings.Contains(err.Error(), "contains itself") {
		t.Errorf("got %v", err)
	}
}

func FuzzSelect(f *testing.F) {
	for _, seed := range []string{"@web & !web3", "web[1-3]", "((a|b)", "!", "@", "a@b:22", "[::1]:22", "~a(b|c)", "x>=3", "(a,b)[0-1]", "10.0.0.0/8", `"a b"`} {
		f.Add(seed)
	}
	declared := fleet(f)
	f.Fuzz(func(t *testing.T, expr string) {
		for _, inv := range []*inventory.Inventory{inventory.New(), declared} {
			found, err := inv.Select(t.Context(), expr)
			if err == nil && len(found) == 0 {
				t.Errorf("%q: nothing and no error", expr)
			}
		}
	})
}

// Hosts are mentioned, and looked for, by many tasks at once.
func TestManyAtOnce(t *testing.T) {
	inv := inventory.New()
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			for j := range 50 {
				name := fmt.Sprintf("deploy@web%d:2222", (i+j)%30)
				if found, err := inv.Select(t.Context(), name); err != nil || found[0].User != "deploy" || found[0].Port != 2222 {
					t.Errorf("%s: %v, %v", name, found, err)
				}
			}
		})
	}
	all.Wait()
	if n := len(inv.Hosts()); n != 30 {
		t.Errorf("%d hosts", n)
	}
}

// A declaration that is wrong adds nothing.
func TestAllOrNothing(t *testing.T) {
	inv := fleet(t)
	before := names(inv.Hosts())
	dir := written(t, map[string]string{"bad.yaml": "new: [n1]\nweb: { hosts: [w9], children: [nosuch] }\n", "loop.yaml": "web: { children: [all_tiers] }\n"})
	for file, want := range map[string]string{"bad.yaml": `no group "nosuch"`, "loop.yaml": "group web contains itself: web -> all_tiers -> web"} {
		if err := inv.Load(t.Context(), filepath.Join(dir, file), ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
	if got := names(inv.Hosts()); got != before || len(inv.Groups()) != 5 {
		t.Errorf("hosts were %s and are %s; %d groups", before, got, len(inv.Groups()))
	}
}
