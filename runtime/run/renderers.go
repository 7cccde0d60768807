package run

import (
	"io"

	"gofab/internal/suggest"
	"gofab/runtime/event"
	"gofab/runtime/extend"
)

// A format that is not built in is one that the script declares: what happens
// until then is kept. Only what looks like a misspelt one is refused at once.

// find gives the format of a name.
func (o *outputs) find(name string) (Format, error) {
	f, err := findFormat(o.formats, name)
	if err == nil || suggest.Nearest(name, FormatNames(o.formats)) != "" {
		return f, err
	}
	return Format{Name: name, Live: func(w io.Writer, text event.TextOptions) event.Sink {
		text.Out = o.text.Err
		late := extend.NewLate(name, w, !text.Raw && w == o.text.Out, event.NewText(text))
		o.late = append(o.late, late)
		return late
	}}, nil
}
