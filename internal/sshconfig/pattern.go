package sshconfig

import "strings"

// matchPattern tells whether s matches a pattern with * and ? (ssh_config(5),
// PATTERNS). It takes time proportional to both lengths at most: after a
// mismatch only the last '*' has to take one more byte.
func matchPattern(s, pattern string) bool {
	i, j := 0, 0
	star, mark := -1, 0 // the last '*' and what it has taken up to
	for i < len(s) {
		switch {
		case j < len(pattern) && pattern[j] == '*':
			star, mark = j, i
			j++
		case j < len(pattern) && (pattern[j] == '?' || pattern[j] == s[i]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	return strings.Trim(pattern[j:], "*") == ""
}

// matchList tells whether s matches one of the patterns in a comma-separated
// list and none of those behind '!'.
func matchList(s, list string) bool {
	found := false
	for _, pattern := range strings.Split(list, ",") {
		pattern, negated := strings.CutPrefix(pattern, "!")
		if !matchPattern(s, pattern) {
			continue
		}
		if negated {
			return false
		}
		found = true
	}
	return found
}
