package command

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gofab/internal/shell"
	"gofab/internal/testenv"
)

// seeded gives random numbers.
func seeded(t testing.TB) *rand.Rand {
	return rand.New(rand.NewPCG(testenv.Seed(t), 0))
}

// pieces cuts a text at random places.
func pieces(r *rand.Rand, text string) [][]byte {
	var all [][]byte
	for len(text) > 0 {
		n := 1 + r.IntN(min(len(text), 1+r.IntN(40)))
		all = append(all, []byte(text[:n]))
		text = text[n:]
	}
	return all
}

func TestCaptureEqualsSimpleModel(t *testing.T) {
	r := seeded(t)
	for range 3000 {
		text := make([]byte, r.IntN(200))
		for i := range text {
			text[i] = byte('a' + r.IntN(26))
		}
		c := capture{limit: r.IntN(40)}
		for _, p := range pieces(r, string(text)) {
			c.write(p)
		}
		want := string(text)
		if left := len(text) - 2*c.limit; left > 0 {
			want = fmt.Sprintf("%s\n[... %d bytes left out ...]\n%s", text[:c.limit], left, text[len(text)-c.limit:])
		}
		if got := c.text(); got != want || c.total != int64(len(text)) {
			t.Fatalf("limit %d: got %q, want %q", c.limit, got, want)
		}
	}
}

func TestLinesEqualSimpleModel(t *testing.T) {
	r := seeded(t)
	parts := []string{"a", "bc", "\n", "\r\n", "\r", "\n\n", "", "ä", strings.Repeat("x", 50)}
	for range 2000 {
		var text strings.Builder
		for range r.IntN(20) {
			text.WriteString(parts[r.IntN(len(parts))])
		}
		var got []string
		l := lines{emit: func(line string) { got = append(got, line) }}
		for _, p := range pieces(r, text.String()) {
			l.write(p)
		}
		l.flush()
		var want []string
		for line := range strings.Lines(text.String()) {
			want = append(want, strings.TrimRight(line, "\r\n"))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q: got %q, want %q", text.String(), got, want)
		}
	}
}

