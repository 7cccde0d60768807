package recording

import (
	"fmt"
	"strings"

	"gofab/internal/secret"
)

// secrets knows the texts that must not get into the recording.
type secrets struct {
	numbers  map[secret.Value]int
	redactor secret.Redactor
}

// number gives a secret its number.
func (s *secrets) number(text string) string {
	v := secret.New(text)
	if s.numbers == nil {
		s.numbers = map[secret.Value]int{}
	}
	if s.numbers[v] == 0 {
		s.numbers[v] = len(s.numbers) + 1
		s.redactor.Add(v)
	}
	return fmt.Sprint(s.numbers[v])
}

// hide puts stars where a secret was shown or typed again. Output comes in
// pieces, and a secret may lie across them.
func (s *secrets) hide(r *Recording) {
	if len(s.numbers) == 0 {
		return
	}
	for first := 0; first < len(r.Events); {
		end := first + 1
		for end < len(r.Events) && r.Events[end].Kind == r.Events[first].Kind && r.Events[first].Kind == Output {
			end++
		}
		s.hideIn(r.Events[first:end])
		first = end
	}
}

// hideIn looks through events that belong together; with a secret in them they
// become one.
func (s *secrets) hideIn(events []Event) {
	if k := events[0].Kind; k != Output && k != Input {
		return
	}
	var all strings.Builder
	for _, e := range events {
		all.WriteString(e.Data)
	}
	if clean := s.redactor.Redact(all.String()); clean != all.String() {
		events[0].Data = clean
		for i := range events[1:] {
			events[i+1].Data = ""
		}
	}
}
