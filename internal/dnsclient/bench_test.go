package dnsclient_test

import (
	"fmt"
	"os/exec"
	"strconv"
	"sync"
	"testing"

	"gofab/internal/testenv"
)

// pythonQueries asks through a dnspython resolver, one name after the other,
// and tells how many seconds that took, without the start of Python.
const pythonQueries = `
import sys, time, dns.resolver
r = dns.resolver.Resolver(configure=False)
r.nameservers, r.port = ["127.0.0.1"], int(sys.argv[1])
n = int(sys.argv[2])
r.resolve("h0.large.test", "A")
began = time.perf_counter()
for i in range(n):
    r.resolve("h%d.large.test" % (i % 3000), "A")
print(time.perf_counter() - began)
`

// BenchmarkQueries asks a local BIND for addresses: one at a time, 64 at a
// time, and as dnspython does.
func BenchmarkQueries(b *testing.B) {
	named := lab(b)
	r := resolver(b, named.Addr, nil)
	ask := func(b *testing.B, i int) {
		a, err := r.Query(b.Context(), "h"+strconv.Itoa(i%3000)+".large.test", 1)
		if err != nil || len(a.Records) != 1 {
			b.Error(a, err)
		}
	}
	b.Run("gofab", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			ask(b, i)
		}
	})
	b.Run("gofab-64", func(b *testing.B) {
		var wait sync.WaitGroup
		numbers := make(chan int)
		for range 64 {
			wait.Go(func() {
				for i := range numbers {
					ask(b, i)
				}
			})
		}
		for i := range b.N {
			numbers <- i
		}
		close(numbers)
		wait.Wait()
	})
	b.Run("dnspython", func(b *testing.B) {
		python := testenv.Python(b, "dns.resolver")
		out, err := exec.Command(python, "-c", pythonQueries, strconv.Itoa(named.Port), strconv.Itoa(b.N)).Output()
		if err != nil {
			b.Fatal(err)
		}
		var seconds float64
		fmt.Sscan(string(out), &seconds)
		b.ReportMetric(seconds*1e9/float64(b.N), "ns/op")
	})
}
