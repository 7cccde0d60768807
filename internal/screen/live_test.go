package screen

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"gofab/internal/testenv"
)

func TestLiveTellsChanges(t *testing.T) {
	testenv.Goroutines(t)
	l := NewLive(20, 5, 0, func([]byte) {})
	go func() {
		for i := range 100 {
			fmt.Fprintf(l, "\rline %d", i)
		}
	}()
	for text := ""; text != "line 99"; {
		changed := l.Look(func(s *Screen) { text = s.Line(0) })
		if text != "line 99" {
			<-changed
		}
	}
	changed := l.Look(func(*Screen) {})
	l.Resize(10, 2)
	<-changed
}

// TestLiveAnswersInOrder has a program ask on while the answers are slow.
func TestLiveAnswersInOrder(t *testing.T) {
	testenv.Goroutines(t)
	var mu sync.Mutex
	var got strings.Builder
	done := make(chan struct{})
	l := NewLive(80, 5, 0, func(p []byte) {
		mu.Lock()
		defer mu.Unlock()
		if got.Write(p); strings.Count(got.String(), "R") == 70 {
			close(done)
		}
	})
	var want strings.Builder
	for i := range 70 {
		fmt.Fprintf(l, "\x1b[1;%dH\x1b[6n", i+1)
		fmt.Fprintf(&want, "\x1b[1;%dR", i+1)
	}
	<-done
	if got.String() != want.String() {
		t.Errorf("%q", got.String())
	}
}

func TestKeys(t *testing.T) {
	tests := []struct{ shown, name, want string }{
		{"", "up", "\x1b[A"}, {"\x1b[?1h", "up", "\x1bOA"}, {"\x1b[?1h", "f5", "\x1b[15~"}, {"", "enter", "\r"}, {"", "nosuch", ""},
	}
	for _, test := range tests {
		if got, ok := shown(9, 9, test.shown).Key(test.name); got != test.want || ok != (test.want != "") {
			t.Errorf("%s after %q: %q, %t", test.name, test.shown, got, ok)
		}
	}
}
