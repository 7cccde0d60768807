package ipaddr

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"

	"gofab/internal/testenv"
)

// benchNetworks are networks as a routing table has them.
func benchNetworks(n int) []string {
	r := rand.New(rand.NewPCG(1, 1))
	out := make([]string, n)
	for i := range out {
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], r.Uint32())
		out[i] = netip.PrefixFrom(netip.AddrFrom4(b), 16+r.IntN(13)).Masked().String()
	}
	return out
}

// peer runs work of Python on the same networks; what has been read is not
// counted.
func peer(b *testing.B, name, module, setup, work string, nets []string) {
	b.Run(name, func(b *testing.B) {
		oracle := testenv.Ask(b, testenv.Python(b, module), "-c", `
import json, random, sys
import ipaddress, netaddr
nets = json.loads(sys.stdin.readline())
`+setup+`
print(0, flush=True)
for line in sys.stdin:
    `+work+`
    print(0, flush=True)`)
		var done int
		oracle.Ask(nets, &done)
		b.ResetTimer()
		for range b.N {
			oracle.Ask(1, &done)
		}
	})
}

// BenchmarkMerge merges 100,000 networks, which were read before.
func BenchmarkMerge(b *testing.B) {
	nets := benchNetworks(100_000)
	b.Run("gofab", func(b *testing.B) {
		ranges := make([]Range, len(nets))
		for i, text := range nets {
			n, err := ParseNetwork(text, false)
			if err != nil {
				b.Fatal(err)
			}
			ranges[i] = n.Range()
		}
		for b.Loop() {
			Merge(ranges)
		}
	})
	peer(b, "ipaddress", "ipaddress", "x = [ipaddress.ip_network(n) for n in nets]", "list(ipaddress.collapse_addresses(x))", nets)
	peer(b, "netaddr", "netaddr", "x = [netaddr.IPNetwork(n) for n in nets]", "netaddr.cidr_merge(x)", nets)
}

// BenchmarkLookup looks 1,000,000 addresses up among 1,000 networks; Python
// looks up 1,000 in the same, which is a thousandth of the work.
func BenchmarkLookup(b *testing.B) {
	nets := benchNetworks(1000)
	b.Run("gofab_1000000", func(b *testing.B) {
		var t Table[int]
		for i, text := range nets {
			n, err := ParseNetwork(text, false)
			if err != nil {
				b.Fatal(err)
			}
			t.Insert(n, i)
		}
		r := rand.New(rand.NewPCG(2, 2))
		addresses := make([]Address, 1_000_000)
		for i := range addresses {
			var four [4]byte
			binary.BigEndian.PutUint32(four[:], r.Uint32())
			addresses[i] = Address{netip.AddrFrom4(four)}
		}
		for b.Loop() {
			for _, a := range addresses {
				t.Lookup(a)
			}
		}
	})
	setup := "r = random.Random(2)\n"
	peer(b, "ipaddress_1000", "ipaddress", setup+"x = [ipaddress.ip_network(n) for n in nets]\na = [ipaddress.ip_address(r.getrandbits(32)) for _ in range(1000)]",
		"[max((n for n in x if ad in n), key=lambda n: n.prefixlen, default=None) for ad in a]", nets)
	peer(b, "netaddr_1000", "netaddr", setup+"x = [netaddr.IPNetwork(n) for n in nets]\na = [netaddr.IPAddress(r.getrandbits(32)) for _ in range(1000)]",
		"[netaddr.smallest_matching_cidr(ad, x) for ad in a]", nets)
}
