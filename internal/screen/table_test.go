package screen

import (
	"math/rand"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func shown(cols, rows int, pieces ...string) *Screen {
	s := New(cols, rows, 100)
	for _, piece := range pieces {
		_, _ = s.Write([]byte(piece))
	}
	return s
}

// TestSequences has what the generated sessions leave out: where terminals
// differ, xterm's way, and bytes that are not right.
func TestSequences(t *testing.T) {
	tests := []struct {
		name, in string
		text     string // of a screen with 8 columns and 4 rows
		row, col int
	}{
		{"plain", "abc", "abc", 0, 3},
		{"last column: the break is pending", "12345678", "12345678", 0, 7},
		{"last column: the next character breaks", "123456789", "12345678\n9", 1, 1},
		{"last column: backspace goes back one", "12345678\bx", "123456x8", 0, 7},
		{"last column: line feed ends the wait", "12345678\nx", "12345678\n       x", 1, 7},
		{"last column: nothing right of it to erase", "12345678\x1b[K\x1b[J9", "12345678\n9", 1, 1},
		{"last column: cursor left", "12345678\x1b[Dx", "123456x8", 0, 7},
		{"last column: saved and restored", "12345678\x1b7\x1b[H\x1b8x", "12345678\nx", 1, 1},
		{"no wrap: the last column is overwritten", "\x1b[?7l123456789", "12345679", 0, 7},
		{"a tab stops at the last column", "\t\t\tx", "       x", 0, 7},
		{"tab stops", "\x1b[3g\x1b[3G\x1bH\r\tx", "  x", 0, 3},
		{"tab forward and back", "\x1b[3g\x1b[3G\x1bH\r\x1b[Ix\x1b[Zy", "  y", 0, 3},
		{"wide", "日本", "日本", 0, 4},
		{"wide: no place in the last column", "1234567日", "1234567\n日", 1, 2},
		{"wide: no wrap, no place", "\x1b[?7l1234567日", "1234567", 0, 7},
		{"wide: the left half is overwritten", "日本\rx", "x 本", 0, 1},
		{"wide: the right half is overwritten", "日本\x1b[2Gx", " x本", 0, 2},
		{"wide over two others", "日本\x1b[2G語", " 語", 0, 3},
		{"wide: cut by erasing", "日本\x1b[2G\x1b[K", "", 0, 1},
		{"wide: cut by deleting", "日本x\x1b[2G\x1b[P", " 本x", 0, 1},
		{"wide: cut by inserting", "日本\x1b[2G\x1b[@", "   本", 0, 1},
		{"wide: pushed over the edge", "\x1b[7G日\x1b[H\x1b[@", "", 0, 0},
		{"combining", "e\u0301x", "e\u0301x", 0, 2},
		{"combining on wide", "か\u3099x", "か\u3099x", 0, 3},
		{"combining in the last column", "1234567e\u0301", "1234567e\u0301", 0, 7},
		{"combining without wrap", "\x1b[?7l1234567e\u0301", "1234567e\u0301", 0, 7},
		{"combining on nothing", "\u0301x", "x", 0, 1},
		{"joiners take no place", "a\u200db\u200b", "a\u200db\u200b", 0, 2},
		{"too many marks", "e" + strings.Repeat("\u0301", 50), "e" + strings.Repeat("\u0301", maxMarks), 0, 1},
		{"line drawing", "\x1b(0lqk\x1b(Bq", "┌─┐q", 0, 4},
		{"line drawing in G1", "\x1b)0q\x0eq\x0fq", "q─q", 0, 3},
		{"line drawing once from G2", "\x1b*0q\x1bNqq", "q─q", 0, 3},
		{"line drawing from G3", "\x1b+0q\x1boq", "q─", 0, 2},
		{"British", "\x1b(A#", "£", 0, 1},
		{"insert mode", "abc\r\x1b[4hx", "xabc", 0, 1},
		{"new line mode", "ab\x1b[20h\nc", "ab\nc", 1, 1},
		{"insert more cells than there are", "abcdef\r\x1b[6@", "      ab", 0, 0},
		{"lines outside the region stay", "a\r\nb\x1b[3;4r\x1b[H\x1b[L", "a\nb", 0, 0},
		{"inserted lines take the cursor to the left", "a\r\nbc\x1b[L", "a\n\nbc", 1, 0},
		{"deleted lines too", "a\r\nbc\x1b[A\x1b[M", "bc", 0, 0},
		{"region with origin", "\x1b[2;3r\x1b[?6hx", "\nx", 1, 1},
		{"setting the region goes home in origin mode", "\x1b[?6h\x1b[2;3rx", "\nx", 1, 1},
		{"no region of one row", "\x1b[2;2r\x1b[3Bx", "\n\n\nx", 3, 1},
		{"line feed below the region", "\x1b[1;2r\x1b[4;1H\n\nx", "\n\n\nx", 3, 1},
		{"up stops at the region", "\x1b[2;3r\x1b[3;1H\x1b[9Ax", "\nx", 1, 1},
		{"up from above the region", "\x1b[2;3r\x1b[H\x1b[9Ax", "x", 0, 1},
		{"repeat", "ab\x1b[3b", "abbbb", 0, 5},
		{"repeat wide", "日\x1b[2b", "日日日", 0, 6},
		{"repeat without end", "x\x1b[999999999999b", "xxxxxxxx\nxxxxxxxx\nxxxxxxxx\nx", 3, 1},
		{"repeat nothing", "\x1b[3b", "", 0, 0},
		{"alignment", "\x1b[2;3r\x1b#8", "EEEEEEEE\nEEEEEEEE\nEEEEEEEE\nEEEEEEEE", 0, 0},
		{"soft reset", "\x1b[2;3r\x1b[?6h\x1b[4h\x1b[!p\x1b[Hab\rx", "xb", 0, 1},
		{"reset", "abc\x1b[2;3r\x1b[?6h\x1b(0\x1bcq", "q", 0, 1},
		{"alternate screen and back", "abc\x1b[?1049hxyz\x1b[?1049ld", "abcd", 0, 4},
		{"alternate screen", "abc\x1b[?1049hxyz", "   xyz", 0, 6},
		{"alternate screen of old", "abc\x1b[?47hxyz\x1b[?47ld", "abc   d", 0, 7},
		{"alternate screen, cleared after", "\x1b[?1047hxyz\x1b[?1047l\x1b[?47h", "", 0, 3},
		{"a control inside a sequence works", "ab\x1b[1\bCx", "abx", 0, 3},
		{"a cancelled sequence", "a\x1b[3\x18Cx", "aCx", 0, 3},
		{"an escape begins anew", "a\x1b[3\x1b[2Cx", "a  x", 0, 4},
		{"an unknown sequence is left out", "a\x1b[?99;3zb\x1b%Gc\x1b[>4;2md", "abcd", 0, 4},
		{"a broken sequence is left out", "a\x1b[3?Hb\x1b[ 3Hc", "abc", 0, 3},
		{"private marker in front only", "a\x1b[<1;2Mb", "ab", 0, 2},
		{"too many parameters", "a\x1b[" + strings.Repeat("1;", 1000) + "1mb", "ab", 0, 2},
		{"strings are left out", "a\x1bPq#0;2\x1b\\b\x1b_x\x1b\\c\x1b^x\x1b\\d\x1bXx\x1b\\e", "abcde", 0, 5},
		{"a bell ends no DCS", "a\x1bPq\x07x\x1b\\b", "ab", 0, 2},
		{"links are left out", "\x1b]8;;http://x\x1b\\ab\x1b]8;;\x1b\\c", "abc", 0, 3},
		{"not UTF-8", "a\xffb", "a\ufffdb", 0, 3},
		{"half a character", "a\xe6\x97b", "a\ufffdb", 0, 3},
		{"half a character before a control", "a\xe6\x97\r\nb", "a\ufffd\nb", 1, 1},
		{"overlong", "\xc0\xaf", "\ufffd\ufffd", 0, 2},
		{"a surrogate", "\xed\xa0\x80", "\ufffd\ufffd\ufffd", 0, 3},
		{"C1 as UTF-8 does nothing", "a\u009b2Jb", "a2Jb", 0, 4},
		{"delete and null do nothing", "a\x7f\x00b", "ab", 0, 2},
		{"erase above", "a\r\nb\r\nc\x1b[2;1H\x1b[1J", "\n\nc", 1, 0},
		{"rows by number", "\x1b[3dx\x1b[99dy", "\n\nx\n y", 3, 2},
		{"relative moves", "\x1b[2ax\x1b[2ey", "  x\n\n   y", 2, 4},
		{"mouse tracking is no scrolling", "a\x1b[1;2;3;4;5T", "a", 0, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shown(8, 4, test.in)
			if diff := cmp.Diff(test.text, strings.TrimRight(strings.Join(s.Lines(), "\n"), "\n")); diff != "" {
				t.Error(diff)
			}
			if c := s.Cursor(); c.Row != test.row || c.Col != test.col {
				t.Errorf("cursor at %d, %d, not at %d, %d", c.Row, c.Col, test.row, test.col)
			}
		})
	}
}

