// Package bytesize reads sizes as people write them: "512", "64K", "1.5G".
package bytesize

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

var units = map[string]float64{"": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}

// Parse reads a number of bytes. Units are powers of 1024, and KB, KiB and K
// mean the same.
func Parse(text string) (int64, error) {
	number := strings.TrimRight(text, "KMGTiBkmgtb ")
	unit := strings.ToUpper(strings.TrimSpace(text[len(number):]))
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "B"), "I")
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	factor, ok := units[unit]
	if err != nil || !ok || math.IsNaN(n) || n < 0 || n*factor > math.MaxInt64/2 {
		return 0, fmt.Errorf(`%q is not a size (want bytes or "64K", "10M", "1.5G")`, text)
	}
	return int64(n * factor), nil
}
