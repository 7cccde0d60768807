package filecmp

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"gofab/internal/testenv"
)

// BenchmarkTree compares two trees of 100,000 small files that are the same,
// here, with Python and with diff(1).
func BenchmarkTree(b *testing.B) {
	top := b.TempDir()
	for i := range 100_000 {
		if i%1000 == 0 {
			for _, side := range []string{"l", "r"} {
				if err := os.MkdirAll(filepath.Join(top, side, fmt.Sprint(i/1000)), 0o755); err != nil {
					b.Fatal(err)
				}
			}
		}
		for _, side := range []string{"l", "r"} {
			if err := os.WriteFile(filepath.Join(top, side, fmt.Sprint(i/1000), fmt.Sprint(i)), fmt.Appendf(nil, "file %d\n", i), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	left, right := filepath.Join(top, "l"), filepath.Join(top, "r")
	b.Run("gofab", func(b *testing.B) {
		for b.Loop() {
			r, err := Compare(context.Background(), Local{left}, Local{right}, Options{})
			if err != nil || !r.Equal() || len(r.Items) != 100_100 {
				b.Fatal(err)
			}
		}
	})
	peer := func(name, program string, args ...string) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, out)
				}
			}
		})
	}
	peer("diff", testenv.Require(b, "diff"), "-rq", left, right)
	peer("python", testenv.Python(b, "filecmp"), "-c", `
import filecmp, os, sys
def walk(a, b):
    d = filecmp.dircmp(a, b, [])
    same, different, errors = filecmp.cmpfiles(a, b, d.common_files, shallow=False)
    assert not different and not errors and not d.left_only
    for sub in d.common_dirs: walk(os.path.join(a, sub), os.path.join(b, sub))
walk(sys.argv[1], sys.argv[2])`, left, right)
}
