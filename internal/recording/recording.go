// Package recording keeps a person's session with a program at a terminal: it
// takes the session down, writes it to a file and reads it back, plays the
// program's part for tests, and turns the whole into a Lua script that plays
// the person's part.
//
// Rules: what was typed without being shown is a secret; its text is in no
// recording, and where the program showed it later there are stars. What was
// typed is kept as the lines that came of it, corrections carried out. Memory
// is bounded: a recording that has become too large goes on without output.
//
// The file is an asciicast, version 2, which asciinema plays; it is extended
// by two events of our own that players leave out: "s", a secret line with its
// number, and "x", the exit code.
package recording

import (
	"time"
)

// Kind is what an event is.
type Kind string

// The kinds of events, by their letters in the file.
const (
	Output Kind = "o" // the program wrote
	Input  Kind = "i" // the person typed; a line ends with \r
	Secret Kind = "s" // the person typed a line that was not shown
	Resize Kind = "r" // the window has a new size, "80x24"
	Exit   Kind = "x" // the program ended with this code
)

// Event is one thing that happened.
type Event struct {
	At   time.Duration // since the start
	Kind Kind
	Data string // of a secret: its number, the same for the same text
}

// Program is what runs.
type Program struct {
	Command []string
	Term    string // type of its terminal, as in TERM; "" when nobody knows
}

// Recording is a whole session.
type Recording struct {
	Program
	Cols, Rows int
	Start      time.Time
	Events     []Event
	Cut        bool // it was too large: output is missing
}
