package termsafe

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"gofab/internal/testenv"
)

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"plain\ttext\nnext":        "plain\ttext\nnext",
		"größe 日本 👍":               "größe 日本 👍",
		"a\x1b[31mred":             `a\x1b[31mred`,
		"dos\r\nlines\r\n":         "dos\nlines\n",
		"web1 | ok\rweb2 | FAKE":   `web1 | ok\rweb2 | FAKE`,
		"end\r":                    "end",
		"end\r\r":                  `end\r`,
		"nul\x00bel\x07bs\x08":     `nul\x00bel\x07bs\x08`,
		"del\x7f":                  `del\x7f`,
		"c1 \u009b31m \u0085":      `c1 \u009b31m \u0085`,
		"8bit \x9b31m \xff":        `8bit \x9b31m \xff`,
		"cut \xe2\x82":             `cut \xe2\x82`,
		"surrogate \xed\xa0\x80":   `surrogate \xed\xa0\x80`,
		"over\u202elong\u2066":     `over\u202elong\u2066`,
		"\u200f\u061c\u2028\u2029": `\u200f\u061c\u2028\u2029`,
	} {
		if got := Clean(text); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	if got := Line("web1\nweb2 | forged\r\n\tx"); got != `web1\nweb2 | forged\r\n`+"\tx" {
		t.Errorf("%q", got)
	}
}

func TestColour(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                                  "plain",
		"\x1b[1;31mred\x1b[0m ok":                "\x1b[1;31mred\x1b[0m ok\x1b[0m",
		"\x1b[32mgreen\nnext":                    "\x1b[32mgreen\x1b[0m\nnext",
		"\x1b[38:2::1:2:3mrgb\x1b[m":             "\x1b[38:2::1:2:3mrgb\x1b[m\x1b[0m",
		"\x1b[2J\x1b[H\x1b[31mx":                 `\x1b[2J\x1b[H` + "\x1b[31mx\x1b[0m",
		"\x1b]0;title\x07\x1b[?25l":              `\x1b]0;title\x07\x1b[?25l`,
		"\x1b[>4;2m \x1b[31 m":                   `\x1b[>4;2m \x1b[31 m`,
		"\x1b[" + strings.Repeat("1;", 99) + "m": `\x1b[` + strings.Repeat("1;", 99) + "m",
		"\x1b[31":                                `\x1b[31`,
		"\x1b\x1b[31m\r":                         `\x1b` + "\x1b[31m\x1b[0m",
	} {
		if got := Colour(text); got != want {
			t.Errorf("Colour(%q) = %q, want %q", text, got, want)
		}
	}
}

// attacks are sequences that have been used against terminals.
var attacks = []string{
	"\x1b]52;c;Y3VybCBldmlsfHNo\x07",       // OSC 52: write the clipboard
	"\x1b]0;rm -rf ~\x07\x1b[21t",          // set the title and have it reported as input
	"\x1bP$q\"p\x1b\\",                     // DECRQSS
	"\x1bP+q544e\x1b\\",                    // XTGETTCAP
	"\x1b[6n", "\x1b[c", "\x1b[>c", "\x05", // reports that become input
	"\x1b[2J\x1b[1;1H", "\x1b[1A\x1b[2K", "\x1b[s\x1b[u", // rewriting the screen
	"\x1b[?1049h", "\x1b[?1000h", "\x1b[?2004l", "\x1bc", "\x1b[!p", "\x1b(0",
	"\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\", // hyperlink
	"\x1b]1337;File=inline=1:AAAA\x07", "\x1b_Gf=100;AAAA\x1b\\", "\x1b^pm\x1b\\", "\x1bX\x1b\\",
	"\x1b]4;1;?\x07", "\x1b]10;?\x07", "\x1b]50;?\x07", "\x1b[8m", "\x1b#8", "\x1b[5i",
	"\u009d52;c;eA==\u009c", "\u009b2J", "\u0090q\u009c", "\x9b2J", "\x9d0;x\x9c",
	"\r\x1b[Kweb2 | all is well", "\x08\x08\x08\x08", "\x0e\x0f", "\x0b\x0c",
	"safe\u202etxt.exe", "\u2066a\u2069",
}

