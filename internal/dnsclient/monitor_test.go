package dnsclient_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gofab/internal/dnsclient"
	"gofab/internal/testenv"
)

// several is a resolver for several servers.
func several(t *testing.T, change func(*dnsclient.Options), addrs ...string) *dnsclient.Resolver {
	return resolver(t, addrs[0], func(o *dnsclient.Options) {
		o.Servers = nil
		for _, addr := range addrs {
			s, err := dnsclient.ParseServer(addr, 0)
			if err != nil {
				t.Fatal(err)
			}
			o.Servers = append(o.Servers, s)
		}
		if change != nil {
			change(o)
		}
	})
}

// TestAnotherServerIsAsked: failures and silence of a server are not those of
// the question.
func TestAnotherServerIsAsked(t *testing.T) {
	good := liar{reply: func(q []byte) [][]byte { return [][]byte{honest(q, 1, address...)} }}.start(t)
	silent := liar{}.start(t)
	failing := liar{reply: func(q []byte) [][]byte { return [][]byte{with(honest(q, 0), func(b []byte) { b[3] = 2 })} }}.start(t)
	short := func(o *dnsclient.Options) { o.Timeout, o.Attempt = time.Minute, time.Second }
	a := query(t, several(t, short, failing, silent, good), "www.example.test", "A")
	var tried []string
	for _, attempt := range a.Tried {
		tried = append(tried, string(attempt.Status))
	}
	if a.Status != "ok" || a.Server != good || strings.Join(tried, " ") != "servfail timeout ok" {
		t.Errorf("%s from %s after %v", a.Status, a.Server, tried)
	}
	a = query(t, several(t, short, failing, silent), "www.example.test", "A")
	if a.Status != "servfail" || len(a.Tried) != 3 { // the one that failed is not asked again
		t.Errorf("%s after %+v", a.Status, a.Tried)
	}
	used := map[string]bool{}
	rotating := several(t, func(o *dnsclient.Options) { o.Rotate = true }, good, liar{reply: func(q []byte) [][]byte { return [][]byte{honest(q, 1, address...)} }}.start(t))
	for range 64 {
		used[query(t, rotating, "www.example.test", "A").Server] = true
	}
	if len(used) != 2 {
		t.Errorf("rotation used %v", used)
	}
}

// TestCheck watches two BINDs that do not have the same zone.
func TestCheck(t *testing.T) {
	zone := func(text string) string {
		return testenv.StartNamed(t, testenv.NameServer{Zones: []testenv.Zone{{Name: "dyn.test", Text: text}}}).Addr
	}
	one, same := zone(dynamic), zone(dynamic)
	other := zone(strings.NewReplacer("host.dyn.test. 1 ", "host.dyn.test. 2 ", "192.0.2.1", "192.0.2.2").Replace(dynamic))
	check := func(name string, expect []string, addrs ...string) *dnsclient.Verdict {
		t.Helper()
		v, err := several(t, func(o *dnsclient.Options) { o.Timeout = 20 * time.Second }, addrs...).Check(t.Context(), name, 1, expect, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := check("www.dyn.test", []string{"192.0.2.1"}, one, same); !v.OK || !v.Agree || !v.Serials || v.Probes[0].Serial != 1 {
		t.Errorf("the same: %+v", v)
	}
	v := check("www.dyn.test", []string{"192.0.2.1"}, one, other)
	if v.OK || v.Agree || v.Serials || len(v.Problems) != 3 || v.Probes[0].Problem != "" ||
		!slices.Equal(v.Probes[1].Missing, []string{"192.0.2.1"}) || !slices.Equal(v.Probes[1].Extra, []string{"192.0.2.2"}) {
		t.Errorf("different: %+v", v)
	}
	if v := check("www.dyn.test", nil, one, "127.0.0.1:1"); v.OK || !v.Agree || v.Probes[1].Status != "unreachable" || len(v.Problems) != 1 {
		t.Errorf("one is down: %+v", v)
	}
	if v := check("nobody.dyn.test", nil, one); v.OK {
		t.Errorf("no such name is fine without an expectation: %+v", v)
	}
	if v := check("nobody.dyn.test", []string{}, one, same); !v.OK {
		t.Errorf("nothing was expected: %+v", v)
	}
}
