package expect

import (
	"os"
	"sync"

	"gofab/internal/fault"
	"gofab/internal/secret"
)

// Logs are files for what is said, one for both directions and one for each;
// "" is none.
type Logs struct{ Both, Read, Sent string }

// Log adds what is said from now on to files, with secrets as stars.
func (p *Process) Log(to Logs, secrets *secret.Redactor) error {
	var err error
	if to.Both != "" {
		err = p.logTo(to.Both, secrets, Output, Input)
	}
	if to.Read != "" && err == nil {
		err = p.logTo(to.Read, secrets, Output)
	}
	if to.Sent != "" && err == nil {
		err = p.logTo(to.Sent, secrets, Input)
	}
	return err
}

// transcript is one log file. Each direction has a masking writer of its own,
// so that a secret is found although the other direction speaks in between.
type transcript struct {
	mu   sync.Mutex
	file *os.File
	ways map[Direction]*secret.Writer
}

func (p *Process) logTo(path string, secrets *secret.Redactor, what ...Direction) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fault.OS(err, "cannot log to %s", path)
	}
	t := &transcript{file: file, ways: map[Direction]*secret.Writer{}}
	for _, d := range what {
		t.ways[d] = secrets.Writer(file)
	}
	p.Tap(t.add)
	p.OnClose(t.close)
	return nil
}

// add writes a piece. A full disk does not stop the dialogue.
func (t *transcript) add(d Direction, piece []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w := t.ways[d]; w != nil {
		_, _ = w.Write(piece)
	}
}

func (t *transcript) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range t.ways {
		_ = w.Flush()
	}
	_ = t.file.Close()
}
