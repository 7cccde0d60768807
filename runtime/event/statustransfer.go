package event

import (
	"fmt"
	"time"
)

// moving tells about the transfers: one by its name, more by their sum.
func (s *status) moving() string {
	var sum Transfer
	for _, e := range s.transfers {
		sum = Transfer{
			Host: e.Host, Direction: e.Direction, Path: e.Path,
			Done: sum.Done + e.Done, Total: addTotals(sum.Total, e.Total), Duration: max(sum.Duration, e.Duration),
		}
	}
	switch len(s.transfers) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("%s %s %s %s", sum.Host, sum.Direction, sum.Path, amount(sum))
	}
	return fmt.Sprintf("%d transfers %s", len(s.transfers), amount(sum))
}

// addTotals keeps "nobody knows" (-1) once it is there.
func addTotals(a, b int64) int64 {
	if a < 0 || b < 0 {
		return -1
	}
	return a + b
}

// amount is "45% of 12 MB, 3.2 MB/s".
func amount(e Transfer) string {
	text := size(e.Done)
	if e.Total > 0 {
		text = fmt.Sprintf("%d%% of %s", int(float64(e.Done)/float64(e.Total)*100), size(e.Total))
	}
	if took := time.Duration(e.Duration).Seconds(); took > 0 {
		text += ", " + size(int64(float64(e.Done)/took)) + "/s"
	}
	return text
}
