package expect

import (
	"context"
	"io"
	"time"
)

// Stream is the other side of a dialogue. A net.Conn is one, and so is an
// os.File that can be polled. Close ends a Read that waits.
type Stream interface {
	io.ReadWriteCloser
	SetWriteDeadline(t time.Time) error
}

// What more a stream may be able to do. A terminal has all of Terminal, a
// program all of Program; some streams have neither.
type (
	// Terminal is the master side of a terminal.
	Terminal interface {
		Resizer
		Sized
		Echo() (bool, error)
		SetEcho(on bool) error
		// LineLimit is the longest line that the terminal takes without
		// losing any of it, 0 where there is none.
		LineLimit() int
		// Control gives the character that the terminal makes an end of file
		// ("eof") or an interrupt ("intr") of.
		Control(name string) (byte, error)
	}
	// Sized knows its size.
	Sized interface {
		Size() (rows, cols int, err error)
	}
	// Resizer has a size that can be changed.
	Resizer interface {
		Resize(rows, cols int) error
	}
	// Program is a stream with a process behind it.
	Program interface {
		// Wait gives how it ended, every time the same. The end of ctx ends
		// the waiting, not the program.
		Wait(ctx context.Context) (Exit, error)
		Done() <-chan struct{}
		// Signal sends a signal by its name without SIG.
		Signal(name string) error
	}
	// Interrupter stops what runs by another way than a character.
	Interrupter interface{ Interrupt() error }
	// InputCloser ends the input of a program that has no terminal.
	InputCloser interface{ CloseWrite() error }
	// Local is a program on this machine.
	Local interface{ Pid() int }
)

// Exit is how a program ended: with a code, or by a signal and then with code
// -1.
type Exit struct {
	Code   int
	Signal string // without SIG
}

// Direction tells output of the program from what is sent to it.
type Direction uint8

// The directions of a Tap.
const (
	Output Direction = iota
	Input
)

// Tap sees all bytes as they come and go. It must not keep p.
type Tap func(d Direction, p []byte)
