package event

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"gofab/internal/termsafe"
)

// JSONL writes one JSON object per event and line: seq, time (RFC 3339), event,
// and the keys of the event's struct. A text that is not UTF-8 has U+FFFD in
// place of its odd bytes, and the object has a key "raw" with the true bytes in
// base64: {"line":"caf\ufffd","raw":{"line":"Y2Fm6Q=="}}. Characters a terminal
// acts upon are written as \u escapes, so that the output can be looked at.
type JSONL struct {
	w   io.Writer
	buf bytes.Buffer
}

// NewJSONL returns a sink that writes to w.
func NewJSONL(w io.Writer) *JSONL { return &JSONL{w: w} }

// keepBuffer is how much is written at once when many events come together.
const keepBuffer = 64 << 10

// Handle encodes one event.
func (j *JSONL) Handle(e Entry) error {
	if o, ok := e.Event.(Output); ok && plain(o.Host) && plain(o.Stream) && plain(o.Line) {
		j.buf.Write(appendOutput(j.buf.AvailableBuffer(), e, o))
	} else {
		line, err := MarshalEntry(e)
		if err != nil {
			return err
		}
		j.buf.Write(line)
	}
	j.buf.WriteByte('\n')
	if j.buf.Len() > keepBuffer {
		return j.Flush()
	}
	return nil
}

// Flush writes what is encoded; always whole lines.
func (j *JSONL) Flush() error {
	if j.buf.Len() == 0 {
		return nil
	}
	_, err := j.w.Write(j.buf.Bytes())
	j.buf.Reset()
	return err
}

type head struct {
	Seq   uint64    `json:"seq"`
	Time  time.Time `json:"time"`
	Event string    `json:"event"`
}

type rawTexts struct {
	Raw map[string]string `json:"raw"`
}

// MarshalEntry gives the JSON object of one event without a newline.
func MarshalEntry(e Entry) ([]byte, error) {
	parts := []any{head{e.Seq, e.Time.UTC(), e.Event.Name()}, e.Event}
	if raw := invalidTexts(e.Event); len(raw) > 0 {
		parts = append(parts, rawTexts{raw})
	}
	var line []byte
	for _, part := range parts {
		object, err := marshalPlain(part)
		if err != nil {
			return nil, fmt.Errorf("event %d, %s: %w", e.Seq, e.Event.Name(), err)
		}
		line = joinObjects(line, object)
	}
	return escapeUnsafe(line), nil
}

// Marshal is json.Marshal without the escapes for HTML, and with escapes for
// what a terminal acts upon.
func Marshal(v any) ([]byte, error) {
	data, err := marshalPlain(v)
	return escapeUnsafe(data), err
}

func marshalPlain(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(out.Bytes(), []byte{'\n'}), err
}

// joinObjects makes {"a":1,"b":2} of {"a":1} and {"b":2}. Neither is empty.
func joinObjects(a, b []byte) []byte {
	if len(a) == 0 {
		return b
	}
	return append(append(a[:len(a)-1], ','), b[1:]...)
}

// invalidTexts are the texts of an event that JSON cannot hold.
func invalidTexts(e Event) map[string]string {
	var raw map[string]string
	e.each(func(key, text string) string {
		if !utf8.ValidString(text) {
			if raw == nil {
				raw = map[string]string{}
			}
			raw[key] = base64.StdEncoding.EncodeToString([]byte(text))
		}
		return text
	})
	return raw
}

// escapeUnsafe replaces what encoding/json leaves: DEL, C1 and bidi controls.
// They only occur inside of strings, where an escape means the same.
func escapeUnsafe(line []byte) []byte {
	if !bytes.ContainsFunc(line, termsafe.Unsafe) {
		return line
	}
	var out bytes.Buffer
	for _, r := range string(line) {
		if termsafe.Unsafe(r) {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.Bytes()
}
