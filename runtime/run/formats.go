package run

import (
	"io"
	"slices"
	"strings"

	"gofab/internal/fault"
	"gofab/internal/suggest"
	"gofab/runtime/event"
	"gofab/runtime/report"
)

// Format is a way to show or record a run, as -o names it. It is either live,
// and shows events as they come, or a document about the whole run.
type Format struct {
	Name string
	Doc  string
	// Live makes a renderer that writes to w; o is how much people want to see.
	Live func(w io.Writer, o event.TextOptions) event.Sink
	// Document writes what there is to tell at the end.
	Document func(w io.Writer, r *report.Report) error
}

// Names of the formats that gofab brings.
const (
	Text   = "text"
	JSONL  = "jsonl"
	JSON   = "json"
	JUnit  = "junit"
	HTML   = "html"
	GitHub = "github"
)

// Formats are the formats that gofab brings.
func Formats() []Format {
	return []Format{
		{Name: Text, Doc: "lines for people", Live: func(w io.Writer, o event.TextOptions) event.Sink {
			o.Out, o.Err = w, w
			return event.NewText(o)
		}},
		{Name: JSONL, Doc: "a JSON object for each event, as it happens", Live: func(w io.Writer, _ event.TextOptions) event.Sink {
			return event.NewJSONL(w)
		}},
		{Name: JSON, Doc: "the whole run as one JSON document", Document: report.JSON},
		{Name: JUnit, Doc: "XML that CI systems read as test results", Document: report.JUnit},
		{Name: HTML, Doc: "a page for people, in one file", Document: report.HTML},
		{Name: GitHub, Doc: "text with annotations for a GitHub Actions job", Live: func(w io.Writer, o event.TextOptions) event.Sink {
			o.Out = w
			return event.NewGitHub(o)
		}},
	}
}

// FormatNames lists the names of formats.
func FormatNames(formats []Format) []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.Name
	}
	return names
}

func findFormat(formats []Format, name string) (Format, error) {
	for _, f := range formats {
		if f.Name == name {
			return f, nil
		}
	}
	e := fault.New(fault.Usage, "-o %s: no such format", name)
	names := FormatNames(formats)
	if near := suggest.Nearest(name, names); near != "" {
		e.Message += " (did you mean " + near + "?)"
	}
	return Format{}, e.WithHint("one of %s", strings.Join(slices.Sorted(slices.Values(names)), ", "))
}
