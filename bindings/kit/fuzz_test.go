package kit_test

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"gofab/internal/fault"
)

// FuzzDecode gives a function random arguments: what comes is an error of kind
// usage or a value, never a panic and never an internal error.
func FuzzDecode(f *testing.F) {
	for seed := range int64(50) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed int64) {
		random := rand.New(rand.NewSource(seed))
		script := "probe.f(" + table(random, 0) + ")"
		if _, err := decoded[every](t, script); err != nil && fault.KindOf(err) != fault.Usage {
			t.Errorf("seed %d: %s: %v", seed, script, err)
		}
	})
}

// table writes a table whose names are often those of the options.
func table(random *rand.Rand, depth int) string {
	names := strings.Fields("text flag whole tiny count real wait size when hidden raw list grid named any maybe level inner inners port name")
	var b strings.Builder
	b.WriteString("{")
	for range random.Intn(4) {
		switch random.Intn(5) {
		case 0:
			b.WriteString(literal(random, depth) + ",")
		case 1:
			fmt.Fprintf(&b, "[%d]=%s,", random.Intn(9)-2, literal(random, depth))
		default:
			b.WriteString(names[random.Intn(len(names))] + "=" + literal(random, depth) + ",")
		}
	}
	return b.String() + "}"
}

func literal(random *rand.Rand, depth int) string {
	values := []string{
		"nil", "true", "false", "0", "-1", "1.5", "1/0", "0/0", "2^63", "-2^63", "1e300", `""`, `"x"`, `"10M"`, `"1h30m"`, `"nan"`,
		`"high"`, "print", "test", "probe", "coroutine.create(print)", "function() end", `("x"):rep(100)`, "setmetatable({}, {__index = error})",
	}
	if depth < 4 && random.Intn(3) == 0 {
		return table(random, depth+1)
	}
	return values[random.Intn(len(values))]
}