// TestReplies has what a program can ask. Titles and the clipboard are never
// told: the answer is typed into the program.
func TestReplies(t *testing.T) {
	tests := map[string]string{
		"\x1b[c":                           "\x1b[?1;2c",
		"\x1b[0c\x1bZ":                     "\x1b[?1;2c\x1b[?1;2c",
		"\x1b[>c":                          "\x1b[>0;10;0c",
		"\x1b[5n":                          "\x1b[0n",
		"ab\x1b[6n":                        "\x1b[1;3R",
		"ab\x1b[?6n":                       "\x1b[?1;3R",
		"\x1b[2;3r\x1b[?6h\x1b[6n":         "\x1b[1;1R",
		"12345678\x1b[6n":                  "\x1b[1;8R",
		"\x1b[18t":                         "\x1b[8;4;8t",
		"\x1b]2;rm -rf\x07\x1b[21t":        "",
		"\x1b]52;c;?\x07\x1b]11;?\x1b\\":   "",
		"\x1b[?7$p\x1b[?25l\x1b[?25$p":     "\x1b[?7;1$y\x1b[?25;2$y",
		"\x1b[4$p\x1b[?4711$p":             "\x1b[4;2$y\x1b[?4711;0$y",
		"\x1b[?1049h\x1b[?1049$p":          "\x1b[?1049;1$y",
		"\x1b[1c\x1b[7n":                   "",
		"\x1bP+q544e\x1b\\\x1bP$qm\x1b\\x": "",
	}
	for in, want := range tests {
		s := shown(8, 4, in)
		if got := string(s.Replies()); got != want {
			t.Errorf("%q is answered by %q, not %q", in, got, want)
		}
		if got := s.Replies(); got != nil {
			t.Errorf("%q: the answer is given twice: %q", in, got)
		}
	}
}

