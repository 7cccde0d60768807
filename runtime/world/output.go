package world

import (
	"os"
	"sync"

	"gofab/internal/fault"
)

// output is standard output. It remembers what could not be written, so that no
// command ends well whose text is lost on a full disk.
type output struct {
	*os.File
	mu   sync.Mutex
	lost error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.File.Write(p)
	if err == nil {
		return n, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lost = fault.OS(err, "cannot write to standard output")
	return n, o.lost
}

// WriteString is a Write: that of the file would go around it.
func (o *output) WriteString(s string) (int, error) { return o.Write([]byte(s)) }

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
