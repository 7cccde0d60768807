package luastr

import (
	"errors"
	"fmt"
	"strings"
)

// MaxLength bounds the strings that Rep and Format make, in bytes.
const MaxLength = 512 << 20

// ErrTooLong is the error of a string beyond MaxLength.
var ErrTooLong = errors.New("resulting string too large")

// Rep repeats a string.
func Rep(text string, n int) (string, error) {
	if n <= 0 || text == "" {
		return "", nil
	}
	if n > MaxLength/len(text) {
		return "", ErrTooLong
	}
	return strings.Repeat(text, n), nil
}

// Args gives the arguments of Format. Each method fails when argument i, from
// 1, is missing or of another type; Bad wraps a message as the interpreter
// words a bad argument.
type Args interface {
	Number(i int) (float64, error)
	Text(i int) (string, error)
}

// verb is one conversion: %-08.3f.
type verb struct {
	minus, plus, blank, sharp, zero bool
	width, precision                int // precision -1: none
	letter                          byte
}

// Format is string.format.
func Format(format string, args Args) (string, error) {
	var out strings.Builder
	next := 0
	for i := 0; i < len(format); {
		at := strings.IndexByte(format[i:], '%')
		if at < 0 {
			out.WriteString(format[i:])
			break
		}
		out.WriteString(format[i : i+at])
		i += at + 1
		if i < len(format) && format[i] == '%' {
			out.WriteByte('%')
			i++
			continue
		}
		v, length, err := parseVerb(format[i:])
		if err != nil {
			return "", err
		}
		i += length
		next++
		if err := v.write(&out, args, next); err != nil {
			return "", err
		}
		if out.Len() > MaxLength {
			return "", ErrTooLong
		}
	}
	return out.String(), nil
}

// parseVerb reads flags, width, precision and letter.
func parseVerb(text string) (v verb, length int, err error) {
	v.precision = -1
	i := 0
	for ; i < len(text) && strings.IndexByte("-+ #0", text[i]) >= 0; i++ {
		switch text[i] {
		case '-':
			v.minus = true
		case '+':
			v.plus = true
		case ' ':
			v.blank = true
		case '#':
			v.sharp = true
		case '0':
			v.zero = true
		}
	}
	if i >= len("-+ #0")+1 {
		return v, 0, errors.New("invalid format (repeated flags)")
	}
	v.width, i = twoDigits(text, i)
	if i < len(text) && text[i] == '.' {
		v.precision, i = twoDigits(text, i+1)
	}
	if i < len(text) && isDigit(text[i]) {
		return v, 0, errors.New("invalid format (width or precision too long)")
	}
	if i < len(text) {
		v.letter = text[i]
	}
	return v, i + 1, nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func twoDigits(text string, i int) (n, end int) {
	for end = i; end < len(text) && end < i+2 && isDigit(text[end]); end++ {
		n = n*10 + int(text[end]-'0')
	}
	return n, end
}

func (v verb) write(out *strings.Builder, args Args, i int) error {
	switch v.letter {
	case 'd', 'i', 'u', 'o', 'x', 'X', 'c', 'e', 'E', 'f', 'g', 'G':
		n, err := args.Number(i)
		if err != nil {
			return err
		}
		v.number(out, n)
		return nil
	case 'q':
		text, err := args.Text(i)
		if err == nil {
			quote(out, text)
		}
		return err
	case 's':
		text, err := args.Text(i)
		if err == nil {
			v.text(out, text)
		}
		return err
	case 0:
		return errors.New("invalid option '%' to 'format'")
	default:
		return fmt.Errorf("invalid option '%%%c' to 'format'", v.letter)
	}
}

// text is %s. Like C's, it ends at a NUL, but for long strings without a
// precision, which PUC Lua copies whole.
func (v verb) text(out *strings.Builder, text string) {
	if v.precision < 0 && len(text) >= 100 {
		out.WriteString(text)
		return
	}
	text, _, _ = strings.Cut(text, "\x00")
	if v.precision >= 0 && v.precision < len(text) {
		text = text[:v.precision]
	}
	v.pad(out, "", text, false)
}

// pad brings prefix and text to the width.
func (v verb) pad(out *strings.Builder, prefix, text string, zeros bool) {
	missing := v.width - len(prefix) - len(text)
	switch {
	case missing <= 0:
		out.WriteString(prefix + text)
	case v.minus:
		out.WriteString(prefix + text + strings.Repeat(" ", missing))
	case zeros:
		out.WriteString(prefix + strings.Repeat("0", missing) + text)
	default:
		out.WriteString(strings.Repeat(" ", missing) + prefix + text)
	}
}

// quote is %q: a string that Lua reads back.
func quote(out *strings.Builder, text string) {
	out.WriteByte('"')
	for i := range len(text) {
		switch c := text[i]; c {
		case '"', '\\', '\n':
			out.WriteByte('\\')
			out.WriteByte(c)
		case '\r':
			out.WriteString(`\r`)
		case 0:
			out.WriteString(`\000`)
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte('"')
}