func TestStyles(t *testing.T) {
	red, white := Palette(1), Palette(7)
	tests := map[string]Style{
		"0":                    {},
		"":                     {},
		"1;31":                 {Attr: Bold, Fore: red},
		"1;2;3;4;5;7;8;9":      {Attr: Bold | Faint | Italic | Underline | Blink | Reverse | Hidden | Strike},
		"1;2;22":               {},
		"4;24;7;27;9;29;8;28":  {},
		"4:3":                  {Attr: Underline},
		"4;4:0":                {},
		"21":                   {Attr: Underline},
		"31;0;47":              {Back: white},
		"31;;47":               {Back: white},
		"91;107":               {Fore: Palette(9), Back: Palette(15)},
		"38;5;200":             {Fore: Palette(200)},
		"38:5:200":             {Fore: Palette(200)},
		"48;2;1;2;3;1":         {Back: RGB(1, 2, 3), Attr: Bold},
		"48:2::1:2:3;1":        {Back: RGB(1, 2, 3), Attr: Bold},
		"48:2:1:2:3;1":         {Back: RGB(1, 2, 3), Attr: Bold},
		"58;5;3;1":             {Attr: Bold},
		"58:2::1:2:3;1":        {Attr: Bold},
		"38;5":                 {},
		"38;5;256":             {},
		"38;2;1;2":             {},
		"38":                   {},
		"31;39;41;49":          {},
		"53;55;10;73;99999999": {},
	}
	for in, want := range tests {
		s := shown(8, 4, "\x1b["+in+"mx")
		if got := s.Cell(0, 0).Style; got != want {
			t.Errorf("SGR %s gives %x, not %x", in, got, want)
		}
	}
}

func TestErasedCellsHaveTheBackground(t *testing.T) {
	s := shown(4, 3, "abc\x1b[44m\x1b[2J")
	if got, want := s.Cell(1, 1), (Cell{Style: Style{Back: Palette(4)}}); got != want {
		t.Errorf("an erased cell is %+v", got)
	}
}

func TestColoursByTheirParts(t *testing.T) {
	if n, ok := Palette(200).Palette(); n != 200 || !ok {
		t.Error("palette", n, ok)
	}
	if r, g, b, ok := RGB(1, 2, 3).RGB(); r != 1 || g != 2 || b != 3 || !ok {
		t.Error("direct", r, g, b, ok)
	}
	if _, ok := Colour(0).Palette(); ok {
		t.Error("the default colour is in no palette")
	}
}

