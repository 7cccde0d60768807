package testenv

import (
	"os"
	"strconv"
	"testing"
)

// Seed is where generated cases begin. It is the same in every run, so that a
// run says something about the code and not about luck; GOFAB_SEED sets another
// one, to look for more.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed := uint64(1)
	if text := os.Getenv("GOFAB_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("GOFAB_SEED: %v", err)
		}
	}
	t.Logf("GOFAB_SEED=%d", seed)
	return seed
}

// Rounds is how often a test of generated cases goes round; GOFAB_ROUNDS sets
// another number, for those who have more time.
func Rounds(t testing.TB, usual int) int {
	t.Helper()
	text := os.Getenv("GOFAB_ROUNDS")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("GOFAB_ROUNDS: %q is no number of rounds", text)
	}
	return n
}
