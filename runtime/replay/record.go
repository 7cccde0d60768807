// Package replay writes down what hosts answer in a run, and answers in their
// place: to see a run again, and to test a fabfile without its hosts.
//
// Rules: a record is a file of JSON lines, the events of the run and between
// them what was said to each host and what it answered, byte for byte, less the
// secrets. A replay gives what was recorded and nothing else: a command that is
// not in the record is an error that says what was expected, never a guess. It
// touches no network and runs no command. Who looks at hosts past the ways that
// the run has to them, such as a script that opens a socket, is not recorded.
package replay

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"time"
	"unicode/utf8"

	"gofab/internal/fault"
	"gofab/internal/transfer"
	"gofab/runtime/event"
)

// The lines of a record that are no events, by their key "event".
const (
	nameExec = "exec" // a command and its answer
	nameFile = "file" // one operation on files and its result
	nameDial = "dial" // a host that was reached or not
)

// Exec is one command on one host and its answer.
type Exec struct {
	Event    string         `json:"event"`
	Host     string         `json:"host"`
	Command  string         `json:"command"`           // as the script gave it
	Options  map[string]any `json:"options,omitempty"` // those that say where and as whom, where they are not the usual
	Output   []Piece        `json:"output,omitempty"`
	PID      string         `json:"pid,omitempty"` // of a command in the background
	Code     int            `json:"code"`
	Signal   string         `json:"signal,omitempty"`
	TimedOut bool           `json:"timed_out,omitempty"`
	Error    *Problem       `json:"error,omitempty"` // there was no exit
	Duration event.Seconds  `json:"duration"`
	Cut      bool           `json:"cut,omitempty"` // there was more output
}

// Piece is what one stream said before the other one spoke.
type Piece struct {
	Stream string `json:"stream"`
	Text   Bytes  `json:"text"`
}

// File is one operation on the files of a host.
type File struct {
	Event   string   `json:"event"`
	Host    string   `json:"host"`
	User    string   `json:"user,omitempty"` // as whom, where it is not the login user
	Op      string   `json:"op"`
	Path    string   `json:"path"`
	Text    string   `json:"text,omitempty"` // a path that was the answer
	Info    *Info    `json:"info,omitempty"`
	List    []Info   `json:"list,omitempty"`
	Content *Bytes   `json:"content,omitempty"`
	Cut     bool     `json:"cut,omitempty"` // the content went on
	Error   *Problem `json:"error,omitempty"`
}

// Dial is a host that was reached, or could not be.
type Dial struct {
	Event string   `json:"event"`
	Host  string   `json:"host"`
	Error *Problem `json:"error,omitempty"`
}

// Problem is an error as a record holds it.
type Problem struct {
	Kind    fault.Kind `json:"kind"`
	Message string     `json:"message"`
	Hint    string     `json:"hint,omitempty"`
}

func problemOf(err error) *Problem {
	if err == nil {
		return nil
	}
	e := fault.From(err)
	return &Problem{Kind: e.Kind, Message: e.Text(), Hint: e.Hint}
}

// err makes an error again.
func (p *Problem) err() error {
	if p == nil {
		return nil
	}
	e := fault.New(p.Kind, "%s", p.Message)
	e.Hint = p.Hint
	return e
}

// Bytes are written as a text, or as {"base64": ...} where they are none.
type Bytes []byte

// MarshalJSON writes the bytes.
func (b Bytes) MarshalJSON() ([]byte, error) {
	if utf8.Valid(b) {
		return json.Marshal(string(b))
	}
	return json.Marshal(map[string]string{"base64": base64.StdEncoding.EncodeToString(b)})
}

// UnmarshalJSON reads them.
func (b *Bytes) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*b = []byte(text)
		return nil
	}
	var odd struct {
		Base64 []byte `json:"base64"`
	}
	if err := json.Unmarshal(data, &odd); err != nil {
		return fmt.Errorf("want a text or base64")
	}
	*b = odd.Base64
	return nil
}

// Info describes a file.
type Info struct {
	Name     string      `json:"name"`
	Size     int64       `json:"size"`
	Mode     fs.FileMode `json:"mode"`
	Modified time.Time   `json:"modified"`
	Accessed time.Time   `json:"accessed"`
	UID      int         `json:"uid"`
	GID      int         `json:"gid"`
}

func infoOf(i transfer.Info) *Info {
	return &Info{i.Name, i.Size, i.Mode, i.Modified.UTC(), i.Accessed.UTC(), i.UID, i.GID}
}

func (i Info) info() transfer.Info {
	return transfer.Info{Name: i.Name, Size: i.Size, Mode: i.Mode, Modified: i.Modified, Accessed: i.Accessed, UID: i.UID, GID: i.GID}
}
