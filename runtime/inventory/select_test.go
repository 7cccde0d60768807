package inventory_test

import (
	"strings"
	"testing"

	"gofab/internal/fault"
	"gofab/runtime/inventory"
)

func fleet(t *testing.T) *inventory.Inventory {
	t.Helper()
	inv := inventory.New()
	hosts := func(names ...string) (list []inventory.HostSpec) {
		for _, n := range names {
			list = append(list, inventory.HostSpec{Name: n})
		}
		return list
	}
	for _, g := range []struct {
		name string
		spec inventory.GroupSpec
	}{
		{"web", inventory.GroupSpec{Hosts: hosts("web1", "web2", "web3"), Vars: map[string]any{"port": 80.0, "tier": "front"}}},
		{"db", inventory.GroupSpec{Hosts: hosts("db1", "deploy@db2:2222"), Vars: map[string]any{"port": 5432.0}}},
		{"all_tiers", inventory.GroupSpec{Children: []string{"web", "db"}, Vars: map[string]any{"ntp": "pool"}}},
		{"canary", inventory.GroupSpec{Hosts: []inventory.HostSpec{{Name: "web2", Vars: map[string]any{"port": 8080.0}}}}},
	} {
		if err := inv.AddGroup(g.name, g.spec); err != nil {
			t.Fatal(err)
		}
	}
	if err := inv.Resolve(); err != nil {
		t.Fatal(err)
	}
	return inv
}

func names(hosts []*inventory.Host) string {
	var list []string
	for _, h := range hosts {
		list = append(list, h.Name)
	}
	return strings.Join(list, " ")
}

func TestSelect(t *testing.T) {
	for expr, want := range map[string]string{
		"web1": "web1", "web1,web2": "web1 web2", "web2 web1": "web1 web2", "web*": "web1 web2 web3", "web[1-2]": "web1 web2",
		"web[1,3]": "web1 web3", "@web": "web1 web2 web3", "@web & !web3": "web1 web2", "!@web": "db1 db2",
		"@web | @db": "web1 web2 web3 db1 db2", "@all_tiers & !@db & !@canary": "web1 web3", "(web1 | db1) & @db": "db1",
		"all": "web1 web2 web3 db1 db2", "*": "web1 web2 web3 db1 db2", "local": "local", "web?": "web1 web2 web3", "@web&@canary": "web2",
		"!(web1,web2)": "web3 db1 db2",
	} {
		got, err := fleet(t).Select(expr)
		if err != nil || names(got) != want {
			t.Errorf("%s: got %q, %v; want %q", expr, names(got), err, want)
		}
	}
}

func TestSelectMistakes(t *testing.T) {
	for expr, want := range map[string]string{
		"web4": `no host "web4" in the inventory (did you mean "web1"?)`, "@wbe": `did you mean "web"?`,
		"db": `did you mean the group "@db"?`, "web1 &": "missing at the end", "(web1": `a ")" is missing`, "web1)": `unexpected ")"`,
		"mail*": "no host matches", "@web & @db": "no host matches", "": "missing at the end", "& web1": `unexpected "&"`, "!": "missing at the end",
	} {
		_, err := fleet(t).Select(expr)
		if err == nil || !strings.Contains(err.Error(), want) || fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: got %v, want %q", expr, err, want)
		}
	}
}

func TestPlainNamesAreHostsWhereNothingWasDeclared(t *testing.T) {
	inv := inventory.New()
	got, err := inv.Select("web1, deploy@web2:2222, [::1]:22")
	if err != nil || names(got) != "web1 web2 ::1" {
		t.Fatalf("got %q, %v", names(got), err)
	}
	if h := got[1]; h.User != "deploy" || h.Port != 2222 {
		t.Errorf("got %+v", h)
	}
	again, err := inv.Select("web2")
	if err != nil || again[0] != got[1] {
		t.Error("the same name is another host")
	}
	for _, bad := range []string{"-oProxyCommand=x", "web1;reboot", "a@-b", "web1:99999", "web1:ssh", "$(id)"} {
		if _, err := inv.Select(bad); fault.KindOf(err) != fault.Usage {
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
	} {
		hosts, err := inv.Select(c.host)
		if err != nil || hosts[0].Vars[c.name] != c.want {
			t.Errorf("%s.%s is %v, want %v (%v)", c.host, c.name, hosts[0].Vars[c.name], c.want, err)
		}
	}
	hosts, _ := inv.Select("web2")
	if got := strings.Join(hosts[0].Groups, " "); got != "web all_tiers canary" {
		t.Errorf("groups are %q", got)
	}
}

func TestGroupsInACircle(t *testing.T) {
	inv := inventory.New()
	_ = inv.AddGroup("a", inventory.GroupSpec{Children: []string{"b"}})
	_ = inv.AddGroup("b", inventory.GroupSpec{Children: []string{"a"}})
	if err := inv.Resolve(); err == nil || !strings.Contains(err.Error(), "contains itself") {
		t.Errorf("got %v", err)
	}
}

func FuzzSelect(f *testing.F) {
	for _, seed := range []string{"@web & !web3", "web[1-3]", "((a|b)", "!", "@", "a@b:22", "[::1]:22"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		found, err := inventory.New().Select(expr)
		if err == nil && len(found) == 0 {
			t.Errorf("%q: nothing and no error", expr)
		}
	})
}
