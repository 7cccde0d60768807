package host

import (
	"testing"
	"time"
)

func TestParseState(t *testing.T) {
	for text, want := range map[string]state{
		"gone": {name: "gone"}, "lost": {name: "lost"}, "running": {name: "running"}, "running 42": {name: "running", pid: 42},
		"done 3 1100 1000": {name: "done", code: 3, took: 100 * time.Second, begun: 1000},
	} {
		if got, ok := parseState(text); !ok || got != want {
			t.Errorf("%q: %+v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "done", "done 3", "done x 1 2", "dead", "\n"} {
		if got, ok := parseState(text); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func FuzzParseState(f *testing.F) {
	for _, text := range []string{"done 3 1100 1000", "running 1", "lost", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		st, ok := parseState(text)
		if ok && st.name != "gone" && st.name != "lost" && st.name != "running" && st.name != "done" {
			t.Fatalf("%q is %+v", text, st)
		}
	})
}
