package recording

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"gofab/internal/fault"
	"gofab/internal/shell"
)

// header is the first line of an asciicast.
type header struct {
	Version   int               `json:"version"`
	Width     int               `json:"width"`
	Height    int               `json:"height"`
	Timestamp int64             `json:"timestamp,omitempty"`
	Command   string            `json:"command,omitempty"`
	Env       map[string]string `json:"env,omitempty"`
	Argv      []string          `json:"argv,omitempty"` // ours: the command by its words
}

// Marshal writes a recording as an asciicast.
func (r *Recording) Marshal() []byte {
	var out bytes.Buffer
	command, _ := shell.Join(r.Command)
	lines := json.NewEncoder(&out)
	lines.SetEscapeHTML(false)
	head := header{Version: 2, Width: r.Cols, Height: r.Rows, Timestamp: r.Start.Unix(), Command: command, Argv: r.Command}
	if r.Term != "" {
		head.Env = map[string]string{"TERM": r.Term}
	}
	_ = lines.Encode(head)
	for _, e := range r.Events {
		if e.Kind != Output || e.Data != "" {
			_ = lines.Encode([]any{json.Number(fmt.Sprintf("%.6f", e.At.Seconds())), e.Kind, e.Data})
		}
	}
	return out.Bytes()
}

// maxLine bounds one line of a file.
const maxLine = 16 << 20

// Read reads an asciicast, ours or another that has the input in it.
func Read(from io.Reader) (*Recording, error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, maxLine)
	if !lines.Scan() {
		return nil, readError(lines.Err(), "it is empty")
	}
	var h header
	if err := json.Unmarshal(lines.Bytes(), &h); err != nil || h.Version != 2 {
		return nil, fault.New(fault.Parse, "line 1: this is no asciicast of version 2").
			WithHint("gofab record makes one")
	}
	r := &Recording{Program: Program{h.Argv, h.Env["TERM"]}, Cols: h.Width, Rows: h.Height, Start: time.Unix(h.Timestamp, 0)}
	if len(r.Command) == 0 && h.Command != "" {
		r.Command = []string{"sh", "-c", h.Command}
	}
	for n := 2; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		e, err := readEvent(lines.Bytes())
		if err != nil {
			return nil, fault.Wrap(fault.Parse, err, "line %d", n)
		}
		r.Events = append(r.Events, e)
	}
	return r, readError(lines.Err(), "")
}

func readError(err error, empty string) error {
	switch {
	case err == bufio.ErrTooLong:
		return fault.New(fault.Parse, "a line is longer than %d MiB", maxLine>>20)
	case err != nil:
		return fault.OS(err, "cannot read the recording")
	case empty != "":
		return fault.New(fault.Parse, "this is no asciicast: %s", empty)
	}
	return nil
}

func readEvent(line []byte) (Event, error) {
	var at float64
	var kind, data string
	fields := []any{&at, &kind, &data}
	if err := json.Unmarshal(line, &fields); err != nil || len(fields) != 3 {
		return Event{}, fault.New(fault.Parse, "an event is [time, kind, text]")
	}
	return Event{time.Duration(at * float64(time.Second)), Kind(kind), data}, nil
}
