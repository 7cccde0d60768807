package ipaddr

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/testenv"
)

func originals(t testing.TB) *testenv.Oracle {
	t.Helper()
	return testenv.Ask(t, testenv.Python(t, "ipaddress", "netaddr", "IPy"), "testdata/oracle.py")
}

type answer[T any] struct {
	OK    T
	Error string
}

// edgeAddresses come first; many of them are no addresses at all.
var edgeAddresses = []string{
	"0.0.0.0", "255.255.255.255", "127.0.0.1", "10.0.0.1", "100.64.0.1", "100.63.255.255", "100.128.0.0", "192.0.0.9", "192.0.0.10", "192.0.0.11", "192.0.2.1",
	"192.88.99.1", "198.18.0.1", "198.20.0.0", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "169.254.1.1", "172.15.0.1", "172.31.255.255",
	"010.0.0.1", "1.2.3", "1.2.3.4.5", "1.2.3.256", " 1.2.3.4", "1.2.3.4 ", "0x7f000001", "127.1", "", "1", "1.2.3.-4", "1.2.3.+4", "١.2.3.4", "1.2.3.4/32", "00.0.0.0",
	"::", "::1", "::ffff:1.2.3.4", "::ffff:10.0.0.1", "::1.2.3.4", "2001:db8::1", "2001::1", "2001:1::1", "2001:1::3", "2001:20::", "2001:4:112::1", "2002:c000:204::",
	"64:ff9b::1.2.3.4", "64:ff9b:1::", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "ff02::1", "100::1", "3fff::1", "4000::1", "::1::", "1:2:3:4:5:6:7:8:9",
	"1:2:3:4:5:6:7", "12345::", "::g", ":::", "1::2::3", "2001:0000:4136:E378:8000:63bf:3fff:fdd2", "::FFFF:192.0.2.1", "fe80::%", "::1.2.3", "1:2:3:4:5:6:1.2.3.4",
	"::ffff:0:1.2.3.4", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0:0:0:0:0:0:0:0", "::01", "::00001",
}

func randomAddress(r *rand.Rand) string {
	if r.IntN(2) == 0 {
		first := []int{r.IntN(256), 10, 100, 127, 169, 172, 192, 198, 203, 224, 240}[r.IntN(11)]
		second := []int{r.IntN(256), 0, 16, 18, 51, 64, 88, 168, 254}[r.IntN(9)]
		return fmt.Sprintf("%d.%d.%d.%d", first, second, []int{r.IntN(256), 0, 2, 113}[r.IntN(4)], r.IntN(256))
	}
	heads := []string{"", "2001:", "2001:db8:", "2001:2::", "2002:", "fe80::", "fc00:", "ff02::", "64:ff9b::", "::ffff:", "100::", "2001:0:"}
	text := heads[r.IntN(len(heads))]
	for strings.Count(text, ":") < 7 && !strings.HasSuffix(text, "::") {
		text += fmt.Sprintf("%x:", r.IntN(1<<(1+r.IntN(16))))
	}
	return text + fmt.Sprintf("%x", r.IntN(1<<16))
}

func describe(a Address) map[string]any {
	out := map[string]any{
		"version": float64(a.Version()), "full": a.Full(), "int": a.Int().String(), "reverse": a.Reverse(), "site_local": a.IsSiteLocal(), "is_private": a.IsPrivate(),
		"is_global": a.IsGlobal(), "is_multicast": a.IsMulticast(), "is_reserved": a.IsReserved(), "is_loopback": a.IsLoopback(), "is_link_local": a.IsLinkLocal(),
		"is_unspecified": a.IsUnspecified(),
	}
	if a.Version() == 6 {
		mapped, six := "", ""
		if v4, ok := a.Mapped(); ok {
			mapped = v4.String()
		}
		if v4, ok := a.SixToFour(); ok {
			six = v4.String()
		}
		teredo := []any{}
		if server, client, ok := a.Teredo(); ok {
			teredo = []any{server.String(), client.String()}
		}
		out["mapped"], out["sixtofour"], out["teredo"] = mapped, six, teredo
	}
	if a.Zone() == "" {
		out["ipy_hex"], out["ipy_bin"] = a.Hex(), a.Bin()
	}
	return out
}

// Addresses are what ipaddress and IPy say of them.
func TestAddressesAsPython(t *testing.T) {
	oracle := originals(t)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 4000 {
		text := randomAddress(r)
		if i < len(edgeAddresses) {
			text = edgeAddresses[i]
		}
		var want answer[map[string]any]
		oracle.Ask(map[string]any{"kind": "address", "text": text}, &want)
		got, err := ParseAddress(text)
		if (err != nil) != (want.Error != "") {
			t.Errorf("%q: %v, Python %q", text, err, want.Error)
			continue
		}
		if err == nil {
			if diff := cmp.Diff(want.OK, describe(got)); diff != "" {
				t.Errorf("%q (-python +ours):\n%s", text, diff)
			}
		}
	}
}

type networkAnswer struct {
	Text, First, Last, Netmask, Hostmask, Size, Supernet string
	Version                                              int
	Hosts, Subnets, Exclude                              []string
	Overlaps                                             bool
}

