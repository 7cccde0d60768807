package journal

import (
	"encoding/json"
	"time"

	"gofab/internal/fault"
	"gofab/runtime/event"
)

// The lines of a journal, one JSON object each. "type" tells which it is; what
// a reader does not know, it leaves out.
const (
	typeRun   = "run"        // the first line
	typeCall  = "call"       // a task of the plan
	typeStart = "start"      // a task begins on a host
	typeEnd   = "end"        // and ends there
	typeBegun = "step_start" // a step of a task begins
	typeDone  = "step_end"   // and ends
	typeExit  = "exit"       // the end of the run
)

// version is that of the format.
const version = 1

// Head is the first line: which run it was.
type Head struct {
	Version int        `json:"version"`
	ID      string     `json:"id"`
	Time    time.Time  `json:"time"`
	User    string     `json:"user"`
	PID     int        `json:"pid"`
	Dir     string     `json:"dir"`               // working folder
	File    string     `json:"file"`              // the fabfile, as it was named
	Hash    string     `json:"hash"`              // SHA-256 of it
	Words   []string   `json:"words"`             // what followed the file
	Flags   [][]string `json:"flags"`             // gofab's own options: name and values
	Resumes string     `json:"resumes,omitempty"` // the run that it goes on with
}

// Call is a task of the plan with its arguments.
type Call struct {
	Task  string         `json:"task"`
	Args  map[string]any `json:"args,omitempty"`
	Hosts []string       `json:"hosts,omitempty"` // where it was to run
	Once  bool           `json:"once,omitempty"`  // on any one of them
}

// Exit is the last line of a run that came to its end.
type Exit struct {
	Code     int                 `json:"code"`
	Duration event.Seconds       `json:"duration"`
	States   map[event.State]int `json:"states"`
	NotOK    []string            `json:"not_ok,omitempty"` // hosts in any other state
}

type headLine struct {
	Type string `json:"type"`
	Head
}

type callLine struct {
	Type   string `json:"type"`
	Number int    `json:"call"`
	Call
}

type exitLine struct {
	Type string    `json:"type"`
	Time time.Time `json:"time"`
	Exit
}

// place is one task of the plan on one host.
type place struct {
	Call int    `json:"call"`
	Host string `json:"host"`
}

type startLine struct {
	Type string    `json:"type"`
	Time time.Time `json:"time"`
	place
}

type endLine struct {
	Type string    `json:"type"`
	Time time.Time `json:"time"`
	place
	State    event.State     `json:"state"`
	Duration event.Seconds   `json:"duration"`
	Kind     fault.Kind      `json:"kind,omitempty"`
	Error    string          `json:"error,omitempty"`
	Value    json.RawMessage `json:"value,omitempty"`  // what the task gave
	Before   bool            `json:"before,omitempty"` // taken over from the run that is resumed
}

// stepName is a step within a visit.
type stepName struct {
	Path string `json:"step"`         // "outer/inner"
	On   string `json:"on,omitempty"` // the host, where it is not that of the visit
}

type stepLine struct {
	Type string    `json:"type"`
	Time time.Time `json:"time"`
	place
	stepName
	State  event.State     `json:"state,omitempty"` // of its end
	Value  json.RawMessage `json:"value,omitempty"` // what it returned
	Secret bool            `json:"secret,omitempty"`
	Before bool            `json:"before,omitempty"`
}
