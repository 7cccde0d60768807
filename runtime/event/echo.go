package event

import "context"

// Echo tells of an event that comes from work which handles events. Nobody gets
// the echo of his own work, or it would go on for ever; and such events never
// wait for room: who serves the stream must not wait for itself.
type Echo int

// What an event comes from.
const (
	Original Echo = iota
	Handled       // a handler of events
	Rendered      // a renderer
)

type echoKey struct{}

// Handling marks ctx as that of work which handles or renders events.
func Handling(ctx context.Context, as Echo) context.Context {
	return context.WithValue(ctx, echoKey{}, as)
}

// EmitIn is Emit for work that runs under ctx.
func (s *Stream) EmitIn(ctx context.Context, e Event) {
	echo, _ := ctx.Value(echoKey{}).(Echo)
	s.emit(e, echo)
}

// EmitEcho is Emit for what comes from the handling of an event.
func (s *Stream) EmitEcho(e Event) { s.emit(e, Handled) }
