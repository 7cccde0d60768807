package host

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/shell"
)

// holder is a place in a command that each host fills by itself. ${host} is a
// variable of the shell and none of ours.
var holder = regexp.MustCompile(`\$?\{(host|address|n|vars\.[A-Za-z0-9_.-]+)\}`)

// fill puts what is known of the host into a command. An argument takes any
// value, since it is quoted as a whole. A line takes plain words only: nobody
// knows whether the place is inside quotes.
func (h *Handle) fill(words command.Words, number int) (command.Words, error) {
	filled := command.Words{Args: make([]string, len(words.Args))}
	var err error
	for i, word := range words.Args {
		if filled.Args[i], err = h.fillText(word, number, false); err != nil {
			return words, err
		}
	}
	filled.Line, err = h.fillText(words.Line, number, true)
	return filled, err
}

func (h *Handle) fillText(text string, number int, plain bool) (string, error) {
	var failure error
	filled := holder.ReplaceAllStringFunc(text, func(place string) string {
		if place[0] == '$' {
			return place
		}
		value, err := h.known(strings.Trim(place, "{}"), number)
		if err == nil && plain {
			if quoted, bad := shell.Quote(value); bad != nil || quoted != value {
				err = fault.New(fault.Usage, "%s is %q, which is not a plain word and may not go into a line", place, value).
					WithHint("give the command as several words: a program and its arguments")
			}
		}
		if err != nil && failure == nil {
			failure = err
		}
		return value
	})
	return filled, failure
}

// known is the value of a place.
func (h *Handle) known(name string, number int) (string, error) {
	switch name {
	case "host":
		return h.Name, nil
	case "address":
		return cmp.Or(h.Address, h.Name), nil
	case "n":
		return strconv.Itoa(number), nil
	}
	var value any = h.Vars
	for _, key := range strings.Split(strings.TrimPrefix(name, "vars."), ".") {
		table, _ := value.(map[string]any)
		value = table[key]
	}
	switch value := value.(type) {
	case nil:
		return "", fault.New(fault.NotFound, "the host has no %s", name).WithHint("gofab inventory shows what is known; --literal leaves {%s} as it is", name)
	case string, bool, int, int64, float64:
		return fmt.Sprint(value), nil
	default:
		return "", fault.New(fault.Usage, "%s is not one value", name)
	}
}
