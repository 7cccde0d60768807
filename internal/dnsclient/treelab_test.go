package dnsclient_test

import (
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gofab/internal/dnsclient"
	"gofab/internal/testenv"
)

// tree is a hierarchy of zones on three addresses of loopback, each with its
// own servers: the root, test and example.test. With signed they are signed,
// each with the DS of the one below, and island.test has no DS.
type tree struct {
	*testenv.Named
	anchor string // DS of the root
}

var treeZones = []struct{ name, address, text string }{
	{"bad.example.test", "127.0.0.13", "@ SOA ns host 1 3600 900 1209600 60\n@ NS ns\nns A 127.0.0.13\nwww A 192.0.2.66\n"},
	{"glueless.test", "127.0.0.13", "@ SOA ns host 1 3600 900 1209600 60\n@ NS serv.example.test.\nwww A 192.0.2.88\n"},
	{"island.test", "127.0.0.13", "@ SOA ns host 1 3600 900 1209600 60\n@ NS ns\nns A 127.0.0.13\nwww A 192.0.2.77\n"},
	{"example.test", "127.0.0.13", "@ SOA ns host 1 3600 900 1209600 60\n@ NS ns\nns A 127.0.0.13\nwww A 192.0.2.1\nalias CNAME www\n" +
		"away CNAME www.island.test.\nmail MX 10 www\n*.wild TXT any\nent.empty A 192.0.2.3\nplain.deleg NS ns.deleg\nns.deleg A 127.0.0.13\n" +
		"bad NS ns.bad\nns.bad A 127.0.0.13\nserv A 127.0.0.13\n"},
	{"test", "127.0.0.12", "@ SOA ns host 1 3600 900 1209600 60\n@ NS ns\nns A 127.0.0.12\nexample NS ns.example\nns.example A 127.0.0.13\n" +
		"island NS ns.island\nns.island A 127.0.0.13\nglueless NS serv.example\n"},
	{".", "127.0.0.11", "@ SOA a.root. host. 1 3600 900 1209600 60\n@ NS a.root.\na.root. A 127.0.0.11\ntest NS ns.test.\nns.test. A 127.0.0.12\n"},
}

func startTree(t testing.TB, nsec3 bool) tree {
	t.Helper()
	dir := t.TempDir()
	texts, ds := map[string]string{}, map[string]string{}
	for _, z := range treeZones { // the lowest first, so that their DS are known
		text := "$TTL 300\n" + z.text
		for _, child := range []string{"bad.example.test", "example.test", "test"} {
			if strings.HasPrefix(child, strings.SplitN(child, ".", 2)[0]) && parentOf(child) == z.name {
				text += ds[child]
			}
		}
		texts[z.name], ds[z.name] = sign(t, dir, z.name, text, nsec3)
	}
	texts["bad.example.test"] = strings.ReplaceAll(texts["bad.example.test"], "192.0.2.66", "192.0.2.99") // forged
	views := map[string]*testenv.View{}
	var list []testenv.View
	for _, address := range []string{"127.0.0.11", "127.0.0.12", "127.0.0.13"} {
		views[address] = &testenv.View{Name: "at" + address[8:], Match: "match-clients { " + address + "; };"}
	}
	for _, z := range treeZones {
		views[z.address].Zones = append(views[z.address].Zones, testenv.Zone{Name: z.name, Text: texts[z.name]})
	}
	all := testenv.View{Name: "resolver", Match: "match-clients { any; };"} // has all zones, as a resolver would
	for _, z := range treeZones {
		all.Zones = append(all.Zones, testenv.Zone{Name: z.name, Text: texts[z.name]})
	}
	for _, v := range views {
		list = append(list, *v)
	}
	n := testenv.StartNamed(t, testenv.NameServer{Views: append(list, all)})
	for address := range views {
		relay(t, address, n.Port)
	}
	return tree{Named: n, anchor: ds["."]}
}

func parentOf(name string) string {
	if _, above, ok := strings.Cut(name, "."); ok {
		return above
	}
	return "."
}

// sign signs a zone with a fresh key and gives the text and the DS.
func sign(t testing.TB, dir, name, text string, nsec3 bool) (signed, ds string) {
	t.Helper()
	keygen, signer := testenv.Require(t, "dnssec-keygen"), testenv.Require(t, "dnssec-signzone")
	out, err := exec.Command(keygen, "-K", dir, "-a", "ECDSAP256SHA256", "-f", "KSK", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	base := strings.TrimSpace(string(out))
	key := read(t, filepath.Join(dir, base+".key"))
	file := filepath.Join(dir, "plain")
	write(t, file, text+key+"\n")
	args := []string{"-z", "-K", dir, "-o", name, "-O", "full", "-f", file + ".signed", "-d", dir}
	if nsec3 {
		args = append(args, "-3", "aabb", "-H", "5")
	}
	if out, err := exec.Command(signer, append(args, file, filepath.Join(dir, base))...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err = exec.Command(testenv.Require(t, "dnssec-dsfromkey"), "-2", filepath.Join(dir, base+".key")).Output()
	if err != nil {
		t.Fatal(err)
	}
	return read(t, file+".signed"), string(out)
}

func TestTrace(t *testing.T) {
	lab := startTree(t, false)
	r := resolver(t, lab.Addr, nil)
	roots := []dnsclient.Root{{Name: "a.root.", Address: "127.0.0.11"}}
	asRoot := resolver(t, net.JoinHostPort("127.0.0.11", strconv.Itoa(lab.Port)), nil)
	if found, err := asRoot.RootServers(t.Context()); err != nil || !slices.Equal(found, roots) {
		t.Errorf("root servers: %v, %v", found, err)
	}
	steps, err := r.Trace(t.Context(), "alias.example.test", 1, roots, lab.Port)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range steps {
		got = append(got, s.Zone+" "+s.Server+" "+string(s.Status))
	}
	want := ". a.root. nodata, test. ns.test. nodata, example.test. ns.example.test. ok"
	if strings.Join(got, ", ") != want || len(steps[2].Answer) != 2 || len(steps[0].Referral) != 1 {
		t.Errorf("got %s\nwant %s\n%+v", strings.Join(got, ", "), want, steps[len(steps)-1])
	}
	steps, err = r.Trace(t.Context(), "away.example.test", 1, roots, lab.Port)
	if err != nil || steps[len(steps)-1].Zone != "island.test." || steps[len(steps)-1].Answer[0].Text != "192.0.2.77" {
		t.Errorf("an alias into another zone: %+v, %v", steps, err)
	}
	steps, err = r.Trace(t.Context(), "www.glueless.test", 1, roots, lab.Port)
	if err != nil || len(steps) != 3 || steps[2].Server != "serv.example.test." || steps[2].Answer[0].Text != "192.0.2.88" {
		t.Errorf("a server whose address must be looked up: %+v, %v", steps, err)
	}
	steps, err = r.Trace(t.Context(), "nobody.example.test", 1, roots, lab.Port)
	if err != nil || steps[len(steps)-1].Status != dnsclient.StatusNXDomain {
		t.Errorf("no such name: %+v, %v", steps, err)
	}
}
