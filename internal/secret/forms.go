package secret

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// forms lists every text under which a secret is searched: as it is, and the
// way common tools print it. No form holds a newline, so searching line by line
// finds as much as searching the whole.
func forms(text string) []string {
	var all []string
	add := func(more ...string) {
		for _, form := range more {
			if len(form) >= MinLength && !strings.Contains(form, "\n") {
				all = append(all, form)
			}
		}
	}
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if len(line) >= MinLength {
			add(encodings(line)...)
		}
	}
	if whole := strings.TrimSpace(text); strings.Contains(whole, "\n") {
		add(encodings(whole)...)
		add(encodings(text)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func encodings(text string) []string {
	digits := hex.EncodeToString([]byte(text))
	all := []string{text, digits, strings.ToUpper(digits)}
	all = append(all, markupForms(text)...)
	all = append(all, base64Forms(text)...)
	all = append(all, urlForms(text)...)
	all = append(all, jsonForms(text)...)
	return append(all, shellForms(text)...)
}

// base64Forms are those of the text alone and those of the text inside a
// longer one ("user:password"): three alignments, less the characters that
// share bits with their neighbours. base64(1) and MIME wrap after 76
// characters, PEM and openssl(1) after 64.
func base64Forms(text string) []string {
	var all []string
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		whole := enc.EncodeToString([]byte(text))
		all = append(all, whole, strings.TrimRight(whole, "="))
		for _, width := range []int{64, 76} {
			all = append(all, wrap(whole, width)...)
		}
		for before := range 3 {
			inside := enc.EncodeToString(append(make([]byte, before), text...))
			first := (before*8 + 5) / 6
			last := (before + len(text)) * 8 / 6
			all = append(all, inside[first:last])
		}
	}
	return all
}

func wrap(text string, width int) []string {
	var all []string
	for ; len(text) > width; text = text[width:] {
		all = append(all, text[:width])
	}
	return append(all, text)
}

// markupForms are HTML and XML with numbers, and as Python's html writes them.
func markupForms(text string) []string {
	numbers := html.EscapeString(text)
	return []string{numbers, strings.NewReplacer("&#34;", "&quot;", "&#39;", "&#x27;").Replace(numbers)}
}

// urlForms differ in what they take for safe; RFC 3986 allows both cases of the
// hexadecimal digits.
func urlForms(text string) []string {
	query := url.QueryEscape(text)
	strict := strings.ReplaceAll(query, "+", "%20")
	browser := strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(strict)
	all := []string{query, strict, browser, url.PathEscape(text), url.UserPassword("u", text).String()[2:]}
	for _, form := range all {
		all = append(all, lowerEscapes(form))
	}
	return all
}

// lowerEscapes turns %2F into %2f and leaves the rest.
func lowerEscapes(text string) string {
	parts := strings.Split(text, "%")
	for i := 1; i < len(parts); i++ {
		if len(parts[i]) >= 2 {
			parts[i] = strings.ToLower(parts[i][:2]) + parts[i][2:]
		}
	}
	return strings.Join(parts, "%")
}

// jsonForms are the inside of quoted strings: JSON with and without the HTML
// escapes, with \/ and with \u for all but ASCII, and Go's %q.
func jsonForms(text string) []string {
	inside := func(quoted string) string { return quoted[1 : len(quoted)-1] }
	escaped, _ := json.Marshal(text) // a string never fails
	var plain strings.Builder
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text)
	raw := inside(strings.TrimSuffix(plain.String(), "\n"))
	return []string{
		inside(string(escaped)), raw, asciiOnly(raw),
		strings.ReplaceAll(raw, "/", `\/`), strings.ReplaceAll(asciiOnly(raw), "/", `\/`),
		inside(strconv.Quote(text)), inside(strconv.QuoteToASCII(text)),
	}
}

// asciiOnly writes UTF-16 escapes, as Python's json does.
func asciiOnly(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.String()
}

// shellForms are the ways a POSIX shell, bash's %q and Python's shlex write a
// word.
func shellForms(text string) []string {
	return []string{
		strings.ReplaceAll(text, `'`, `'\''`),
		strings.ReplaceAll(text, `'`, `'"'"'`),
		backslashed(text, "\"$`\\"),
		backslashed(text, " !\"#$&'()*,;<=>?[\\]^`{|}~"),
		backslashed(text, "'\\"),
	}
}

func backslashed(text, special string) string {
	var out strings.Builder
	for i := range len(text) {
		if strings.IndexByte(special, text[i]) >= 0 {
			out.WriteByte('\\')
		}
		out.WriteByte(text[i])
	}
	return out.String()
}
