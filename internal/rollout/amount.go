package rollout

import (
	"math"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// Amount is a number of items: 3, or "10%" of all of them.
type Amount struct {
	Count   int
	Percent float64 // used when Share is set
	Share   bool
}

// ParseAmount reads "3" or "10%".
func ParseAmount(text string) (Amount, error) {
	text = strings.TrimSpace(text)
	if share, ok := strings.CutSuffix(text, "%"); ok {
		percent, err := strconv.ParseFloat(strings.TrimSpace(share), 64)
		if err != nil || !(percent >= 0 && percent <= 100) {
			return Amount{}, fault.New(fault.Usage, "%q is not a share between 0%% and 100%%", text)
		}
		return Amount{Percent: percent, Share: true}, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return Amount{}, fault.New(fault.Usage, "%q is neither a number nor a share such as \"10%%\"", text)
	}
	return Amount{Count: n}, nil
}

// ParseAmounts reads a list such as "1,10%,50%".
func ParseAmounts(text string) ([]Amount, error) {
	var list []Amount
	for _, word := range strings.Split(text, ",") {
		a, err := ParseAmount(word)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, checkSizes(list)
}

// checkSizes refuses batches of nothing: they would go on for ever.
func checkSizes(list []Amount) error {
	for _, a := range list {
		if a.Count == 0 && a.Percent == 0 {
			return fault.New(fault.Usage, "a batch of %s would never end", a)
		}
	}
	return nil
}

// String is the amount as it is written.
func (a Amount) String() string {
	if a.Share {
		return strconv.FormatFloat(a.Percent, 'f', -1, 64) + "%"
	}
	return strconv.Itoa(a.Count)
}

// size is a batch out of n items: at least one.
func (a Amount) size(n int) int { return max(a.floor(n), 1) }

// floor is the amount of n items, rounded down.
func (a Amount) floor(n int) int {
	if a.Share {
		return int(math.Floor(float64(n)*a.Percent/100 + 1e-9))
	}
	return a.Count
}

// LuaType names what FromLua takes.
func (a *Amount) LuaType() string { return "integer|string" }

// FromLua reads 3 or "10%".
func (a *Amount) FromLua(value any) (err error) {
	switch v := value.(type) {
	case string:
		*a, err = ParseAmount(v)
		return err
	case float64:
		if v >= 0 && v <= math.MaxInt32 && v == math.Trunc(v) {
			*a = Amount{Count: int(v)}
			return nil
		}
	}
	return fault.New(fault.Usage, "want a number, or a share such as \"10%%\"")
}

// Sizes are the sizes of batches.
type Sizes []Amount

// LuaType names what FromLua takes.
func (s *Sizes) LuaType() string { return "integer|string|(integer|string)[]" }

// FromLua reads one amount or a list of them.
func (s *Sizes) FromLua(value any) error {
	list, ok := value.([]any)
	if table, empty := value.(map[string]any); !ok && !(empty && len(table) == 0) {
		list = []any{value}
	}
	*s = make(Sizes, len(list))
	for i, item := range list {
		if err := (*s)[i].FromLua(item); err != nil {
			return err
		}
	}
	return checkSizes(*s)
}
