package datafile

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// YAML 1.1, as PyYAML reads it: yes and on are true, 010 is 8, 1:30 is 90, and
// 1e5 is a text.

var (
	bool11 = map[string]bool{
		"yes": true, "Yes": true, "YES": true, "true": true, "True": true, "TRUE": true, "on": true, "On": true, "ON": true,
		"no": false, "No": false, "NO": false, "false": false, "False": false, "FALSE": false, "off": false, "Off": false, "OFF": false,
	}
	int11 = regexp.MustCompile(`^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$`)

	float11 = regexp.MustCompile(`^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
)

func scalar11(text string) any {
	if b, ok := bool11[text]; ok {
		return b
	}
	switch {
	case text == "" || text == "~" || text == "null" || text == "Null" || text == "NULL":
		return nil
	case int11.MatchString(text):
		return parseInt11(strings.ReplaceAll(text, "_", ""))
	case float11.MatchString(text):
		return parseFloat11(strings.ToLower(strings.ReplaceAll(text, "_", "")))
	}
	return text
}

func parseInt11(text string) any {
	digits := strings.TrimLeft(text, "+-")
	sign := int64(1)
	if strings.HasPrefix(text, "-") {
		sign = -1
	}
	base := 10
	switch {
	case strings.HasPrefix(digits, "0b"):
		base, digits = 2, digits[2:]
	case strings.HasPrefix(digits, "0x"):
		base, digits = 16, digits[2:]
	case len(digits) > 1 && digits[0] == '0':
		base = 8
	case strings.Contains(digits, ":"):
		return float64(sign) * sixties(digits)
	}
	n, err := strconv.ParseInt(digits, base, 64)
	if err != nil {
		return text
	}
	return number(sign * n)
}

func sixties(text string) float64 {
	total := 0.0
	for _, part := range strings.Split(text, ":") {
		n, _ := strconv.ParseFloat(part, 64)
		total = total*60 + n
	}
	return total
}

func parseFloat11(text string) any {
	digits := strings.TrimLeft(text, "+-")
	sign := 1.0
	if strings.HasPrefix(text, "-") {
		sign = -1
	}
	switch {
	case digits == ".inf":
		return math.Inf(int(sign))
	case digits == ".nan":
		return math.NaN()
	case strings.Contains(digits, ":"):
		return sign * sixties(digits)
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return text
	}
	return sign * f
}
