package event

import (
	"strconv"
	"time"
)

// Lines of output are most of what there is in a long run, and most of them are
// plain ASCII: those are written without encoding/json, and read the same.

// plain tells a text that JSON holds as it is.
func plain(text string) bool {
	for i := range len(text) {
		if b := text[i]; b < ' ' || b >= 0x7f || b == '"' || b == '\\' {
			return false
		}
	}
	return true
}

// appendOutput is MarshalEntry for an Output of plain texts.
func appendOutput(line []byte, e Entry, o Output) []byte {
	line = append(line, `{"seq":`...)
	line = strconv.AppendUint(line, e.Seq, 10)
	line = append(line, `,"time":"`...)
	line = e.Time.UTC().AppendFormat(line, time.RFC3339Nano)
	line = append(line, `","event":"output",`...)
	if o.ID != 0 {
		line = append(line, `"id":`...)
		line = strconv.AppendUint(line, o.ID, 10)
		line = append(line, ',')
	}
	line = append(line, `"host":"`...)
	line = append(line, o.Host...)
	line = append(line, `","stream":"`...)
	line = append(line, o.Stream...)
	line = append(line, `","line":"`...)
	line = append(line, o.Line...)
	line = append(line, '"')
	if o.Partial {
		line = append(line, `,"partial":true`...)
	}
	if o.Hidden {
		line = append(line, `,"hidden":true`...)
	}
	return append(line, '}')
}
