package hostrange

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Fold writes names in short: db1,web[01-20,30]. Names come out sorted and
// once each; Expand gives them back. Every place with a number may become a
// bracket: rack[1-2]-node[01-16]. Names that hold one of "[], " stay as they
// are.
func Fold(names []string) string {
	all := make([]pattern, len(names))
	widest := 0
	for i, name := range names {
		all[i] = split(name)
		widest = max(widest, len(all[i]))
	}
	slices.SortFunc(all, comparePatterns)
	all = slices.CompactFunc(all, slices.Equal)
	for place := widest - 2; place > 0; place -= 2 {
		all = foldAt(all, place)
	}
	words := make([]string, len(all))
	for i, p := range all {
		words[i] = strings.Join(p, "")
	}
	return strings.Join(words, ",")
}

// pattern is a name cut into texts (even places) and numbers or brackets (odd
// places).
type pattern []string

// maxDigits keeps numbers within 64 bits; longer ones are part of the text.
const maxDigits = 18

func split(name string) pattern {
	if strings.ContainsAny(name, "[], \t\n\x00") {
		return pattern{name}
	}
	p := pattern{""}
	for name != "" {
		text := name[:len(name)-len(strings.TrimLeft(name, "0123456789"))]
		number := text != "" && len(text) <= maxDigits
		if text == "" {
			end := strings.IndexAny(name, "0123456789")
			if end < 0 {
				end = len(name)
			}
			text = name[:end]
		}
		name = name[len(text):]
		if number {
			p = append(p, text, "")
		} else {
			p[len(p)-1] += text
		}
	}
	return p
}

// foldAt joins patterns that differ at one odd place only. The joined pattern
// stands where the first of its members stood.
func foldAt(all []pattern, place int) []pattern {
	var out []pattern
	index := map[string]int{}
	members := map[int][]string{}
	for _, p := range all {
		if place >= len(p) {
			out = append(out, p)
			continue
		}
		key := strings.Join(p[:place], "\x00") + "\x00\x00" + strings.Join(p[place+1:], "\x00")
		at, seen := index[key]
		if !seen {
			at = len(out)
			index[key] = at
			out = append(out, p)
		}
		members[at] = append(members[at], p[place])
	}
	for at, numbers := range members {
		if len(numbers) > 1 {
			out[at] = slices.Clone(out[at])
			out[at][place] = "[" + ranges(numbers) + "]"
		}
	}
	return out
}

// ranges writes numbers as "01-20,30". A number with leading zeros begins a run
// of its own width, as does one as wide as a padded one.
func ranges(numbers []string) string {
	padded := map[int]bool{}
	for _, n := range numbers {
		if len(n) > 1 && n[0] == '0' {
			padded[len(n)] = true
		}
	}
	width := func(n string) int { // 0 for a number without padding
		if padded[len(n)] {
			return len(n)
		}
		return 0
	}
	slices.SortFunc(numbers, func(a, b string) int {
		return cmp.Or(cmp.Compare(width(a), width(b)), cmp.Compare(value(a), value(b)))
	})
	var runs []run
	for _, n := range numbers {
		last := len(runs) - 1
		if last >= 0 && width(n) == width(runs[last].last) && value(n) == value(runs[last].last)+1 {
			runs[last].last = n
		} else {
			runs = append(runs, run{n, n})
		}
	}
	slices.SortStableFunc(runs, func(a, b run) int { return cmp.Compare(value(a.first), value(b.first)) })
	words := make([]string, len(runs))
	for i, r := range runs {
		words[i] = r.String()
	}
	return strings.Join(words, ",")
}

type run struct{ first, last string }

func (r run) String() string {
	if r.first == r.last {
		return r.first
	}
	return r.first + "-" + r.last
}

func value(digits string) int64 {
	n, _ := strconv.ParseInt(digits, 10, 64) // at most maxDigits
	return n
}

// Compare orders names as people do: web2 before web10. It is for sort
// functions; names compare equal only when they are.
func Compare(a, b string) int { return comparePatterns(split(a), split(b)) }

func comparePatterns(p, q pattern) int {
	for i := range min(len(p), len(q)) {
		order := cmp.Compare(p[i], q[i])
		if i%2 == 1 {
			order = cmp.Or(cmp.Compare(value(p[i]), value(q[i])), cmp.Compare(len(p[i]), len(q[i])))
		}
		if order != 0 {
			return order
		}
	}
	return cmp.Compare(len(p), len(q))
}
