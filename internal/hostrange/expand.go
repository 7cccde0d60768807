// Package hostrange writes many host names in short and reads them back:
// web[01-20,30].
//
// Rules: a bracket holds numbers and ranges separated by commas; a range may
// have a step ([1-9/2]); leading zeros of its first number set the width of all.
// Single letters make ranges too ([a-f]). Several brackets multiply, the last
// one counts fastest. Commas outside of brackets separate names. A bracket
// around an IPv6 address ([2001:db8::1]:22) is part of the name. What a text
// expands to is known before it is built, so a hostile text costs nothing.
package hostrange

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// Limits of Expand.
const (
	MaxNames = 100_000 // names one text may expand to
	MaxName  = 255     // bytes of the longest of these names
)

// Expand gives the names a text stands for, in its order. Without brackets and
// commas that is the text itself; white space around a name is dropped. Errors are of kind usage.
func Expand(text string) ([]string, error) {
	var names []string
	for _, word := range words(text) {
		word = strings.TrimSpace(word)
		pieces, err := parse(word)
		if err != nil {
			return nil, err
		}
		if longest(pieces) > MaxName {
			return nil, fault.New(fault.Usage, "%q: a host name longer than %d bytes", clip(word), MaxName)
		}
		if total := count(pieces); total > MaxNames-len(names) {
			return nil, fault.New(fault.Usage, "%q: more than %d host names", clip(text), MaxNames)
		}
		names = product(names, pieces)
	}
	return names, nil
}

// words cuts at the commas outside of brackets.
func words(text string) []string {
	var all []string
	start, inside := 0, false
	for i := range len(text) {
		switch text[i] {
		case '[':
			inside = true
		case ']':
			inside = false
		case ',':
			if !inside {
				all = append(all, text[start:i])
				start = i + 1
			}
		}
	}
	return append(all, text[start:])
}

// piece is a part of a name with all its variants, at least one.
type piece []span

// span is a fixed text (step 0) or the numbers or letters from first to last.
type span struct {
	text              string
	first, last, step int64
	width             int // digits, filled with zeros; -1 for letters
}

func (s span) count() int64 {
	if s.step == 0 {
		return 1
	}
	return (s.last-s.first)/s.step + 1
}

func (s span) longest() int {
	if s.step == 0 {
		return len(s.text)
	}
	return len(s.at(s.count() - 1))
}

func (s span) at(i int64) string {
	n := s.first + i*s.step
	switch {
	case s.step == 0:
		return s.text
	case s.width < 0:
		return string(rune(n))
	}
	return fmt.Sprintf("%0*d", s.width, n)
}

func parse(word string) ([]piece, error) {
	if word == "" {
		return nil, fault.New(fault.Usage, "empty host name in a list").WithHint("remove the extra comma")
	}
	var all []piece
	for rest := word; rest != ""; {
		open := strings.IndexAny(rest, "[]")
		if open < 0 {
			return append(all, literal(rest)), nil
		}
		length := strings.IndexAny(rest[open+1:], "[]")
		if rest[open] == ']' || length < 0 || rest[open+1+length] == '[' {
			return nil, fault.New(fault.Usage, "%q: brackets don't match", clip(word))
		}
		end := open + 1 + length
		inside, err := bracket(word, rest[open+1:end])
		if err != nil {
			return nil, err
		}
		if open > 0 {
			all = append(all, literal(rest[:open]))
		}
		all, rest = append(all, inside), rest[end+1:]
	}
	return all, nil
}

func literal(text string) piece { return piece{{text: text}} }

func bracket(word, inside string) (piece, error) {
	if address, err := netip.ParseAddr(inside); err == nil && address.Is6() {
		return literal("[" + inside + "]"), nil
	}
	var all piece
	for _, item := range strings.Split(inside, ",") {
		s, ok := parseSpan(item)
		if !ok {
			return nil, fault.New(fault.Usage, "%q: %q is no range", clip(word), item).
				WithHint("write ranges as [01-20], [1-9/2], [1,5,7-9] or [a-f]")
		}
		all = append(all, s)
	}
	return all, nil
}

// parseSpan reads "7", "01-20", "1-9/2", "a-f".
func parseSpan(text string) (span, bool) {
	body, stepText, stepped := strings.Cut(text, "/")
	low, high, ranged := strings.Cut(body, "-")
	if !ranged {
		_, number := digits(low)
		return span{text: low}, (number || letter(low)) && !stepped
	}
	step := int64(1)
	if stepped {
		n, ok := digits(stepText)
		if !ok || n == 0 {
			return span{}, false
		}
		step = n
	}
	if letter(low) && letter(high) && low <= high && (low >= "a") == (high >= "a") {
		return span{first: int64(low[0]), last: int64(high[0]), step: step, width: -1}, true
	}
	first, ok1 := digits(low)
	last, ok2 := digits(high)
	padded := low[:min(1, len(low))] == "0" && len(low) > 1
	odd := len(high) < len(low) || len(high) > len(low) && high[0] == '0'
	s := span{first: first, last: last, step: step}
	if padded {
		s.width = len(low)
	}
	return s, ok1 && ok2 && first <= last && !odd
}

func digits(text string) (int64, bool) {
	if text == "" || len(text) > maxDigits || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

func letter(text string) bool {
	return len(text) == 1 && (text[0] >= 'a' && text[0] <= 'z' || text[0] >= 'A' && text[0] <= 'Z')
}

// count is the number of names, or MaxNames+1 for any number above MaxNames.
func count(pieces []piece) int {
	total := int64(1)
	for _, p := range pieces {
		sum := int64(0)
		for _, s := range p {
			sum = min(sum+s.count(), MaxNames+1)
		}
		total = min(total*sum, MaxNames+1)
	}
	return int(total)
}

// longest is the length of the longest name.
func longest(pieces []piece) int {
	total := 0
	for _, p := range pieces {
		most := 0
		for _, s := range p {
			most = max(most, s.longest())
		}
		total += most
	}
	return total
}

// product appends the names of all combinations.
func product(names []string, pieces []piece) []string {
	heads := []string{""}
	for _, p := range pieces {
		var longer []string
		for _, head := range heads {
			for _, s := range p {
				for i := range s.count() {
					longer = append(longer, head+s.at(i))
				}
			}
		}
		heads = longer
	}
	return append(names, heads...)
}

func clip(text string) string {
	if len(text) > 60 {
		return text[:57] + "..."
	}
	return text
}
