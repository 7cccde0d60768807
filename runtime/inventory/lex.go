package inventory

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"gofab/internal/fault"
)

// token is an operator or a word of an expression.
type token struct {
	text string
	word bool
	at   int // offset
}

const operators = "&|,!()"

// lexer cuts an expression into tokens. What stands in quotes or in the
// brackets of a range is part of a word, and so is != behind a name. A regular
// expression, from ~ on, keeps what is in its brackets of all kinds.
type lexer struct {
	text string
	at   int
}

// tokens reads all of them.
func tokens(text string) ([]token, error) {
	l := &lexer{text: text}
	var list []token
	for l.blank(); l.at < len(text); l.blank() {
		start := l.at
		if strings.IndexByte(operators, text[start]) >= 0 {
			l.at++
			list = append(list, token{text[start:l.at], false, start})
			continue
		}
		word, err := l.word()
		if err != nil {
			return nil, err
		}
		list = append(list, token{word, true, start})
	}
	return list, nil
}

func (l *lexer) blank() {
	for l.at < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.at:])
		if !unicode.IsSpace(r) {
			return
		}
		l.at += size
	}
}

// word reads up to white space or an operator.
func (l *lexer) word() (string, error) {
	var word strings.Builder
	regex := l.text[l.at] == '~'
	round, square, start := 0, 0, l.at
	for l.at < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.at:])
		switch {
		case (r == '"' || r == '\'') && square == 0:
			if err := l.quoted(&word, byte(r)); err != nil {
				return "", err
			}
			continue
		case regex && r == '\\' && l.at+size < len(l.text):
			word.WriteByte('\\')
			l.at++
			_, size = utf8.DecodeRuneInString(l.text[l.at:])
		case unicode.IsSpace(r):
			return word.String(), nil
		case r == '[':
			square++
		case r == ']':
			square--
		case regex && (r == '(' || r == '{'):
			round++
		case regex && (r == ')' || r == '}') && round > 0:
			round--
		case r == '!' && l.at > start && strings.HasPrefix(l.text[l.at:], "!="):
		case strings.ContainsRune(operators, r) && square <= 0 && round == 0:
			return word.String(), nil
		}
		word.WriteString(l.text[l.at : l.at+size])
		l.at += size
	}
	return word.String(), nil
}

func (l *lexer) quoted(word *strings.Builder, quote byte) error {
	end := strings.IndexByte(l.text[l.at+1:], quote)
	if end < 0 {
		return badTarget(l.text, l.at, "the quotation mark %c is not closed", quote)
	}
	word.WriteString(l.text[l.at+1 : l.at+1+end])
	l.at += end + 2
	return nil
}

// badTarget is a mistake at one place of an expression.
func badTarget(expr string, at int, format string, args ...any) *fault.Error {
	place := ""
	if at > 0 && at < len(expr) {
		place = fmt.Sprintf(", at %q", clip(expr[at:]))
	}
	return fault.New(fault.Usage, "target %q%s: %s", expr, place, fmt.Sprintf(format, args...)).
		WithHint(`targets look like web1, web*, web[1-9], @group, "@web & !web3"`)
}

func clip(text string) string {
	if len(text) > 40 {
		return strings.ToValidUTF8(text[:37], "") + "..."
	}
	return text
}
