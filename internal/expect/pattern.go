package expect

import (
	"errors"
	"fmt"
	"regexp"
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
		return Pattern{}, fault.New(fault.Usage, "bad pattern: %s", reason(err)).
			WithHint("patterns have the syntax of RE2, escaped with \\ as in \\$; expect.literal takes a text as it is")
	}
	return p, nil
}

// reason is what is wrong with a pattern, and what to do about what is missing
// here and common elsewhere.
func reason(err error) string {
	var wrong *syntax.Error
	if !errors.As(err, &wrong) {
		return err.Error()
	}
	text := fmt.Sprintf("%s: `%s`", wrong.Code, wrong.Expr)
	switch looks := regexp.MustCompile(`^\(\?<?[=!]`); {
	case wrong.Code == syntax.ErrInvalidUTF8:
		return wrong.Code.String() + "; expect.literal takes any bytes"
	case looks.MatchString(wrong.Expr):
		return text + ": there is no look-around; put what follows into the pattern, and what matters into a group"
	case len(wrong.Expr) == 2 && wrong.Expr[0] == '\\' && wrong.Expr[1] >= '1' && wrong.Expr[1] <= '9':
		return text + ": there are no back-references"
	case wrong.Expr == `\Z`:
		return text + `: the end is \z`
	}
	return text
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