func describeNetwork(n, other Network, diff int) networkAnswer {
	out := networkAnswer{
		Text: n.String(), First: n.First().String(), Last: n.Last().String(), Netmask: n.Netmask().String(), Hostmask: n.Hostmask().String(),
		Size: n.Size().String(), Version: n.Version(), Hosts: []string{}, Subnets: []string{}, Exclude: []string{}, Overlaps: n.Overlaps(other.Prefix),
	}
	hosts := n.Hosts()
	for i := range int64(3) {
		if a, err := hosts.At(big.NewInt(i)); err == nil {
			out.Hosts = append(out.Hosts, a.String())
		}
	}
	if d := min(diff, n.Addr().BitLen()-n.Bits()); d > 0 {
		for i := range int64(5) {
			if s, err := n.Subnet(n.Bits()+d, big.NewInt(i)); err == nil {
				out.Subnets = append(out.Subnets, s.String())
			}
		}
	}
	super, _ := n.Supernet(n.Bits() - min(diff, n.Bits()))
	out.Supernet = super.String()
	if left, err := n.Exclude(other); err == nil && n != other {
		for _, x := range left {
			out.Exclude = append(out.Exclude, x.String())
		}
	}
	return out
}

var edgeNetworks = []string{
	"0.0.0.0/0", "::/0", "10.0.0.0/8", "10.0.0.1/8", "10.0.0.0/255.0.0.0", "10.0.0.0/0.255.255.255", "10.0.0.0/255.0.255.0", "1.2.3.4", "1.2.3.4/32", "1.2.3.4/31",
	"1.2.3.5/31", "::1/128", "::2/127", "::1/127", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/", "/8", "10/8", "10.0.0.0/8/8",
	"2001:db8::/ffff:ffff::", "10.0.0.0/0.0.0.0", "10.0.0.0/255.255.255.255", "0.0.0.0/0.0.0.0", "0.0.0.0/255.255.255.255", "010.0.0.0/8", "::ffff:1.2.3.0/120", "x",
}

func randomNetwork(r *rand.Rand) string {
	a := netip.MustParseAddr(randomAddress(r))
	return netip.PrefixFrom(a, r.IntN(a.BitLen()+1)).Masked().String()
}

// mappedAsPython writes v4-mapped addresses as Python 3.11 does, in hex.
func mappedAsPython(text string) string {
	if !strings.Contains(text, ":") || !strings.Contains(text, ".") {
		return text
	}
	head, length, masked := strings.Cut(text, "/")
	a, err := netip.ParseAddr(head)
	if err != nil {
		return text
	}
	b := a.As16()
	out := fmt.Sprintf("::ffff:%x:%x", int(b[12])<<8|int(b[13]), int(b[14])<<8|int(b[15]))
	if masked {
		out += "/" + length
	}
	return out
}

// Networks are what ipaddress says of them.
func TestNetworksAsPython(t *testing.T) {
	oracle := originals(t)
	r := rand.New(rand.NewPCG(2, 2))
	for i := range 3000 {
		text, other, diff, strict := randomNetwork(r), randomNetwork(r), 1+r.IntN(9), r.IntN(2) == 0
		if i < 2*len(edgeNetworks) {
			text, strict = edgeNetworks[i/2], i%2 == 0
		}
		n, err := ParseNetwork(text, !strict)
		if err == nil && r.IntN(2) == 0 { // one that lies inside
			inner := netip.PrefixFrom(n.Addr(), n.Bits()+r.IntN(n.Addr().BitLen()-n.Bits()+1))
			other = inner.String()
		}
		var want answer[networkAnswer]
		oracle.Ask(map[string]any{"kind": "network", "text": text, "strict": strict, "other": other, "diff": diff}, &want)
		if (err != nil) != (want.Error != "") {
			t.Errorf("%q strict %v: %v, Python %q", text, strict, err, want.Error)
			continue
		}
		if err != nil {
			continue
		}
		o, err := ParseNetwork(other, true)
		if err != nil {
			t.Fatal(err)
		}
		got := describeNetwork(n, o, diff)
		for _, s := range []*string{&got.Text, &got.First, &got.Last, &got.Supernet, &got.Hostmask, &got.Netmask} {
			*s = mappedAsPython(*s)
		}
		for _, list := range [][]string{got.Hosts, got.Subnets, got.Exclude} {
			for j := range list {
				list[j] = mappedAsPython(list[j])
			}
		}
		if diff := cmp.Diff(want.OK, got); diff != "" {
			t.Errorf("%q and %q (-python +ours):\n%s", text, other, diff)
		}
	}
}

func texts(list []Network) []string {
	out := []string{}
	for _, n := range list {
		out = append(out, mappedAsPython(n.String()))
	}
	return out
}

