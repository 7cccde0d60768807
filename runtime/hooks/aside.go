package hooks

import (
	"time"

	"gofab/bindings/kit"
	"gofab/runtime/event"
)

// aside is the door to the events for handlers: what goes through it is marked
// as their own doing.
type aside struct {
	kit.Events
	stream *event.Stream
}

func (a *aside) Print(host, text string) { a.stream.EmitEcho(event.Print{Host: host, Text: text}) }

func (a *aside) Log(level, host, text string, fields map[string]any) {
	a.stream.EmitEcho(event.Log{Level: event.Level(level), Host: host, Text: text, Fields: fields})
}

func (a *aside) CommandStart(host, command, sent string, dry bool) {
	a.stream.EmitEcho(event.CommandStart{Host: host, Command: command, Sent: sent, Dry: dry})
}

func (a *aside) Line(host, stream, line string) {
	a.stream.EmitEcho(event.Output{Host: host, Stream: stream, Line: line})
}

func (a *aside) CommandEnd(host, command string, code int, ok bool, took time.Duration, attempts int) {
	e := event.CommandEnd{Host: host, Command: command, OK: ok, Duration: event.Seconds(took), Attempts: attempts}
	if code >= 0 {
		e.Code = &code
	}
	a.stream.EmitEcho(e)
}

func (a *aside) Progress(host, what string, done, total int64, finished bool) {
	a.stream.EmitEcho(event.Transfer{Host: host, Direction: event.Get, Path: what, Done: done, Total: total, Finished: finished})
}
