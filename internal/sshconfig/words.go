package sshconfig

import (
	"errors"
	"strings"
)

const whitespace = " \t\r\n"

// cutKeyword takes the keyword off a line. It ends at white space or at one
// '=', and may stand in double quotes. There is none on an empty line, on a
// comment, and on one with an odd quote, which ssh ignores.
func cutKeyword(line string) (keyword, rest string) {
	word, rest := cutWord(line)
	if word == "" { // leading white space
		word, rest = cutWord(rest)
	}
	if strings.HasPrefix(word, "#") {
		return "", ""
	}
	return strings.ToLower(word), strings.TrimLeft(rest, whitespace)
}

func cutWord(s string) (word, rest string) {
	i := strings.IndexAny(s, whitespace+`"=`)
	switch {
	case i < 0:
		return s, ""
	case s[i] == '"':
		before, quoted := s[:i], s[i+1:]
		inside, after, closed := strings.Cut(quoted, `"`)
		if !closed {
			return "", ""
		}
		return before + inside, strings.TrimLeft(after, whitespace)
	}
	rest = strings.TrimLeft(s[i+1:], whitespace)
	if s[i] != '=' && strings.HasPrefix(rest, "=") {
		rest = strings.TrimLeft(rest[1:], whitespace)
	}
	return s[:i], rest
}

var errQuotes = errors.New("a quote is not closed")

// splitWords takes arguments apart: quotes of both kinds, backslash before a
// quote, a backslash or a space, comments from a word that starts with '#'.
func splitWords(s string) ([]string, error) {
	var words []string
	for {
		s = strings.TrimLeft(s, " \t")
		if s == "" || s[0] == '#' {
			return words, nil
		}
		word, rest, err := unquoteWord(s)
		if err != nil {
			return nil, err
		}
		words, s = append(words, word), rest
	}
}

// unquoteWord reads the word at the start of s.
func unquoteWord(s string) (word, rest string, err error) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && escapable(s[i+1], quote):
			i++
			b.WriteByte(s[i])
		case quote == 0 && (c == ' ' || c == '\t'):
			return b.String(), s[i:], nil
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
		default:
			b.WriteByte(c)
		}
	}
	if quote != 0 {
		return "", "", errQuotes
	}
	return b.String(), "", nil
}

func escapable(c, quote byte) bool {
	return c == '\'' || c == '"' || c == '\\' || c == ' ' && quote == 0
}
