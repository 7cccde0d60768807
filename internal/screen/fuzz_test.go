package screen

import (
	"testing"
	"unicode/utf8"
)

// FuzzScreen shows any bytes on a screen that also changes its size, and
// checks what must hold for every screen.
func FuzzScreen(f *testing.F) {
	f.Add([]byte("hello\r\nworld"), uint8(10), uint8(4))
	f.Add([]byte("\x1b[2;3r\x1b[?6h\x1b[5;5H\x1b[L\x1b[3M\x1b[4h日本\x1b[2@"), uint8(5), uint8(5))
	f.Add([]byte("\x1b]0;title\x07\x1bPq\x1b\\\xe6\x97\xa5e\u0301\x1b[38:2::1:2:3m"), uint8(1), uint8(1))
	for seed := range int64(5) {
		f.Add([]byte(newStory(seed, 20, 6, 30)), uint8(20), uint8(6))
	}
	f.Fuzz(func(t *testing.T, data []byte, cols, rows uint8) {
		s := New(int(cols), int(rows), 5)
		_, _ = s.Write(data[:len(data)/2])
		check(t, s)
		s.Resize(int(rows), int(cols))
		_, _ = s.Write(data[len(data)/2:])
		check(t, s)
	})
}

func check(t *testing.T, s *Screen) {
	t.Helper()
	if c := s.cursor; c.row < 0 || c.row >= s.rows || c.col < 0 || c.col >= s.cols {
		t.Fatalf("the cursor is outside: %+v of %d x %d", c, s.cols, s.rows)
	}
	if s.top < 0 || s.bottom >= s.rows || s.top > s.bottom {
		t.Fatalf("region %d to %d", s.top, s.bottom)
	}
	if len(s.history.lines) > s.history.limit || len(s.title) > maxTitle+utf8.UTFMax || len(s.replies) > maxReplies {
		t.Fatal("something grows")
	}
	for _, g := range []grid{s.main, s.other} {
		if g == nil {
			continue // the alternate one, not used
		}
		if len(g) != s.rows {
			t.Fatalf("%d rows", len(g))
		}
		for _, row := range g {
			checkRow(t, row, s.cols)
		}
	}
	if !utf8.ValidString(s.Text()) {
		t.Fatalf("not UTF-8: %q", s.Text())
	}
}

func checkRow(t *testing.T, row []Cell, cols int) {
	t.Helper()
	if len(row) != cols {
		t.Fatalf("%d columns", len(row))
	}
	for i, c := range row {
		if c.Part == Head && (i+1 == cols || row[i+1].Part != Tail) {
			t.Fatalf("column %d: half a character: %+v", i, row)
		}
		if c.Part == Tail && (i == 0 || row[i-1].Part != Head) {
			t.Fatalf("column %d: the end of no character: %+v", i, row)
		}
	}
}
