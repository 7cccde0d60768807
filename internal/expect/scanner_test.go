package expect

import (
	"math/rand/v2"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// scanPieces looks for patterns in a text that comes in pieces of the lengths
// that cut gives.
func scanPieces(patterns []Pattern, text []byte, window int64, e ending, cut func(left int) int) (found, bool) {
	program, err := compile(patterns)
	if err != nil {
		return found{}, false
	}
	b := &buffer{max: MaxBuffer}
	s := newScanner(newAutomaton(program), 0, window)
	for len(text) > 0 {
		n := cut(len(text))
		b.add(text[:n])
		text = text[n:]
		if hit, ok := s.scan(b, open); ok {
			return hit, true
		}
	}
	return s.scan(b, e)
}

func whole(left int) int { return left }
func single(int) int     { return 1 }

// TestPieces: the same result in one piece, byte by byte and in random pieces,
// also for what looks around: ^ $ \b, (?m), characters of several bytes, bytes
// that are none, and a window.
func TestPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(*seed, 7))
	for n := range 10000 {
		var patterns []Pattern
		for range 1 + random.IntN(3) {
			patterns = append(patterns, Must(lookingAround(random)))
		}
		text := strange(random)
		window := int64(random.IntN(2) * random.IntN(10))
		e := []ending{open, paused, closed}[random.IntN(3)]
		wantHit, want := scanPieces(patterns, text, window, e, whole)
		for _, cut := range []func(int) int{single, func(left int) int { return 1 + random.IntN(left) }} {
			hit, ok := scanPieces(patterns, text, window, e, cut)
			if ok != want || !reflect.DeepEqual(hit, wantHit) {
				t.Fatalf("case %d of -seed %d: %v in %q, window %d, ending %d:\npieces %v %v\nwhole  %v %v", n, *seed, patterns, text, window, e, ok, hit, want, wantHit)
			}
		}
	}
}

func lookingAround(r *rand.Rand) string {
	atom := func() string {
		return pick(r, "a", "b", "é", ".", `\b`, `\B`, "$", "^", `(?m:^)`, `(?m:$)`, "(a*)", "[^é]", `\n`, "(?i:É)", "\uFFFD", "(a|ab)")
	}
	return atom() + pick(r, "", "+?", "b", atom()) + pick(r, "", atom()) + atom()
}

func strange(r *rand.Rand) []byte {
	var b []byte
	for range r.IntN(12) {
		b = append(b, pick(r, "a", "b", "ab", "é", "É", "\n", " ", "\xc3", "\xff", "日", "\xe6\x97")...)
	}
	return b
}

// TestSingleExpression: where the match begins is the first place after which
// one can end; from there on it is what regexp finds.
func TestSingleExpression(t *testing.T) {
	random := rand.New(rand.NewPCG(*seed, 9))
	for n := range 2000 {
		source := "(?s)" + expressionOf(random, 3)
		text := []byte(generate(random).Text)
		hit, ok := scanPieces([]Pattern{Must(source)}, text, 0, closed, single)
		re := regexp.MustCompile(source)
		var want []int
		for end := 0; end <= len(text) && want == nil; end++ {
			want = re.FindIndex(text[:end])
		}
		if ok != (want != nil) {
			t.Fatalf("case %d: %s in %q: %v", n, source, text, ok)
		}
		if !ok {
			continue
		}
		if strings.Contains(source, "^") {
			continue // it would have to hold in the middle
		}
		longest := regexp.MustCompile(`^(?s:.{` + strconv.Itoa(want[0]) + `})(?:` + source + `)`)
		end := longest.FindIndex(text)[1]
		if hit.groups[0] != int64(want[0]) || hit.groups[1] != int64(end) {
			t.Fatalf("case %d: %s in %q: got %v, want %d to %d", n, source, text, hit.groups, want[0], end)
		}
	}
}

