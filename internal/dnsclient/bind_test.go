package dnsclient_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gofab/internal/dnsclient"
	"gofab/internal/fault"
	"gofab/internal/testenv"
)

const secret = "c2VjcmV0IG9mIHRoZSB0ZXN0cyBvZiBnb2ZhYiE="

// dynamic is a zone that may be updated with a key, and keeps its history.
const dynamic = `$TTL 300
@ SOA ns.dyn.test. host.dyn.test. 1 7200 900 1209600 60
@ NS ns
ns A 127.0.0.1
www A 192.0.2.1
`

// lab is a BIND with one zone of every type, a large one and a dynamic one.
func lab(t testing.TB) *testenv.Named {
	t.Helper()
	large := &strings.Builder{}
	large.WriteString("$TTL 300\n@ SOA ns host 7 7200 900 1209600 60\n@ NS ns\nns A 127.0.0.1\n")
	for i := range 3000 {
		fmt.Fprintf(large, "h%d A 10.0.%d.%d\n", i, i/250, i%250)
		if i < 200 {
			fmt.Fprintf(large, "many A 10.1.0.%d\n", i)
		}
	}
	return testenv.StartNamed(t, testenv.NameServer{
		Lines: fmt.Sprintf("key \"k\" { algorithm hmac-sha256; secret %q; };\nkey \"md\" { algorithm hmac-md5; secret %q; };", secret, secret),
		Zones: []testenv.Zone{
			{Name: "every.test", Text: testenv.EveryType, Lines: "allow-transfer { any; };"},
			{Name: "large.test", Text: large.String(), Lines: "allow-transfer { key k; key md; };"},
			{Name: "dyn.test", Text: dynamic, Lines: "allow-update { key k; }; allow-transfer { any; }; max-ixfr-ratio unlimited;"},
		},
	})
}

