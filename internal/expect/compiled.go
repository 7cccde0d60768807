package expect

import (
	"regexp"

	"gofab/internal/fault"
)

// Compiled gives a pattern as a regular expression over a text that stands
// still. EOF and Timeout are patterns of no text.
func (p Pattern) Compiled() (*regexp.Regexp, error) {
	switch p.kind {
	case expression:
		return regexp.Compile(p.text)
	case literal:
		return regexp.Compile(regexp.QuoteMeta(p.text))
	}
	return nil, fault.New(fault.Usage, "%s is no text that can be seen", p)
}
