package screen

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stories is how many generated sessions each differential test shows.
const stories = 3000

// TestStoriesLookAsInTmux shows generated sessions on a Screen and in tmux.
func TestStoriesLookAsInTmux(t *testing.T) {
	for _, size := range [][2]int{{20, 6}, {41, 12}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			x := startTmux(t, size[0], size[1])
			for seed := range int64(stories / 2) {
				compare(t, x, size[0], size[1], newStory(seed, size[0], size[1], 3+int(seed%60)))
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

func compare(t *testing.T, x *tmux, cols, rows int, story string) {
	t.Helper()
	s := New(cols, rows, 100)
	_, _ = s.Write([]byte(story))
	col := s.cursor.col
	if s.cursor.pending {
		col++
	}
	got := seen{Lines: looks(s), Col: col, Row: s.cursor.row, Flags: flagsOf(s), Replies: string(s.Replies())}
	want := x.see(story, cols)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%q\n(-tmux +gofab)\n%s\ntmux:\n%s\ngofab:\n%s", story, diff, strings.Join(want.Lines, "|\n"), strings.Join(got.Lines, "|\n"))
	}
}
