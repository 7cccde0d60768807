package expect

import (
	"regexp/syntax"

	"gofab/internal/fault"
)

// Pattern is one thing to wait for.
type Pattern struct {
	kind kind
	text string
}

type kind uint8

const (
	expression kind = iota
	literal
	eof
	timeout
)

// EOF and Timeout are outcomes that a list of patterns may name: the end of
// the output, and the end of the patience.
var (
	EOF     = Pattern{kind: eof}
	Timeout = Pattern{kind: timeout}
)

// Regexp is a pattern in the syntax of Go's regexp (RE2).
func Regexp(text string) (Pattern, error) {
	p := Pattern{kind: expression, text: text}
	if _, err := p.parse(); err != nil {
		return Pattern{}, fault.New(fault.Usage, "bad pattern %s", err.Error()).
			WithHint("patterns have the syntax of RE2, escaped with \\ as in \\$; expect.literal takes a text as it is")
	}
	return p, nil
}

// Must is Regexp for patterns that are written in the program.
func Must(text string) Pattern {
	p, err := Regexp(text)
	if err != nil {
		panic(err)
	}
	return p
}

// Literal is a text that is taken as it is, byte by byte.
func Literal(text string) Pattern { return Pattern{kind: literal, text: text} }

// String is the pattern as it is shown.
func (p Pattern) String() string {
	switch p.kind {
	case eof:
		return "EOF"
	case timeout:
		return "TIMEOUT"
	case literal:
		return "literal " + shown(p.text)
	default:
		return shown(p.text)
	}
}

func (p Pattern) parse() (*syntax.Regexp, error) { return syntax.Parse(p.text, syntax.Perl) }
