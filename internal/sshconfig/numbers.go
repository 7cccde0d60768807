package sshconfig

import (
	"math"
	"net"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// parseSeconds reads a time as sshd_config(5), TIME FORMATS, has it: numbers
// with units s m h d w, added up; no unit is seconds.
func parseSeconds(text string) (int, error) {
	bad := fault.New(fault.Parse, "%q is no time", text).WithHint("write seconds, or 90s, 5m, 1h30m, 2d, 1w")
	if text == "" {
		return 0, bad
	}
	total := int64(0)
	for rest := text; rest != ""; {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.ParseInt(rest[:digits], 10, 32)
		if err != nil {
			return 0, bad
		}
		unit := int64(1)
		if rest = rest[digits:]; rest != "" {
			if unit = unitSeconds(rest[0]); unit == 0 {
				return 0, bad
			}
			rest = rest[1:]
		}
		if total += n * unit; total > math.MaxInt32 {
			return 0, bad
		}
	}
	return int(total), nil
}

func unitSeconds(unit byte) int64 {
	switch unit | 0x20 {
	case 's':
		return 1
	case 'm':
		return 60
	case 'h':
		return 3600
	case 'd':
		return 86400
	case 'w':
		return 7 * 86400
	default:
		return 0
	}
}

// parseInt reads a number from 0 to 2^31-1.
func parseInt(text string) (int, error) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Parse, "%q is no number from 0 to 2147483647", text)
	}
	return int(n), nil
}

// parsePort reads a port or the name of a service; 0 is a port. White space and
// a plus sign may stand in front of a number, as strtonum(3) has it.
func parsePort(text string) (int, error) {
	digits := strings.TrimPrefix(strings.TrimLeft(text, " \t\n\v\f\r"), "+")
	n, err := strconv.ParseUint(digits, 10, 16)
	if err == nil {
		return int(n), nil
	}
	if text != "" && !strings.ContainsAny(text[:1], "+-0123456789") {
		if service, err := net.LookupPort("tcp", text); err == nil {
			return service, nil
		}
	}
	return 0, fault.New(fault.Parse, "%q is no port", text)
}

// parseSize reads bytes with a unit K M G T P E of 1024 each, fractions
// allowed.
func parseSize(text string) (int64, error) {
	bad := fault.New(fault.Parse, "%q is no size", text).WithHint("write bytes, or 512K, 1G")
	number := strings.TrimRight(text, "BbKkMmGgTtPpEe")
	unit := int64(1)
	switch suffix := strings.ToUpper(text[len(number):]); len(suffix) {
	case 0:
		number, _, _ = strings.Cut(number, ".") // a fraction of a byte does not count
	case 1:
		unit <<= 10 * strings.Index("BKMGTPE", suffix)
	default:
		return 0, bad
	}
	whole, fraction, _ := strings.Cut(number, ".")
	n, err := strconv.ParseInt("0"+whole, 10, 64)
	if err != nil || n > math.MaxInt64/unit {
		return 0, bad
	}
	part, err := strconv.ParseFloat("0."+fraction+"0", 64)
	if err != nil {
		return 0, bad
	}
	return n*unit + int64(part*float64(unit)), nil
}
