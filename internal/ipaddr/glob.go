package ipaddr

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// octets is what each byte of an IPv4 pattern may be.
type octets [4][]byte

// ParsePattern reads an IPv4 pattern as nmap does: in each place a number, a
// range (3-7, -7, 3-), a list (1,5-6) or * for all.
func ParsePattern(text string) ([]Range, error) {
	places := strings.Split(text, ".")
	if len(places) != 4 {
		return nil, fault.New(fault.Parse, "%q is not a pattern of IPv4 addresses", text).WithHint("as in 10.0.0-3.* or 10.0.0.1,5-9")
	}
	var o octets
	for i, place := range places {
		values, err := parsePlace(place)
		if err != nil {
			return nil, fault.New(fault.Parse, "%q is not a pattern of IPv4 addresses: %v", text, err)
		}
		o[i] = values
	}
	return o.ranges(text)
}

// maxRanges bounds a pattern of many pieces.
const maxRanges = 1 << 20

func parsePlace(place string) ([]byte, error) {
	var set [256]bool
	for _, part := range strings.Split(place, ",") {
		low, high, err := parseBounds(part)
		if err != nil {
			return nil, err
		}
		for n := low; n <= high; n++ {
			set[n] = true
		}
	}
	var values []byte
	for n, is := range set {
		if is {
			values = append(values, byte(n))
		}
	}
	return values, nil
}

func parseBounds(part string) (low, high int, err error) {
	if part == "*" || part == "-" {
		return 0, 255, nil
	}
	from, to, two := strings.Cut(part, "-")
	if !two {
		to = from
	}
	low, high = 0, 255
	if from != "" {
		low, err = octet(from)
	}
	if to != "" && err == nil {
		high, err = octet(to)
	}
	if err == nil && low > high {
		err = fmt.Errorf("%q is the wrong way round", part)
	}
	if err == nil && from == "" && !two {
		err = fmt.Errorf("a number is missing")
	}
	return low, high, err
}

func octet(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 255 || len(text) > 1 && text[0] == '0' {
		return 0, fmt.Errorf("%q is not a number from 0 to 255", text)
	}
	return n, nil
}

// ranges writes a pattern as the fewest ranges, in order. Places at the end
// that may be anything make one range of each run in front of them.
func (o octets) ranges(text string) ([]Range, error) {
	last := 3
	for last > 0 && len(o[last]) == 256 {
		last--
	}
	pieces := len(runs(o[last]))
	for _, values := range o[:last] {
		pieces *= len(values)
	}
	if pieces > maxRanges {
		return nil, fault.New(fault.Usage, "%q is %d pieces, more than %d", text, pieces, maxRanges)
	}
	var out []Range
	o.each(0, last, [4]byte{}, func(from, to [4]byte) {
		out = append(out, Range{Address{netip.AddrFrom4(from)}, Address{netip.AddrFrom4(to)}})
	})
	return out, nil
}

// each goes through the places in front of the last one that counts.
func (o octets) each(place, last int, from [4]byte, found func(from, to [4]byte)) {
	if place < last {
		for _, value := range o[place] {
			from[place] = value
			o.each(place+1, last, from, found)
		}
		return
	}
	for _, run := range runs(o[last]) {
		to := from
		from[last], to[last] = run[0], run[1]
		for i := last + 1; i < 4; i++ {
			from[i], to[i] = 0, 255
		}
		found(from, to)
	}
}

// runs puts neighbours together.
func runs(values []byte) [][2]byte {
	var out [][2]byte
	for _, v := range values {
		if n := len(out); n > 0 && int(out[n-1][1])+1 == int(v) {
			out[n-1][1] = v
			continue
		}
		out = append(out, [2]byte{v, v})
	}
	return out
}
