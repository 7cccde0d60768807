package difflib

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"gofab/internal/testenv"
)

// BenchmarkCompare compares two versions of a file of 5,000 lines, here and in
// Python.
func BenchmarkCompare(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	old := make([]string, 5000)
	for i := range old {
		old[i] = fmt.Sprintf("setting_%d = %d\n", r.IntN(3000), r.IntN(100))
	}
	fresh := mutate(r, old)
	b.Run("gofab", func(b *testing.B) {
		for b.Loop() {
			m, err := Compare(context.Background(), old, fresh, Options[string]{})
			if err != nil || Unified(m, old, fresh, Format{Context: 3}) == "" {
				b.Fatal(err)
			}
		}
	})
	b.Run("python", func(b *testing.B) {
		python := testenv.Ask(b, testenv.Python(b, "difflib"), "-c", `
import difflib, json, sys
for line in sys.stdin:
    q = json.loads(line)
    if "a" in q: a, b = q["a"], q["b"]
    for _ in range(q["n"]): "".join(difflib.unified_diff(a, b))
    print("0", flush=True)`)
		var done int
		python.Ask(map[string]any{"a": old, "b": fresh, "n": 0}, &done)
		b.ResetTimer()
		for range b.N {
			python.Ask(map[string]int{"n": 1}, &done)
		}
	})
}