func TestLongLinesComeInPieces(t *testing.T) {
	var got []int
	l := lines{emit: func(line string) { got = append(got, len(line)) }}
	for range 3 {
		l.write(bytes.Repeat([]byte("x"), maxLine/2+1))
	}
	l.write([]byte("\n"))
	if want := []int{maxLine, maxLine/2 + 3}; !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// TestDialogueAtEveryBoundary plays a sudo whose words arrive in pieces.
func TestDialogueAtEveryBoundary(t *testing.T) {
	r := seeded(t)
	for range 5000 {
		marker := "MAMAB"[:1+r.IntN(5)]
		prompt, ready := shell.Prompt(marker), shell.Ready(marker)
		noise := func() string { return strings.Repeat(marker, r.IntN(2)) + prompt[:r.IntN(len(prompt)-1)] + "\n" }
		var text, want strings.Builder
		prompts := r.IntN(3)
		say := func(mark string) {
			before := noise()
			text.WriteString(before + mark)
			want.WriteString(before)
		}
		for range prompts {
			say(prompt)
		}
		begins := r.IntN(3) > 0
		if begins {
			say(ready)
			for _, after := range []string{prompt, ready, noise()} {
				text.WriteString(after)
				want.WriteString(after)
			}
		} else {
			last := noise()
			text.WriteString(last)
			want.WriteString(last)
		}
		asked, refused, begun := 0, 0, 0
		d := newDialogue(marker)
		d.asked, d.refused, d.ready = func() { asked++ }, func() { refused++ }, func() { begun++ }
		var got strings.Builder
		for _, p := range pieces(r, text.String()) {
			got.Write(d.filter(p))
		}
		got.Write(d.held)
		if got.String() != want.String() {
			t.Fatalf("%q: got %q, want %q", text.String(), got.String(), want.String())
		}
		if asked != min(prompts, 1) || refused != max(prompts-1, 0) || begun != btoi(begins) {
			t.Fatalf("%q: asked %d, refused %d, begun %d", text.String(), asked, refused, begun)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestFeedGivesTextsInOrder(t *testing.T) {
	f := newFeed()
	go func() {
		for i := range 1000 {
			f.add(strings.NewReader(strconv.Itoa(i) + " "))
		}
		f.end()
	}()
	got, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	for i, word := range strings.Fields(string(got)) {
		if word != strconv.Itoa(i) {
			t.Fatalf("word %d is %s", i, word)
		}
	}
}

func TestFeedStops(t *testing.T) {
	f := newFeed()
	f.add(strings.NewReader("never read"))
	f.stop()
	f.add(strings.NewReader("too late"))
	if got, err := io.ReadAll(f); err != nil || len(got) > 0 {
		t.Fatalf("%q, %v", got, err)
	}
}

// The tags are what Lua and the reference see; Defaults is what Go sees.
func TestDefaultsEqualTheTags(t *testing.T) {
	v := reflect.ValueOf(Defaults())
	for _, f := range reflect.VisibleFields(v.Type()) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		want, ok := f.Tag.Lookup("default")
		if !ok || f.Tag.Get("doc") == "" {
			t.Errorf("%s lacks a default or a text", f.Name)
		}
		if got := v.FieldByIndex(f.Index); want == "" && !got.IsZero() || want != "" && fmt.Sprint(got.Interface()) != want {
			t.Errorf("%s: tag says %q, Defaults says %v", f.Name, want, got)
		}
	}
}

func TestShellFromLua(t *testing.T) {
	for value, want := range map[any]Shell{"/bin/bash": "/bin/bash", false: NoShell, true: shell.POSIX} {
		var s Shell
		if err := s.FromLua(value); err != nil || s != want {
			t.Errorf("%v: got %q, %v", value, s, err)
		}
	}
	var s Shell
	if err := s.FromLua(3.0); err == nil {
		t.Error("a number was taken")
	}
}

func FuzzDialogue(f *testing.F) {
	f.Add([]byte("lecture\nM-password-Sorry\nM-pass"), 3)
	f.Add([]byte("M-ready-M-password-"), 1)
	f.Fuzz(func(t *testing.T, text []byte, cut int) {
		whole, parts := newDialogue("M"), newDialogue("M")
		for _, d := range []*dialogue{whole, parts} {
			d.asked, d.refused, d.ready = func() {}, func() {}, func() {}
		}
		want := append(bytes.Clone(whole.filter(text)), whole.held...)
		cut = max(0, min(cut, len(text)))
		got := bytes.Clone(parts.filter(text[:cut]))
		got = append(append(got, parts.filter(text[cut:])...), parts.held...)
		if !bytes.Equal(got, want) || whole.prompts != parts.prompts || whole.begun != parts.begun {
			t.Fatalf("%q cut at %d: got %q, want %q", text, cut, got, want)
		}
	})
}

// The process id is found wherever the text is cut, and nothing else is lost.
func FuzzPIDMark(f *testing.F) {
	f.Add([]byte("M-pid-42-rest"), 3)
	f.Add([]byte("cd: no such folder\n"), 1)
	f.Add([]byte("noise M-pid-M-pid-7-"), 9)
	f.Fuzz(func(t *testing.T, text []byte, cut int) {
		run := func(parts ...[]byte) (out []byte, pid int) {
			p := newPIDMark("M", func(n int) { pid = n })
			for _, part := range parts {
				out = append(out, p.filter(part)...)
			}
			return append(out, p.rest(0)...), pid
		}
		if len(text) > pidLimit {
			return // then it depends on what has come so far
		}
		want, wantPID := run(text)
		cut = max(0, min(cut, len(text)))
		got, gotPID := run(text[:cut], text[cut:])
		if !bytes.Equal(got, want) || gotPID != wantPID {
			t.Fatalf("%q cut at %d: got %q and %d, want %q and %d", text, cut, got, gotPID, want, wantPID)
		}
	})
}

// TestPromptsOfOthers: what su and doas ask is taken out, at any cut, and what
// only looks like it is not answered.
func TestPromptsOfOthers(t *testing.T) {
	for _, test := range []struct {
		become, text string
		asked        int
		out          string
	}{
		{shell.Su, "Password: \r\nM-ready-out", 1, "out"},
		{shell.Su, "Password:M-ready-", 0, "Password:"},
		{shell.Su, "You are warned.\nLDAP Password: M-ready-x", 1, "You are warned.\nx"},
		{shell.Su, "change your password: soon\nM-ready-", 0, "change your password: soon\n"},
		{shell.Doas, "\rdoas (ada@web1) password: \r\nM-ready-Password: ", 1, "Password: "},
		{shell.Doas, "doas: Authentication failed\n", 0, "doas: Authentication failed\n"},
	} {
		for cut := range len(test.text) + 1 {
			d := newDialogue("M")
			d.prompt = shell.Prompts(test.become)
			asked := 0
			d.asked, d.refused, d.ready = func() { asked++ }, func() { t.Error("refused") }, func() {}
			out := string(d.filter([]byte(test.text[:cut]))) + string(d.filter([]byte(test.text[cut:]))) + string(d.held)
			if test.asked == 0 && asked > 0 && strings.HasSuffix(strings.TrimRight(test.text[:cut], " "), ":") {
				continue // it looked like the end of a question
			}
			if test.asked == 1 && asked == 0 && out != test.out {
				continue // both came at once: nobody was asked
			}
			if asked != test.asked || out != test.out {
				t.Errorf("%q cut at %d: asked %d times, %q", test.text, cut, asked, out)
			}
		}
	}
}
