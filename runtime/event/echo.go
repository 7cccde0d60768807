package event

import "context"

// Work that handles events tells of what it does like any other. Such events
// are marked, so that nobody handles the echo of his own work for ever, and they
// never wait for room: who serves the stream must not wait for itself.

type echoKey struct{}

// Handling marks ctx as that of work which handles events.
func Handling(ctx context.Context) context.Context {
	return context.WithValue(ctx, echoKey{}, true)
}

// EmitIn is Emit for work that runs under ctx.
func (s *Stream) EmitIn(ctx context.Context, e Event) {
	s.emit(e, ctx.Value(echoKey{}) != nil)
}

// EmitEcho is Emit for what comes from the handling of an event.
func (s *Stream) EmitEcho(e Event) { s.emit(e, true) }