func TestTitle(t *testing.T) {
	tests := map[string]string{
		"\x1b]2;one\x07":                            "one",
		"\x1b]0;two\x1b\\":                          "two",
		"\x1b]2;a\x07\x1b]1;icon\x07":               "a",
		"\x1b]2;s\u00e9\xff\u0085\x07":              "sé\ufffd",
		"\x1b]2;never\x18":                          "",
		"\x1b]2;a;b\x07":                            "a;b",
		"\x1b]2;" + strings.Repeat("x", 1<<20) + "": "",
	}
	for in, want := range tests {
		if got := shown(8, 4, in).Title(); got != want {
			t.Errorf("%.40q gives the title %q, not %q", in, got, want)
		}
	}
	if got := shown(8, 4, "\x1b]2;", strings.Repeat("x", 1<<20), "\x07").Title(); len(got) > maxTitle {
		t.Errorf("a title of %d bytes", len(got))
	}
}

func TestHistory(t *testing.T) {
	s := New(10, 2, 3)
	_, _ = s.Write([]byte("1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7"))
	if diff := cmp.Diff([]string{"3", "4", "5"}, s.History()); diff != "" {
		t.Error(diff)
	}
	_, _ = s.Write([]byte("\x1b[?1049h\r\na\r\nb\r\nc\x1b[?1049l"))
	if diff := cmp.Diff([]string{"3", "4", "5"}, s.History()); diff != "" {
		t.Error("the alternate screen has no history", diff)
	}
	_, _ = s.Write([]byte("\x1b[3J"))
	if got := s.History(); len(got) != 0 {
		t.Error("erased:", got)
	}
}

func TestResize(t *testing.T) {
	s := shown(10, 4, "one\r\ntwo\r\nthree\r\nfour")
	s.Resize(4, 2)
	if got := s.Text(); got != "thre\nfour" {
		t.Errorf("smaller: %q", got)
	}
	if diff := cmp.Diff([]string{"one", "two"}, s.History()); diff != "" {
		t.Error(diff)
	}
	s.Resize(20, 5)
	_, _ = s.Write([]byte("\r\n\t\tx"))
	if got := s.Text(); got != "thre\nfour\n                x" {
		t.Errorf("larger: %q", got)
	}
}

func TestResizeKeepsTheTopWhenBlankRowsGo(t *testing.T) {
	s := shown(10, 5, "one\r\ntwo")
	s.Resize(10, 2)
	if got := s.Text(); got != "one\ntwo" {
		t.Errorf("%q", got)
	}
}

func TestResizeCutsAWideCharacter(t *testing.T) {
	s := shown(10, 2, "a日")
	s.Resize(2, 2)
	if got := s.Text(); got != "a" {
		t.Errorf("%q", got)
	}
}

func TestSizesAreBounded(t *testing.T) {
	s := New(0, -5, -1)
	if cols, rows := s.Size(); cols != 1 || rows != 1 {
		t.Error(cols, rows)
	}
	_, _ = s.Write([]byte("日x\r\n\ty\x1b[5@\x1b[5P\x1b[L\x1b[M"))
	s.Resize(1<<40, 1)
	if cols, _ := s.Size(); cols != maxSide {
		t.Error(cols)
	}
}

func TestText(t *testing.T) {
	tests := map[string]string{
		"Name: ":                   "Name: ",
		"Name: x  \r\n\r\n":        "Name: x",
		"日本: \x1b[2C":              "日本:   ",
		"$ \x1b[2;1Hx   \x1b[1;3H": "$ \nx",
		"\x1b[3;1H  ":              "\n\n  ",
	}
	for in, want := range tests {
		if got := shown(20, 4, in).Text(); got != want {
			t.Errorf("%q shows %q, not %q", in, got, want)
		}
	}
}

func TestOutsideTheScreenIsBlank(t *testing.T) {
	s := shown(4, 2, "abcd")
	if s.Line(-1) != "" || s.Line(2) != "" || s.Cell(0, 4) != (Cell{}) || s.Cell(-1, 0) != (Cell{}) {
		t.Error("something is there")
	}
}

func TestRepliesAreBounded(t *testing.T) {
	s := shown(4, 2, strings.Repeat("\x1b[c", 10000))
	if n := len(s.Replies()); n == 0 || n > maxReplies {
		t.Errorf("%d bytes wait", n)
	}
}

// TestPiecesDoNotMatter writes sessions in random pieces.
func TestPiecesDoNotMatter(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for seed := range int64(150) {
		story := newStory(seed, 20, 6, 60)
		whole, pieces := shown(20, 6, story), New(20, 6, 100)
		for rest := story; rest != ""; {
			n := min(1+random.Intn(4), len(rest))
			_, _ = pieces.Write([]byte(rest[:n]))
			rest = rest[n:]
		}
		if diff := cmp.Diff(whole, pieces, cmp.AllowUnexported(Screen{}, position{}, printed{}, saved{}, charset{}, modes{}, history{}, parser{}, params{})); diff != "" {
			t.Fatalf("seed %d: %q\n%s", seed, story, diff)
		}
	}
}
