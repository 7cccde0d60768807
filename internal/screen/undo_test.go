package screen

import "testing"

// TestUndo shows generated sessions and then what undoes their settings.
func TestUndo(t *testing.T) {
	for seed := range int64(2000) {
		s := shown(20, 6, newStory(seed, 20, 6, 40), "\x1b[?2004h\x1b[?1000h\x1b[20h\x1b[?5h")
		_, _ = s.Write([]byte(s.Undo()))
		s.charset.set = [4]byte{s.charset.set[0]} // what is in G1 to G3 is not in use
		if s.mode != (modes{wrap: true}) || s.alternate || s.top != 0 || s.bottom != 5 ||
			s.style != (Style{}) || s.cursor.col != 0 || s.charset.translate('q') != 'q' {
			t.Fatalf("seed %d: %+v", seed, s.mode)
		}
	}
	if got := shown(20, 6, "hello\r\n").Undo(); got != "" {
		t.Errorf("%q after plain text", got)
	}
}