// check is what every output of the filter has to keep.
func check(t *testing.T, text string) {
	t.Helper()
	for _, got := range []string{Clean(text), Line(text)} {
		if !utf8.ValidString(got) {
			t.Fatalf("%q: not UTF-8: %q", text, got)
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return Unsafe(r) && r != '\t' && r != '\n' }); i >= 0 {
			t.Fatalf("%q: unsafe at %d: %q", text, i, got)
		}
	}
	if strings.Contains(Line(text), "\n") {
		t.Fatalf("%q: more than one line", text)
	}
	if Clean(Clean(text)) != Clean(text) {
		t.Fatalf("%q: cleaning twice differs", text)
	}
	for _, line := range strings.Split(Colour(text), "\n") {
		checkColours(t, line)
	}
}

// checkColours: every ESC begins an SGR sequence, and the last one is a reset.
func checkColours(t *testing.T, line string) {
	t.Helper()
	parts := strings.Split(line, "\x1b")
	for _, part := range parts[1:] {
		params, _, ended := strings.Cut(part, "m")
		if !ended || !strings.HasPrefix(params, "[") || strings.Trim(params[1:], "0123456789;:") != "" {
			t.Fatalf("%q: a sequence that is no colour", line)
		}
	}
	if len(parts) > 1 && parts[len(parts)-1] != "[0m" {
		t.Fatalf("%q: no reset at the end", line)
	}
}

func TestAttacks(t *testing.T) {
	seed := testenv.Seed(t)
	random := rand.New(rand.NewPCG(seed, 2))
	for _, attack := range attacks {
		check(t, attack)
	}
	pieces := append(slices.Clone(attacks), "text", "\n", "\r", "\t", "\x1b[31m", "\x1b[", "\x1b", "日", ";1m", "\xc2", "\x9b")
	for range 10_000 {
		var text strings.Builder
		for range random.IntN(8) {
			piece := pieces[random.IntN(len(pieces))]
			at := random.IntN(len(piece) + 1)
			text.WriteString(piece[:at])
			text.WriteByte(byte(random.IntN(256)))
			text.WriteString(piece[at:])
		}
		check(t, text.String())
	}
}

func TestNothingToDoAllocatesNothing(t *testing.T) {
	text := strings.Repeat("größe 日本 plain\ttext\n", 50)
	if n := testing.AllocsPerRun(20, func() { Clean(text); Colour(text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzClean(f *testing.F) {
	for _, attack := range attacks {
		f.Add(attack)
	}
	f.Fuzz(check)
}

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "größe": 5, "日本": 4, "e\u0301": 1, "👍": 2, "ｆ": 2, "한": 2, "a\u200bb": 2} {
		if got := Width(text); got != want {
			t.Errorf("Width(%q) = %d, want %d", text, got, want)
		}
	}
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"日本語", 5, "日本…"}, {"日本語", 4, "日…"}, {"abc", 0, ""}, {"abc", 1, "…"}} {
		if got := Truncate(c.text, c.columns); got != c.want {
			t.Errorf("Truncate(%q, %d) = %q, want %q", c.text, c.columns, got, c.want)
		}
	}
}

// TestWidthLikePython compares with Python's copy of the Unicode data.
func TestWidthLikePython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv("GOFAB_REQUIRE"), ","), "python3") {
			t.Fatal(err)
		}
		t.Skip("no python3")
	}
	out, err := exec.Command(python, "-c", `
import unicodedata as u
for c in range(0x300, 0x32000):
    k = u.category(chr(c))
    if k in ('Cn', 'Cs', 'Co') or 0x1160 <= c <= 0x11ff: continue
    w = 0 if k in ('Mn', 'Me', 'Cf') else 2 if u.east_asian_width(chr(c)) in 'WF' else 1
    print(c, w)`).Output()
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for line := range strings.Lines(string(out)) {
		code, width, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, _ := strconv.Atoi(code)
		r := rune(n)
		if want, _ := strconv.Atoi(width); !Unsafe(r) && runeWidth(r) != want {
			wrong++
		}
	}
	// Versions of Unicode differ by a few characters.
	if wrong > 100 {
		t.Errorf("%d characters differ", wrong)
	}
}

func BenchmarkCleanPlain(b *testing.B) {
	text := strings.Repeat("Nov 23 00:28:01 web1 sshd[812]: Accepted publickey for root\n", 16)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Clean(text)
	}
}

func BenchmarkCleanHostile(b *testing.B) {
	text := strings.Repeat("\x1b[31mred\x1b[0m \xff\u202e", 64)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Clean(text)
	}
}
