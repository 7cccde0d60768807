package mailer

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// maxReplies bounds what a server may send between two mails. Replies are a few
// lines each.
const maxReplies = 256 << 10

var errFlood = errors.New("the server sends more than any reply needs")

// wire is the connection below everything: it keeps the greeting and bounds
// what comes in.
type wire struct {
	net.Conn
	mu       sync.Mutex
	first    []byte
	received int
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !bytes.Contains(w.first, []byte("\n")) && len(w.first) < 1024 {
		w.first = append(w.first, p[:n]...)
	}
	if w.received += n; w.received > maxReplies {
		return 0, errFlood
	}
	return n, err
}

// allow begins a new count.
func (w *wire) allow() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.received = 0
}

func (w *wire) banner() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	line, _, _ := strings.Cut(string(w.first), "\n")
	return strings.TrimSpace(line)
}

// startTLS asks for encryption byte by byte, so that nothing behind the answer
// is taken for a part of the encrypted session.
func (w *wire) startTLS(timeout time.Duration) error {
	if err := w.SetDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	if _, err := io.WriteString(w.Conn, "STARTTLS\r\n"); err != nil {
		return err
	}
	var line []byte
	for !bytes.HasSuffix(line, []byte("\n")) {
		var b [1]byte
		if _, err := io.ReadFull(w.Conn, b[:]); err != nil {
			return err
		}
		if line = append(line, b[0]); len(line) > 1024 {
			return errFlood
		}
	}
	if !bytes.HasPrefix(line, []byte("220")) {
		return errors.New("STARTTLS was refused: " + strings.TrimSpace(string(line)))
	}
	return w.SetDeadline(time.Time{})
}

// greeted stands for a connection whose server does not greet again, which is
// so after STARTTLS.
type greeted struct {
	net.Conn
	done bool
}

func (g *greeted) Read(p []byte) (int, error) {
	if !g.done && len(p) >= len(pretended) {
		g.done = true
		return copy(p, pretended), nil
	}
	return g.Conn.Read(p)
}

const pretended = "220 encrypted\r\n"
