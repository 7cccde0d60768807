package ansibleinv

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Limits of a pattern.
const (
	maxNames = 100_000
	maxName  = 255
)

var hostPort = regexp.MustCompile(`^((?:[^:\[\]]|\[[^\]]*\])*):([0-9]+)$`)
var bracketed = regexp.MustCompile(`^\[(.+)\]:([0-9]+)$`)

// expand reads name, name:port, [address]:port and ranges such as
// web[01:20:2].example, several of them multiplied.
func expand(pattern string) (names []string, port int, err error) {
	if strings.HasSuffix(pattern, ":") {
		return nil, 0, fmt.Errorf("%q: a port is missing after the colon", clip(pattern))
	}
	for _, form := range []*regexp.Regexp{bracketed, hostPort} {
		if m := form.FindStringSubmatch(pattern); m != nil {
			pattern = m[1]
			if port, err = strconv.Atoi(m[2]); err != nil || port < 1 || port > 65535 {
				return nil, 0, fmt.Errorf("%q is not a port", m[2])
			}
		}
	}
	names, err = expandRange(pattern)
	return names, port, err
}

func hasRange(text string) bool {
	open, colon, end := strings.Index(text, "["), strings.Index(text, ":"), strings.Index(text, "]")
	return open >= 0 && open < colon && colon < end
}

// expandRange expands the first range and then what follows it; the first one
// counts slowest.
func expandRange(text string) ([]string, error) {
	if !hasRange(text) {
		return []string{text}, nil
	}
	head, rest, _ := strings.Cut(text, "[")
	inside, tail, _ := strings.Cut(rest, "]")
	if strings.ContainsAny(head, "]") || len(text) > maxName {
		return nil, fmt.Errorf("%q: brackets don't match", clip(text))
	}
	middle, err := sequence(inside)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", clip(text), err)
	}
	ends, err := expandRange(tail)
	if err != nil {
		return nil, err
	}
	if len(middle)*len(ends) > maxNames {
		return nil, fmt.Errorf("%q: more than %d host names", clip(text), maxNames)
	}
	names := make([]string, 0, len(middle)*len(ends))
	for _, m := range middle {
		for _, end := range ends {
			names = append(names, head+m+end)
		}
	}
	return names, nil
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// sequence expands first:last and first:last:step.
func sequence(text string) ([]string, error) {
	bounds := strings.Split(text, ":")
	if len(bounds) != 2 && len(bounds) != 3 {
		return nil, fmt.Errorf("a range is first:last or first:last:step")
	}
	first, last, step := bounds[0], bounds[1], 1
	if first == "" {
		first = "0"
	}
	if len(bounds) == 3 {
		var err error
		if step, err = strconv.Atoi(bounds[2]); err != nil || step < 1 {
			return nil, fmt.Errorf("%q is not a step", bounds[2])
		}
	}
	if len(first) == 1 && len(last) == 1 {
		i, j := strings.Index(letters, first), strings.Index(letters, last)
		if i >= 0 && j >= 0 {
			return alphabet(i, j, step)
		}
	}
	return numbers(first, last, step)
}

func alphabet(i, j, step int) ([]string, error) {
	if i > j {
		return nil, fmt.Errorf("the first of a range comes after the last")
	}
	var list []string
	for ; i <= j; i += step {
		list = append(list, letters[i:i+1])
	}
	return list, nil
}

func numbers(first, last string, step int) ([]string, error) {
	low, err1 := strconv.Atoi(first)
	high, err2 := strconv.Atoi(last)
	if err1 != nil || err2 != nil || low < 0 {
		return nil, fmt.Errorf("%q is no range", first+":"+last)
	}
	width := 0
	if len(first) > 1 && first[0] == '0' {
		if width = len(first); width != len(last) {
			return nil, fmt.Errorf("first and last of a padded range must have the same length")
		}
	}
	if (high-low)/step >= maxNames {
		return nil, fmt.Errorf("more than %d host names", maxNames)
	}
	var list []string
	for n := low; n <= high; n += step {
		list = append(list, fmt.Sprintf("%0*d", width, n))
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("the first of a range comes after the last")
	}
	return list, nil
}

func clip(text string) string {
	if len(text) > 60 {
		return text[:57] + "..."
	}
	return text
}
