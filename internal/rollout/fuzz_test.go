package rollout

import "testing"

// FuzzBatches: whatever is typed is refused, or cuts any number of items into
// batches that hold each of them once.
func FuzzBatches(f *testing.F) {
	for _, seed := range []string{"1", "1,10%,50%", "0", "33.3%", "-1", "1e3%", "%", "1,,2", "99999999999999999999", "1,9223372036854775807", "100%"} {
		f.Add(seed, 20)
	}
	f.Fuzz(func(t *testing.T, text string, n int) {
		sizes, err := ParseAmounts(text)
		if err != nil {
			return
		}
		n = max(0, min(n, 5000))
		next := 0
		for i, b := range Batches(n, sizes) {
			if b.First != next || b.End <= b.First || b.Left != n-b.End || b.Number != i+1 {
				t.Fatalf("%q of %d: %+v after %d", text, n, b, next)
			}
			next = b.End
		}
		if next != n {
			t.Fatalf("%q: %d of %d", text, next, n)
		}
		again, err := ParseAmounts(join(sizes))
		if err != nil || join(again) != join(sizes) {
			t.Fatalf("%q is written as %q", text, join(sizes))
		}
	})
}

func join(sizes []Amount) string {
	text := ""
	for i, a := range sizes {
		if i > 0 {
			text += ","
		}
		text += a.String()
	}
	return text
}
