package luastr

import (
	"math"
	"strconv"
	"strings"
)

// NumberText writes a number as PUC Lua prints it: C's "%.14g".
func NumberText(n float64) string {
	if i := int64(n); float64(i) == n && i > -1e14 && i < 1e14 && (i != 0 || !math.Signbit(n)) {
		return strconv.FormatInt(i, 10)
	}
	return special(n, func() string { return strconv.FormatFloat(n, 'g', 14, 64) })
}

// special writes what C writes for infinities and NaN.
func special(n float64, finite func() string) string {
	switch {
	case math.IsNaN(n) && math.Signbit(n):
		return "-nan"
	case math.IsNaN(n):
		return "nan"
	case math.IsInf(n, 1):
		return "inf"
	case math.IsInf(n, -1):
		return "-inf"
	default:
		return finite()
	}
}

// ToInteger reads a whole number in a base from 2 to 36, with white space
// around it, as tonumber with a base does.
func ToInteger(text string, base int) (float64, bool) {
	text, _, _ = strings.Cut(text, "\x00")
	text = strings.ToLower(strings.Trim(text, whiteSpace))
	if base == 16 {
		sign := strings.HasPrefix(text, "-")
		text = strings.TrimPrefix(strings.TrimLeft(text, "+-"), "0x")
		if sign {
			text = "-" + text
		}
	}
	if strings.ContainsRune(text, '_') {
		return 0, false
	}
	n, err := strconv.ParseInt(text, base, 64)
	if err != nil {
		return 0, false
	}
	if n < 0 { // strtoul
		return float64(uint64(n)), true
	}
	return float64(n), true
}

const whiteSpace = " \t\n\v\f\r"

// ToNumber reads a number as tonumber does: decimal or hexadecimal, with white
// space around it. The text ends at a NUL, as C's does.
func ToNumber(text string) (float64, bool) {
	text, _, _ = strings.Cut(text, "\x00")
	text = strings.Trim(text, whiteSpace)
	if text == "" || strings.ContainsRune(text, '_') {
		return 0, false
	}
	sign, digits := 1.0, text
	switch digits[0] {
	case '-':
		sign, digits = -1, digits[1:]
	case '+':
		digits = digits[1:]
	}
	small := strings.ToLower(digits)
	switch {
	case small == "nan":
		return math.Copysign(math.NaN(), sign), true
	case strings.HasPrefix(small, "+") || strings.HasPrefix(small, "-"):
		return 0, false
	case strings.HasPrefix(small, "0x") && !strings.Contains(small, "p"):
		small += "p0"
	}
	n, err := strconv.ParseFloat(small, 64)
	if err != nil && !math.IsInf(n, 0) && n != 0 {
		return 0, false
	}
	if err != nil && strings.Contains(err.Error(), "invalid syntax") {
		return 0, false
	}
	return sign * n, true
}
