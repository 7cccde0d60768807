package inventory_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gofab/runtime/inventory"
)

// many writes an inventory of n hosts in Ansible's form, which both read.
func many(n int) string {
	var b strings.Builder
	b.WriteString("all:\n  vars: { ntp: pool, ansible_user: ops }\n  children:\n")
	for dc := range 5 {
		fmt.Fprintf(&b, "    dc%d:\n      vars: { dc: %d }\n      hosts:\n", dc, dc)
		for i := dc; i < n; i += 5 {
			fmt.Fprintf(&b, "        web%05d: { ansible_host: 10.%d.%d.%d, weight: %d, roles: [a, b] }\n", i, dc, i>>8&255, i&255, i%7)
		}
	}
	return b.String()
}

// BenchmarkLoad10000 reads ten thousand hosts and chooses some of them.
func BenchmarkLoad10000(b *testing.B) {
	path := filepath.Join(written(b, map[string]string{"hosts.yml": many(10_000)}), "hosts.yml")
	b.Run("gofab", func(b *testing.B) {
		for b.Loop() {
			inv := inventory.New()
			if err := inv.Load(b.Context(), path, ""); err != nil {
				b.Fatal(err)
			}
			if found, err := inv.Select(b.Context(), "@dc0[0-2] | @dc* & weight>=3 & !~0$"); err == nil && len(found) == 0 {
				b.Fatal("nothing")
			}
		}
	})
	b.Run("ansible-inventory", func(b *testing.B) {
		if _, err := exec.LookPath("ansible-inventory"); err != nil {
			b.Skip("ansible-inventory is not installed")
		}
		for b.Loop() {
			if out, err := exec.Command("ansible-inventory", "-i", path, "--list").Output(); err != nil || len(out) < 1000 {
				b.Fatal(err, len(out))
			}
		}
	})
}

// BenchmarkSelect10000 works out expressions over ten thousand hosts.
func BenchmarkSelect10000(b *testing.B) {
	inv := loaded(b, "hosts.yml", many(10_000))
	for _, expr := range []string{"web00042", "@dc3", "@dc1 & !web000*", `~^web\d+0$`, "weight>=3 & @dc2", "10.1.0.0/16", "web[00001-05000]", "@dc4[0-99]"} {
		b.Run(expr, func(b *testing.B) {
			for b.Loop() {
				if _, err := inv.Select(b.Context(), expr); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
