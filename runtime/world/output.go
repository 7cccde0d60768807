package world

import (
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"gofab/internal/fault"
)

// output is standard output. It remembers what could not be written, so that no
// command ends well whose text is lost on a full disk.
//
// When whoever read it has gone, as head has after its lines, the run ends: in
// order, and not by the signal that says so, which would leave things behind.
type output struct {
	*os.File
	closed func() // nobody reads any more
	mu     sync.Mutex
	lost   error
}

// newOutput is standard output of the process. SIGPIPE is taken and dropped, so
// that such a write is an error; commands that gofab starts get it as ever.
func newOutput(closed func()) *output {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return &output{File: os.Stdout, closed: closed}
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.File.Write(p)
	if err == nil {
		return n, nil
	}
	if errors.Is(err, syscall.EPIPE) {
		o.closed()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lost = fault.OS(err, "cannot write to standard output")
	return n, o.lost
}

// WriteString is a Write: that of the file would go around it.
func (o *output) WriteString(s string) (int, error) { return o.Write([]byte(s)) }

// Closed tells whether whoever read standard output has gone.
func (w *World) Closed() bool { return errors.Is(w.Lost(), syscall.EPIPE) }

// Lost tells what could not be written to standard output.
func (w *World) Lost() error {
	o, ok := w.Out.(*output)
	if !ok {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lost
}
