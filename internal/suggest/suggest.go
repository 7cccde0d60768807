// Package suggest finds what somebody meant who wrote something else: the
// "did you mean" of error messages.
package suggest

import "strings"

// Nearest gives the candidate that is nearest to word, or "" when none is near
// enough to be meant. Distance is that of Damerau and Levenshtein: letters
// added, left out, changed or swapped; a different case counts little.
func Nearest(word string, candidates []string) string {
	best, bestDistance := "", limit(word)+1
	for _, c := range candidates {
		d := distance(strings.ToLower(word), strings.ToLower(c))
		if c != word && (d < bestDistance || d == bestDistance && best != "" && c < best) {
			best, bestDistance = c, d
		}
	}
	return best
}

// limit is how many letters may be wrong: one in three, at least one.
func limit(word string) int { return max(1, min(3, len(word)/3)) }

// distance counts the edits between two words (optimal string alignment).
func distance(a, b string) int {
	if len(a)-len(b) > 3 || len(b)-len(a) > 3 {
		return 4
	}
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
