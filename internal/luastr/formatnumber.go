package luastr

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Numbers in format, as C writes them.

func (v verb) number(out *strings.Builder, n float64) {
	switch v.letter {
	case 'c':
		if c := byte(int64(n)); c != 0 {
			v.pad(out, "", string([]byte{c}), false)
		} else if !v.minus && v.width > 1 { // C's string ends at the NUL
			out.WriteString(strings.Repeat(" ", v.width-1))
		}
	case 'd', 'i':
		v.signed(out, toInt(n))
	case 'u', 'o', 'x', 'X':
		v.unsigned(out, toUint(n))
	default:
		v.float(out, n)
	}
}

// toInt is C's conversion on amd64: what does not fit is the least integer.
func toInt(n float64) int64 {
	if math.IsNaN(n) || n >= 1<<63 || n < -(1<<63) {
		return math.MinInt64
	}
	return int64(n)
}

func toUint(n float64) uint64 {
	switch {
	case n >= 1<<64 || math.IsNaN(n):
		return toUintOverflow(n)
	case n >= 1<<63:
		return uint64(n-(1<<63)) | 1<<63
	default:
		return uint64(toInt(n))
	}
}

// toUintOverflow is what the compiled conversion gives outside its range.
func toUintOverflow(n float64) uint64 {
	if math.IsNaN(n) {
		return 1 << 63
	}
	return 0
}

func (v verb) signed(out *strings.Builder, n int64) {
	digits := strconv.FormatUint(magnitude(n), 10)
	v.integer(out, v.sign(n < 0), digits, n == 0)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}

func (v verb) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case v.plus:
		return "+"
	case v.blank:
		return " "
	default:
		return ""
	}
}

func (v verb) unsigned(out *strings.Builder, n uint64) {
	base, prefix := 10, ""
	switch v.letter {
	case 'o':
		base = 8
	case 'x', 'X':
		base = 16
		if v.sharp && n != 0 {
			prefix = "0" + string(v.letter)
		}
	}
	digits := strconv.FormatUint(n, base)
	if v.letter == 'X' {
		digits = strings.ToUpper(digits)
	}
	if v.letter == 'o' && v.sharp && n != 0 && v.precision <= len(digits) {
		digits = "0" + digits
	}
	v.integer(out, prefix, digits, n == 0 && !(v.letter == 'o' && v.sharp))
}

// integer puts digits behind their prefix: precision fills up with zeros, and
// then the flag 0 does not count.
func (v verb) integer(out *strings.Builder, prefix, digits string, zero bool) {
	if v.precision == 0 && zero {
		digits = ""
	}
	if missing := v.precision - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	v.pad(out, prefix, digits, v.zero && v.precision < 0)
}

func (v verb) float(out *strings.Builder, n float64) {
	precision := v.precision
	if precision < 0 {
		precision = 6
	}
	sign := v.sign(math.Signbit(n))
	if math.IsNaN(n) || math.IsInf(n, 0) {
		text := strings.TrimPrefix(special(n, nil), "-")
		if v.letter < 'a' {
			text = strings.ToUpper(text)
		}
		v.pad(out, sign, text, false)
		return
	}
	if (v.letter == 'g' || v.letter == 'G') && precision == 0 {
		precision = 1
	}
	text := strconv.FormatFloat(math.Abs(n), v.letter, precision, 64)
	if v.sharp {
		text = fmt.Sprintf("%#."+strconv.Itoa(precision)+string(v.letter), math.Abs(n))
	}
	v.pad(out, sign, text, v.zero)
}
