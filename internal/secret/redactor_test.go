package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"testing"

	"gofab/internal/testenv"
)

func redactor(texts ...string) *Redactor {
	r := &Redactor{}
	for _, text := range texts {
		r.Add(New(text))
	}
	return r
}

func TestRedact(t *testing.T) {
	for _, c := range []struct {
		secrets    []string
		text, want string
	}{
		{nil, "nothing known", "nothing known"},
		{[]string{"hunter2"}, "password=hunter2.", "password=***."},
		{[]string{"hunter2"}, "hunter hunter hunter22", "hunter hunter ***2"},
		{[]string{"abcdef", "defghi"}, "x abcdefghi x", "x *** x"},
		{[]string{"abcdef", "bcde"}, "abcdef abcde", "*** a***"},
		{[]string{"aaaa"}, "aaaaaaa aaa", "*** aaa"},
		{[]string{"abcabd"}, "abcabcabd", "abc***"},
		{[]string{"abc", ""}, "abc is too short", "abc is too short"},
		{[]string{"first line\n\n  indented line\r\nx\n"}, "a first line b indented line x", "a *** b *** x"},
		{[]string{"    \n    "}, "white    space", "white    space"},
		{[]string{"pässwörd"}, "pässwörd", "***"},
	} {
		if got := redactor(c.secrets...).Redact(c.text); got != c.want {
			t.Errorf("%q: Redact(%q) = %q, want %q", c.secrets, c.text, got, c.want)
		}
	}
}

func TestAddTellsWhetherItHides(t *testing.T) {
	var r Redactor
	for text, want := range map[string]bool{"": false, "abc": false, "    ": false, "abcd": true, "x\nabcd": true} {
		if got := r.Add(New(text)); got != want || r.Add(New(text)) != want {
			t.Errorf("Add(%q) = %v", text, got)
		}
	}
	if (*Redactor)(nil).Redact("text") != "text" {
		t.Error("a nil redactor redacts nothing")
	}
}

// TestForms: whatever tool prints a secret its own way, it is found.
func TestForms(t *testing.T) {
	marshal := func(s string) string { data, _ := json.Marshal(s); return string(data) }
	tools := map[string]func(string) string{
		"plain":         func(s string) string { return s },
		"hex":           func(s string) string { return fmt.Sprintf("%x", s) },
		"HEX":           func(s string) string { return fmt.Sprintf("%X", s) },
		"base64":        func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"base64url":     func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"query":         url.QueryEscape,
		"path":          url.PathEscape,
		"userinfo":      func(s string) string { return url.UserPassword("me", s).String() },
		"json":          marshal,
		"php json":      phpJSON,
		"go %q":         func(s string) string { return fmt.Sprintf("%q", s) },
		"go %+q":        func(s string) string { return fmt.Sprintf("%+q", s) },
		"html":          html.EscapeString,
		"sh":            func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" },
		"python shlex":  func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'" },
		"double quotes": func(s string) string { return `"` + backslashed(s, "\"$`\\") + `"` },
	}
	secrets := []string{
		"hunter2", `it's "quoted" \ back`, "a/b+c=d&e?f#g", "päss wörd ☃ 𝄞", "<tag attr='x'>&amp;", "$HOME`id`!*(x)", "100% sure",
	}
	for _, text := range secrets {
		r := redactor(text)
		for name, tool := range tools {
			shown := tool(text)
			got := r.Redact("before " + shown + " after")
			inside := strings.TrimSuffix(strings.TrimPrefix(got, "before "), " after")
			if strings.Trim(strings.TrimPrefix(inside, "me:"), `"'`) != Mask {
				t.Errorf("%s of %q: %q became %q", name, text, shown, got)
			}
		}
	}
}

// phpJSON escapes slashes and all but ASCII, and nothing for HTML.
func phpJSON(s string) string {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)
	return strings.ReplaceAll(asciiOnly(strings.TrimSpace(out.String())), "/", `\/`)
}

// TestInsideBase64: HTTP basic authentication and the like. At most the
// characters that share bits with their neighbours stay.
func TestInsideBase64(t *testing.T) {
	const password = "correct horse battery"
	r := redactor(password)
	for _, around := range []string{"", "u:", "us:", "use:", "user:", "{\"password\": \""} {
		for _, after := range []string{"", "\n", "\"}", "...."} {
			shown := base64.StdEncoding.EncodeToString([]byte(around + password + after))
			got := r.Redact(shown)
			plain := len(base64.StdEncoding.EncodeToString([]byte(around+after))) + len(Mask) + 4
			if !strings.Contains(got, Mask) || len(got) > plain {
				t.Errorf("%q: %q became %q", around, shown, got)
			}
		}
	}
}

