package kit_test

import (
	"math"
	"testing"
	"time"

	"gofab/bindings/kit"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "1.5": 1500 * time.Millisecond, "30s": 30 * time.Second, "5m": 5 * time.Minute,
		"1h30m": 90 * time.Minute, "2d": 48 * time.Hour, "0.5d": 12 * time.Hour, "250ms": 250 * time.Millisecond,
		"9223372036": 9223372036 * time.Second,
	} {
		if got, err := kit.ParseDuration(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "s", "soon", "5 m", "-1", "-5s", "nan", "inf", "infd", "1d2h", "9223372036.854775807", "1e300"} {
		if got, err := kit.ParseDuration(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]kit.Size{
		"0": 0, "512": 512, "512B": 512, "64K": 64 << 10, "64 k": 64 << 10, "64kb": 64 << 10, "64KiB": 64 << 10,
		"10M": 10 << 20, "1.5G": 3 << 29, "2T": 2 << 40,
	} {
		if got, err := kit.ParseSize(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "M", "big", "-1", "-1K", "nan", "NaN", "inf", "1P", "1KBB", "1 2", "99999999T"} {
		if got, err := kit.ParseSize(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

// What the parsers accept is never negative, whatever the text.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"1h30m", "2d", "1.5G", "64KiB", "nan", "1e308d", "9223372036.854775807"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := kit.ParseDuration(text); err == nil && d < 0 {
			t.Errorf("%q is the duration %v", text, d)
		}
		if n, err := kit.ParseSize(text); err == nil && (n < 0 || n > math.MaxInt64/2) {
			t.Errorf("%q is the size %v", text, n)
		}
	})
}