// TestRules is the package comment as a table.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		name     string
		patterns []Pattern
		text     string
		ending   ending
		pattern  int
		want     string // the match; "-" for none
	}{
		{"the first byte decides", []Pattern{Must("a.*z"), Must("m")}, "a-m-z", open, 1, "m"},
		{"then where it begins", []Pattern{Must("z"), Must("xyz")}, "xyz", open, 1, "xyz"},
		{"then the list", []Pattern{Must("y"), Must(`\w`)}, "y", open, 0, "y"},
		{"a match grows", []Pattern{Must(`\d+`)}, "x123 ", open, 0, "123"},
		{"and waits for more", []Pattern{Must(`\d+`)}, "x123", open, 0, "-"},
		{"or for a pause", []Pattern{Must(`\d+`)}, "x123", paused, 0, "123"},
		{"but not when it cannot", []Pattern{Must(`\d+?`)}, "x123", open, 0, "1"},
		{"a line is enough for .*", []Pattern{Must(`v=(.*)`)}, "v=1\n", open, 0, "v=1"},
		{"$ is the end of what rests", []Pattern{Must(`[#$] $`)}, "a$ b\r\n$ ", paused, 0, "$ "},
		{"and no place in the middle", []Pattern{Must(`[#$] $`)}, "a$ b", paused, 0, "-"},
		{"(?m)$ is the end of a line", []Pattern{Must(`(?m)a$`)}, "ab\na\n", open, 0, "a"},
		{`\b knows the next character`, []Pattern{Must(`ok\b`)}, "okay ok ", open, 0, "ok"},
		{"a literal is no expression", []Pattern{Literal("a.c")}, "abc a.c", open, 0, "a.c"},
		{"a literal is bytes", []Pattern{Literal("\xff\xfd")}, "\xff\xff\xfd", open, 0, "\xff\xfd"},
		{"an empty pattern is there", []Pattern{Must("")}, "", paused, 0, ""},
		{"a character in pieces is none", []Pattern{Must("é$")}, "é\xc3", paused, 0, "-"},
		{"but at the end it is bytes", []Pattern{Must("é.$")}, "é\xc3", closed, 0, "é\xc3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			hit, ok := scanPieces(c.patterns, []byte(c.text), 0, c.ending, single)
			switch {
			case !ok && c.want != "-":
				t.Error("no match")
			case ok && (hit.pattern != c.pattern || c.text[hit.groups[0]:hit.groups[1]] != c.want):
				t.Errorf("got %v", hit)
			}
		})
	}
}

// TestWindow: what lies too far back does not count, and is in before.
func TestWindow(t *testing.T) {
	text := []byte("start" + strings.Repeat(".", 100) + "end start..end")
	hit, ok := scanPieces([]Pattern{Must(`start\.*end`)}, text, 20, open, single)
	if !ok || hit.groups[0] != 109 {
		t.Errorf("got %v %v", hit, ok)
	}
}

// TestManyStates: an expression whose automaton has more states than are kept.
func TestManyStates(t *testing.T) {
	random := rand.New(rand.NewPCG(*seed, 3))
	text := make([]byte, 50000)
	for i := range text {
		text[i] = "ab"[random.IntN(2)]
	}
	text = append(text, 'c')
	program, err := compile([]Pattern{Must(`a[ab]{14}c`)})
	if err != nil {
		t.Fatal(err)
	}
	auto := newAutomaton(program)
	b := &buffer{max: MaxBuffer}
	b.add(text)
	hit, ok := newScanner(auto, 0, 0).scan(b, closed)
	want := text[len(text)-16] == 'a'
	if ok != want || ok && hit.groups[1] != int64(len(text)) {
		t.Errorf("got %v %v, want %v", hit, ok, want)
	}
	if len(auto.states) > maxStates {
		t.Errorf("%d states are kept", len(auto.states))
	}
}

// FuzzPieces: any pattern, any bytes, any pieces.
func FuzzPieces(f *testing.F) {
	f.Add("[#$] $", "login: ", []byte("a$ b\r\n$ login"), uint8(3))
	f.Add(`(a|ab)(c|bcd)*\b`, "\xff", []byte("\xffabcd\xc3"), uint8(1))
	f.Fuzz(func(t *testing.T, source, text string, stream []byte, size uint8) {
		one, err := Regexp(source)
		if err != nil || len(source) > 100 || len(stream) > 2000 {
			t.Skip()
		}
		patterns := []Pattern{one, Literal(text), EOF}
		a, okA := scanPieces(patterns, stream, 0, closed, whole)
		b, okB := scanPieces(patterns, stream, 0, closed, func(left int) int { return min(left, 1+int(size)) })
		if okA != okB || !reflect.DeepEqual(a, b) {
			t.Fatalf("%q and %q in %q: whole %v %v, pieces %v %v", source, text, stream, okA, a, okB, b)
		}
	})
}