// Lists of networks end as collapse_addresses, IPSet and spanning_cidr end.
func TestSetsAsPython(t *testing.T) {
	oracle := originals(t)
	r := rand.New(rand.NewPCG(3, 3))
	for i := range 600 {
		nets := []string{}
		base := netip.MustParseAddr([]string{"10.0.0.0", "2001:db8::", "255.255.255.0", "0.0.0.0"}[r.IntN(4)])
		for range 2 + r.IntN(12) {
			length := base.BitLen() - r.IntN(9)
			a, _ := Address{base}.Add(big.NewInt(r.Int64N(256)))
			nets = append(nets, netip.PrefixFrom(a.Addr, length).Masked().String())
		}
		if r.IntN(3) == 0 {
			nets = append(nets, randomNetwork(r), randomNetwork(r))
		}
		var want answer[struct {
			Merged, Union, Minus, Both, Either []string
			Size, Span                         string
		}]
		oracle.Ask(map[string]any{"kind": "lists", "nets": nets}, &want)
		if want.Error != "" {
			t.Fatal(want.Error)
		}
		var ranges []Range
		for _, text := range nets {
			n, err := ParseNetwork(text, false)
			if err != nil {
				t.Fatal(err)
			}
			ranges = append(ranges, n.Range())
		}
		half := len(nets) / 2
		a, b := NewSet(ranges[:half]), NewSet(ranges[half:])
		one := slices.DeleteFunc(slices.Clone(ranges), func(x Range) bool { return x.From.Version() != 4 })
		if len(one) == 0 {
			one = ranges
		}
		span, err := Span(one)
		if err != nil {
			t.Fatal(err)
		}
		got := want
		got.OK.Merged, got.OK.Union, got.OK.Minus = texts(Merge(ranges)), texts(a.Union(b).Networks()), texts(a.Minus(b).Networks())
		got.OK.Both, got.OK.Either = texts(a.Intersection(b).Networks()), texts(a.Either(b).Networks())
		got.OK.Size, got.OK.Span = a.Union(b).Size().String(), mappedAsPython(span.String())
		want.OK.Span = mappedAsPython(want.OK.Span)
		for _, list := range [][]string{want.OK.Union, want.OK.Minus, want.OK.Both, want.OK.Either, want.OK.Merged} {
			for j := range list {
				list[j] = mappedAsPython(list[j])
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("case %d %q (-python +ours):\n%s", i, nets, diff)
		}
	}
}

// Ranges, patterns and hardware addresses, as ipaddress and netaddr have them.
func TestRangesAsPython(t *testing.T) {
	oracle := originals(t)
	r := rand.New(rand.NewPCG(4, 4))
	for range 1000 {
		from, _ := ParseAddress(randomAddress(r))
		to, err := from.Add(big.NewInt(r.Int64N(1 << (1 + r.IntN(24)))))
		if err != nil {
			continue
		}
		var want answer[[]string]
		oracle.Ask(map[string]any{"kind": "summary", "from": from.String(), "to": to.String()}, &want)
		got, err := NewRange(from, to)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want.OK {
			want.OK[i] = mappedAsPython(want.OK[i])
		}
		if diff := cmp.Diff(want.OK, texts(got.Networks())); diff != "" {
			t.Errorf("%s (-python +ours):\n%s", got, diff)
		}
	}
	for _, text := range []string{"10.0.0.*", "10.0.0-3.*", "10.0.0.5-9", "10.*.*.*", "*.*.*.*", "10.0.0.1"} {
		var want answer[[]string]
		oracle.Ask(map[string]any{"kind": "glob", "text": text}, &want)
		ranges, err := ParsePattern(text)
		if err != nil || len(ranges) != 1 {
			t.Fatalf("%q: %v, %v", text, ranges, err)
		}
		if diff := cmp.Diff(want.OK, texts(ranges[0].Networks())); diff != "" {
			t.Errorf("%q (-python +ours):\n%s", text, diff)
		}
	}
}

func TestMACsAsPython(t *testing.T) {
	oracle := originals(t)
	r := rand.New(rand.NewPCG(5, 5))
	local, _ := ParseNetwork("fe80::/64", false)
	for i := range 500 {
		value := r.Uint64() >> 16
		text := MAC{value, 48}.String()
		if style := []string{"", "ieee", "unix", "cisco", "bare"}[i%5]; style != "" {
			text, _ = MAC{value, 48}.Format(style)
		}
		var want answer[map[string]string]
		oracle.Ask(map[string]any{"kind": "mac", "text": text}, &want)
		m, err := ParseMAC(text)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{"int": fmt.Sprint(m.Int())}
		for _, style := range []string{"unix", "cisco", "bare", "pgsql", "ieee"} {
			if got[style], err = m.Format(style); err != nil {
				t.Fatal(err)
			}
		}
		got["eui64"], _ = m.EUI64().Format("ieee")
		a, err := m.IPv6(local)
		if err != nil {
			t.Fatal(err)
		}
		got["link_local"] = a.String()
		if diff := cmp.Diff(want.OK, got); diff != "" {
			t.Errorf("%q (-python +ours):\n%s", text, diff)
		}
	}
	for _, bad := range []string{"", "00", "00:11:22:33:44", "00:11:22:33:44:gg", "00:11-22:33:44:55", "0011.2233", "000:11:22:33:44:55"} {
		if m, err := ParseMAC(bad); err == nil {
			t.Errorf("%q became %v", bad, m)
		}
	}
}
