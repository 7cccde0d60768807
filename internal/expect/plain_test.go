package expect

import "testing"

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"a\r\nb\r\n":                 "a\nb\n",
		"\x1b[?2004hls\x1b[0m\r\n":   "ls\n",
		"\x1b]0;title\x07text":       "text",
		"50%\r100%\r\n":              "100%\n",
		" \b\b\b\b     \b\b\b\b\bok": "ok",
		"a --More--\r          \rb":  "b",
		"abc\b\b \bx":                "axc",
		"plain, with  blanks  ":      "plain, with  blanks  ",
		"é\bè\n":                     "è\n",
	} {
		if got := Plain(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