// TestPrivateKey: a file of many lines, shown by cat, base64 and as JSON.
func TestPrivateKey(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var key strings.Builder
	for range 20 {
		for range 64 {
			key.WriteByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[random.IntN(64)])
		}
		key.WriteByte('\n')
	}
	r := redactor(key.String())
	coded := base64.StdEncoding.EncodeToString([]byte(key.String()))
	quoted, _ := json.Marshal(key.String())
	shown := []string{key.String(), strings.Join(wrap(coded, 76), "\n"), strings.Join(wrap(coded, 64), "\n"), coded, string(quoted)}
	for _, text := range shown {
		got := r.Redact(text)
		if strings.Trim(got, "*\n\"\\n") != "" {
			t.Errorf("left: %q", got)
		}
	}
}

// TestWriterEqualsRedact cuts texts at random places; the stream has to hide
// exactly what Redact hides in the whole.
func TestWriterEqualsRedact(t *testing.T) {
	seed := testenv.Seed(t)
	random := rand.New(rand.NewPCG(seed, 3))
	for range 1500 {
		r := redactor(letters(random, 4+random.IntN(4)), letters(random, 4+random.IntN(4)), letters(random, 5))
		text := letters(random, random.IntN(200))
		var out bytes.Buffer
		w := r.Writer(&out)
		for rest := []byte(text); len(rest) > 0; {
			n := 1 + random.IntN(min(len(rest), 9))
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if want := r.Redact(text); out.String() != want {
			t.Fatalf("%q: stream %q, whole %q", text, out.String(), want)
		}
	}
}

// letters uses few letters, so secrets appear by chance and overlap.
func letters(random *rand.Rand, n int) string {
	var out strings.Builder
	for range n {
		out.WriteByte("ab\n"[min(random.IntN(9)/4, 2)])
	}
	return out.String()
}

// TestWriterHoldsLittle: what cannot be a secret is out at once.
func TestWriterHoldsLittle(t *testing.T) {
	var out bytes.Buffer
	w := redactor("hunter2").Writer(&out)
	for _, step := range [][2]string{{"login: hun", "login: "}, {"ter", "login: "}, {"2 x", "login: *** x"}, {" hunt\n", "login: *** x hunt\n"}} {
		_, _ = w.Write([]byte(step[0]))
		if out.String() != step[1] {
			t.Errorf("after %q: %q, want %q", step[0], out.String(), step[1])
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	var r Redactor
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for j := range 20 {
				text := fmt.Sprintf("secret-%d-%d", i, j)
				r.Add(New(text))
				if got := r.Redact(text); got != Mask {
					t.Errorf("%q right after Add", got)
				}
			}
		})
	}
	all.Wait()
}

// FuzzRedact: no secret survives, and what is outside of secrets does.
func FuzzRedact(f *testing.F) {
	f.Add("hunter2", "pass", "x hunter2 password y")
	f.Add("aaaa", "aaaab", "aaaaaab")
	f.Fuzz(func(t *testing.T, one, two, text string) {
		r := redactor(one, two)
		got := r.Redact(text)
		for _, form := range append(forms(one), forms(two)...) {
			if strings.Contains(got, form) && !strings.Contains(form, "***") && !touchesMask(got, form) {
				t.Fatalf("%q survives in %q", form, got)
			}
		}
		var out bytes.Buffer
		w := r.Writer(&out)
		for i := range len(text) {
			_, _ = w.Write([]byte{text[i]})
		}
		_ = w.Flush()
		if out.String() != got {
			t.Fatalf("stream %q, whole %q", out.String(), got)
		}
	})
}

// touchesMask: a form with stars in it may be made of the mask itself.
func touchesMask(got, form string) bool {
	return strings.Contains(form, "*") && strings.Contains(got, Mask)
}

func benchmark(b *testing.B, secrets int) {
	var r Redactor
	for i := range secrets {
		r.Add(New(fmt.Sprintf("s3cret-%d-%x", i, i*7919)))
	}
	text := strings.Repeat("Nov 23 00:28:01 web1 sshd[812]: Accepted publickey for root\n", 16)
	r.Redact(text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r.Redact(text)
	}
}

func BenchmarkRedact0(b *testing.B)    { benchmark(b, 0) }
func BenchmarkRedact1(b *testing.B)    { benchmark(b, 1) }
func BenchmarkRedact1000(b *testing.B) { benchmark(b, 1000) }

func BenchmarkAdd1000(b *testing.B) {
	for b.Loop() {
		var r Redactor
		for i := range 1000 {
			r.Add(New(fmt.Sprintf("s3cret-%d-%x", i, i*7919)))
		}
		r.Redact("x")
	}
}

func BenchmarkAddAndRedact1000(b *testing.B) {
	for b.Loop() {
		var r Redactor
		for i := range 1000 {
			r.Add(New(fmt.Sprintf("s3cret-%d-%x", i, i*7919)))
			r.Redact("x")
		}
	}
}
