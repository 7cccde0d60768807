package kit

import "io"

// Console is the person's terminal while a binding has it for itself. What is
// typed arrives key by key, Ctrl-C among them, and what is written is not
// changed on its way.
//
// Close gives the terminal back as it was, and ends a Read or Write that waits;
// no key that was typed is lost by that.
type Console interface {
	io.ReadWriteCloser
	// Size gives the columns and rows.
	Size() (cols, rows int)
	// Resized tells, after the fact, that the size has changed.
	Resized() <-chan struct{}
}