// resolver asks the lab; change may be nil.
func resolver(t testing.TB, addr string, change func(*dnsclient.Options)) *dnsclient.Resolver {
	t.Helper()
	server, err := dnsclient.ParseServer(addr, 0)
	if err != nil {
		t.Fatal(err)
	}
	o := dnsclient.Options{Servers: []dnsclient.Server{server}, Timeout: 5 * time.Second, Retries: 1, EDNS: 1232}
	if change != nil {
		change(&o)
	}
	pool := dnsclient.NewPool()
	t.Cleanup(func() { pool.Close() })
	r, err := dnsclient.NewResolver(pool, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func signedBy(t testing.TB, name, algorithm, secret string) func(*dnsclient.Options) {
	t.Helper()
	k, err := dnsclient.NewKey(name, algorithm, secret)
	if err != nil {
		t.Fatal(err)
	}
	return func(o *dnsclient.Options) { o.Key = k }
}

func query(t testing.TB, r *dnsclient.Resolver, name, rtype string) *dnsclient.Answer {
	t.Helper()
	code, err := dnsclient.Type(rtype)
	if err != nil {
		t.Fatal(err)
	}
	a, err := r.Query(t.Context(), name, code)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func texts(records []dnsclient.Record) (out []string) {
	for _, r := range records {
		out = append(out, r.Text)
	}
	slices.Sort(out)
	return out
}

func TestAnswers(t *testing.T) {
	r := resolver(t, lab(t).Addr, func(o *dnsclient.Options) { o.MixCase = true })
	for _, c := range []struct {
		name, rtype string
		status      dnsclient.Status
		canonical   string
		want        string
	}{
		{"a.every.test", "A", "ok", "a.every.test.", "192.0.2.1 192.0.2.2 255.255.255.255"},
		{"A.Every.TEST.", "a", "ok", "A.Every.TEST.", "192.0.2.1 192.0.2.2 255.255.255.255"},
		{"chain2.every.test", "A", "ok", "a.every.test.", "192.0.2.1 192.0.2.2 255.255.255.255"},
		{"chain2.every.test", "CNAME", "ok", "chain2.every.test.", "chain.every.test."},
		{"cname.every.test", "AAAA", "nodata", "a.every.test.", ""},
		{"a.every.test", "MX", "nodata", "a.every.test.", ""},
		{"nobody.dyn.test", "A", "nxdomain", "nobody.dyn.test.", ""},
		{"x.large.test", "A", "nxdomain", "x.large.test.", ""},
		{"elsewhere.example", "A", "refused", "elsewhere.example.", ""},
		{"mx.every.test", "MX", "ok", "mx.every.test.", "0 . 10 mail.every.test."},
	} {
		a := query(t, r, c.name, c.rtype)
		if got := strings.Join(texts(a.Records), " "); a.Status != c.status || a.Canonical != c.canonical || got != c.want {
			t.Errorf("%s %s: %s, %s, %q; want %s, %s, %q", c.name, c.rtype, a.Status, a.Canonical, got, c.status, c.canonical, c.want)
		}
	}
	if ttl := query(t, r, "nobody.dyn.test", "A").MinTTL(); ttl != 60 {
		t.Errorf("negative TTL is %d, want 60", ttl)
	}
	if a := query(t, r, "a.every.test", "A"); a.MinTTL() != 3600 || a.Protocol != "udp" || !a.Message.Has("aa") {
		t.Errorf("%d %s %v", a.MinTTL(), a.Protocol, a.Message.FlagNames())
	}
}

func TestTruncatedAnswerComesByTCP(t *testing.T) {
	named := lab(t)
	a := query(t, resolver(t, named.Addr, nil), "many.large.test", "A")
	if a.Protocol != "tcp" || len(a.Records) != 200 {
		t.Errorf("%d records by %s", len(a.Records), a.Protocol)
	}
	a = query(t, resolver(t, named.Addr, func(o *dnsclient.Options) { o.Ignore = true }), "many.large.test", "A")
	if a.Protocol != "udp" || !a.Message.Has("tc") {
		t.Errorf("%d records by %s", len(a.Records), a.Protocol)
	}
}

func TestTransfer(t *testing.T) {
	named := lab(t)
	for name, change := range map[string]func(*dnsclient.Options){
		"sha256": signedBy(t, "k", "hmac-sha256", secret), "md5": signedBy(t, "md", "hmac-md5", secret),
	} {
		transfer, err := resolver(t, named.Addr, change).Transfer(t.Context(), "large.test", -1)
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		for {
			_, ok, err := transfer.Next(t.Context())
			if err != nil {
				t.Fatal(name, err)
			}
			if !ok {
				break
			}
			count++
		}
		if count != 3000+200+3 {
			t.Errorf("%s: %d records", name, count)
		}
	}
	for name, c := range map[string]struct {
		change func(*dnsclient.Options)
		kind   fault.Kind
	}{
		"no key":       {nil, fault.Denied},
		"wrong secret": {signedBy(t, "k", "hmac-sha256", "d3Jvbmc="), fault.Auth},
		"unknown key":  {signedBy(t, "nobody", "hmac-sha256", secret), fault.Auth},
	} {
		transfer, err := resolver(t, named.Addr, c.change).Transfer(t.Context(), "large.test", -1)
		if err == nil {
			_, _, err = transfer.Next(t.Context())
		}
		if fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
	}
}

func TestUpdateAndChanges(t *testing.T) {
	named := lab(t)
	r := resolver(t, named.Addr, signedBy(t, "k", "hmac-sha256", secret))
	update := func(u dnsclient.Update) error {
		u.Zone, u.TTL = "dyn.test", 120
		return r.Update(t.Context(), u)
	}
	must := func(u dnsclient.Update) {
		t.Helper()
		if err := update(u); err != nil {
			t.Fatal(err)
		}
	}
	must(dnsclient.Update{Add: []string{"new A 192.0.2.7", "new 60 IN A 192.0.2.8"}, Absent: []string{"new"}})
	if got := texts(query(t, r, "new.dyn.test", "A").Records); !slices.Equal(got, []string{"192.0.2.7", "192.0.2.8"}) {
		t.Error(got)
	}
	must(dnsclient.Update{Replace: []string{"www A 192.0.2.10", "www A 192.0.2.11"}, Delete: []string{"new A 192.0.2.7"}, Require: []string{"www A 192.0.2.1", "new A", "new"}})
	if got := texts(query(t, r, "www.dyn.test", "A").Records); !slices.Equal(got, []string{"192.0.2.10", "192.0.2.11"}) {
		t.Error(got)
	}
	must(dnsclient.Update{Delete: []string{"new"}})
	if a := query(t, r, "new.dyn.test", "A"); a.Status != "nxdomain" {
		t.Error(a.Status)
	}
	for kind, u := range map[fault.Kind]dnsclient.Update{
		fault.Exists:   {Add: []string{"x A 192.0.2.1"}, Absent: []string{"www"}},
		fault.NotFound: {Add: []string{"x A 192.0.2.1"}, Require: []string{"nobody"}},
		fault.Usage:    {Add: []string{"www.example.org. A 192.0.2.1"}},
		fault.Parse:    {Add: []string{"www A 192.0.2.1000"}},
	} {
		if err := update(u); fault.KindOf(err) != kind {
			t.Errorf("%v: %v, want %s", u, err, kind)
		}
	}
	if err := resolver(t, named.Addr, nil).Update(t.Context(), dnsclient.Update{Zone: "dyn.test", TTL: 1, Delete: []string{"www"}}); fault.KindOf(err) != fault.Denied {
		t.Errorf("without a key: %v", err)
	}
	changes(t, r)
}

func TestNotify(t *testing.T) {
	primary := lab(t)
	secondary := testenv.StartNamed(t, testenv.NameServer{Zones: []testenv.Zone{{Name: "dyn.test", Lines: fmt.Sprintf(
		"type secondary; primaries port %d { 127.0.0.1; }; allow-notify { 127.0.0.1; };", primary.Port)}}})
	if err := resolver(t, secondary.Addr, nil).Notify(t.Context(), "dyn.test"); err != nil {
		t.Error(err)
	}
	if err := resolver(t, secondary.Addr, nil).Notify(t.Context(), "nobody.test"); err == nil {
		t.Error("a server that does not have the zone took the notify")
	}
}

// changes asks for what the updates did, step by step.
func changes(t *testing.T, r *dnsclient.Resolver) {
	t.Helper()
	from := func(serial int64) []dnsclient.Change {
		transfer, err := r.Transfer(t.Context(), "dyn.test", serial)
		if err != nil {
			t.Fatal(err)
		}
		steps, err := transfer.Changes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return steps
	}
	steps := from(1)
	if len(steps) != 3 || steps[0].From != 1 || steps[0].To != 2 || steps[2].To != 4 {
		t.Fatalf("%+v", steps)
	}
	if got := texts(steps[0].Added); !slices.Equal(got, []string{"192.0.2.7", "192.0.2.8"}) || len(steps[0].Removed) != 0 {
		t.Errorf("first step: %v, %v", got, steps[0].Removed)
	}
	if got := texts(steps[1].Removed); !slices.Equal(got, []string{"192.0.2.1", "192.0.2.7"}) {
		t.Errorf("second step: %v", got)
	}
	if steps := from(4); len(steps) != 0 {
		t.Errorf("since the newest: %v", steps)
	}
	if steps := from(4294967290); len(steps) != 1 || !steps[0].Whole {
		t.Errorf("since a serial nobody knows: %v", steps)
	}
}
