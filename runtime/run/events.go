package run

import (
	"cmp"
	"context"
	"os"
	"strings"
	"sync"
	"time"

	"gofab/internal/secret"
	"gofab/runtime/event"
	"gofab/runtime/extend"
	"gofab/runtime/replay"
)

// events starts the stream with everything that shows or records the run.
func (r *Run) events(secrets *secret.Redactor) (*event.Stream, []*extend.Late, error) {
	w, o := r.options.World, r.options
	format := cmp.Or(o.Format, Text)
	out := &outputs{formats: o.Output.Formats, text: r.textOptions()}
	if out.formats == nil {
		out.formats = Formats()
	}
	stream := event.Options{Redactor: secrets, Clock: w.Now}
	if r.clock != nil {
		stream.Clock = r.clock
	}
	if out.text.Status {
		stream.Pace, stream.Tick = 50*time.Millisecond, time.Second
	}
	if format == Text || o.Output.Beside {
		out.terminal(o.Output.Timing)
	}
	if format != Text {
		if err := out.standard(format, w.Out); err != nil {
			return nil, nil, err
		}
	}
	for _, to := range o.Output.Files {
		if err := out.file(to); err != nil {
			return nil, nil, err
		}
	}
	if dir := o.Output.Dir; dir != "" {
		if err := out.folder(dir); err != nil {
			return nil, nil, err
		}
	}
	if file := o.Record.File; file != "" {
		var err error
		if r.recorder, err = replay.Create(file, secrets); err != nil {
			return nil, nil, err
		}
		out.sinks = append(out.sinks, r.recorder)
	}
	stream.Sinks = out.sinks
	if !o.Output.Beside {
		stream.Instead = out.instead(w.Err)
	}
	return event.New(r.Context, stream), out.late, nil
}

// textOptions say how the terminal is, and how much people want to see there.
func (r *Run) textOptions() event.TextOptions {
	w, o := r.options.World, r.options
	_, _, terminal := w.Terminal()
	text := event.TextOptions{
		Out: w.Out, Err: w.Err, Verbosity: o.Verbosity,
		Colour: r.colour(), Raw: !terminal,
		Status: terminal && sameTerminal(w.Err) && o.Verbosity >= event.Normal && w.Env("TERM") != "dumb" && w.Env("CI") == "",
		Width:  func() int { columns, _, _ := w.Terminal(); return max(columns, 20) },
		Now:    w.Now,
		Fold:   o.Output.Fold, Diff: o.Output.Diff, NoPrefix: o.Output.NoPrefix, Summary: o.Output.Summary,
	}
	if o.Output.Beside {
		text.Out = w.Err
	}
	return text
}

func (r *Run) colour() bool {
	switch r.options.Output.Colour {
	case "always":
		return true
	case "never":
		return false
	default:
		return r.options.World.Colour()
	}
}

// Finish writes the reports. It tells which of them could not be written.
func (r *Run) Finish() error {
	r.hooks.Settle()
	r.Env.Events.Flush()
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	return r.Events.Finish(ctx)
}

// sameTerminal says that messages go to a terminal as well.
func sameTerminal(err any) bool {
	f, ok := err.(*os.File)
	if !ok {
		return false
	}
	info, statErr := f.Stat()
	return statErr == nil && info.Mode()&os.ModeCharDevice != 0
}

// door is the event stream as bindings see it.
type door struct {
	stream *event.Stream
	raw    bool // prints go out as they are, at once

	mu      sync.Mutex
	pending map[string]string // the unfinished line of each host
}

func (r *Run) door() *door {
	_, _, terminal := r.options.World.Terminal()
	return &door{stream: r.Events, raw: !terminal && cmp.Or(r.options.Format, Text) == Text, pending: map[string]string{}}
}

// Print tells whole lines; the beginning of one waits for its end.
func (d *door) Print(host, text string) {
	if d.raw && host == "" {
		d.stream.Emit(event.Print{Text: text})
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	text = d.pending[host] + text
	end := strings.LastIndexByte(text, '\n') + 1
	d.pending[host] = text[end:]
	if end > 0 {
		d.stream.Emit(event.Print{Host: host, Text: text[:end]})
	}
}

// Flush tells the unfinished lines.
func (d *door) Flush() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for host, text := range d.pending {
		if text != "" {
			d.stream.Emit(event.Print{Host: host, Text: text})
		}
	}
	clear(d.pending)
}

func (d *door) Log(level, host, text string, fields map[string]any) {
	d.stream.Emit(event.Log{Level: event.Level(level), Host: host, Text: text, Fields: fields})
}

func (d *door) CommandStart(host, command, sent string, dry bool) {
	d.stream.Emit(event.CommandStart{Host: host, Command: command, Sent: sent, Dry: dry})
}

func (d *door) Line(host, stream, line string) {
	d.stream.Emit(event.Output{Host: host, Stream: stream, Line: line})
}

func (d *door) CommandEnd(host, command string, code int, ok bool, took time.Duration, attempts int) {
	e := event.CommandEnd{Host: host, Command: command, OK: ok, Duration: event.Seconds(took), Attempts: attempts}
	if code >= 0 {
		e.Code = &code
	}
	d.stream.Emit(e)
}

func (d *door) Progress(host, what string, done, total int64, finished bool) {
	d.stream.Emit(event.Transfer{Host: host, Direction: event.Get, Path: what, Done: done, Total: total, Finished: finished})
}
