package bytesize

import (
	"strconv"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "512": 512, "64K": 64 << 10, "64k": 64 << 10, "10MB": 10 << 20, "10 MiB": 10 << 20, "1.5G": 3 << 29, "2T": 2 << 40, "7B": 7,
	} {
		if n, err := Parse(text); err != nil || n != want {
			t.Errorf("%q: %d, %v", text, n, err)
		}
	}
	for _, text := range []string{"", "K", "-1", "1X", "1KK", "NaN", "1e300T", "ten"} {
		if n, err := Parse(text); err == nil {
			t.Errorf("%q is %d", text, n)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"1.5G", "64 KiB", "1e3", "0x10", "_1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Parse(text)
		if err != nil {
			return
		}
		if n < 0 {
			t.Fatalf("%q is %d", text, n)
		}
		if again, err := Parse(strconv.FormatInt(n, 10)); err != nil || n < 1<<53 && again != n {
			t.Fatalf("%q is %d, which is %d: %v", text, n, again, err)
		}
	})
}
