// Package report is a whole run as one document: collected from the events
// while they happen, and written as JSON, as JUnit XML, as a page in HTML, or as
// the tables at the end of the text.
//
// Rules: every host that a run names is in the report once, in exactly one
// state. What is kept is bounded, whatever the hosts write; what was left out is
// counted. Texts are raw in a Report; each writer makes them safe for its
// format. Equal outputs are kept once.
package report

import (
	"time"

	"gofab/internal/fault"
	"gofab/runtime/event"
)

// Version is the number of the JSON format. It grows when a key changes its
// meaning or goes away; new keys may come at any time.
const Version = 1

// Report is a run from its start to its end. The doc tags are the documentation
// of the JSON format.
type Report struct {
	Version   int             `json:"gofab_report" doc:"Version of this format: 1."`
	File      string          `json:"file" doc:"The fabfile as it was named; exec for gofab exec."`
	Check     bool            `json:"check" doc:"A dry run: nothing was changed."`
	Complete  bool            `json:"complete" doc:"The run came to its end and told how every host fared."`
	Started   time.Time       `json:"started" doc:"When the run began (RFC 3339)."`
	Duration  event.Seconds   `json:"duration" doc:"Seconds from start to end."`
	Summary   Summary         `json:"summary" doc:"The run in numbers."`
	Tasks     []Task          `json:"tasks" doc:"The tasks in the order in which they began."`
	Hosts     []*Host         `json:"hosts" doc:"Every host of the run, once, in the order of the inventory."`
	Commands  []*Command      `json:"commands" doc:"The commands in the order in which they began."`
	Transfers []Transfer      `json:"transfers" doc:"Files that were sent or fetched."`
	Problems  []event.Failure `json:"problems" doc:"Errors that belong to the run and to no host."`
	Messages  []Message       `json:"messages" doc:"What the script printed and logged, and warnings."`
	LeftOut   LeftOut         `json:"left_out" doc:"What was too much to keep."`
}

// Summary is a run in numbers.
type Summary struct {
	Hosts  int                 `json:"hosts" doc:"Number of hosts."`
	States map[event.State]int `json:"states" doc:"Number of hosts in each state that occurs."`
}

// Task is one task over all its hosts.
type Task struct {
	Name     string              `json:"name" doc:"Name of the task; empty for what a plain script did."`
	Start    event.Seconds       `json:"start" doc:"Seconds from the start of the run to its first host."`
	Duration event.Seconds       `json:"duration" doc:"Seconds from its first host's start to its last one's end."`
	States   map[event.State]int `json:"states" doc:"Number of hosts in each state that occurs."`
}

// Host is one machine and what it went through.
type Host struct {
	Name     string         `json:"name" doc:"Name of the host; local is this machine."`
	State    event.State    `json:"state" doc:"How it ended: one of the states."`
	Error    *event.Failure `json:"error,omitempty" doc:"Why, when it is not well."`
	Start    event.Seconds  `json:"start" doc:"Seconds from the start of the run to its first task."`
	Duration event.Seconds  `json:"duration" doc:"Seconds that it was at work."`
	Connect  event.Seconds  `json:"connect" doc:"Seconds of these for connections."`
	Address  string         `json:"address,omitempty" doc:"Where it was reached."`
	User     string         `json:"user,omitempty" doc:"Login name."`
	Commands int            `json:"commands" doc:"Number of commands it ran."`
	Tasks    []*Visit       `json:"tasks" doc:"Its tasks in order."`
}

// Visit is one task on one host.
type Visit struct {
	Task     string         `json:"task" doc:"Name of the task."`
	State    event.State    `json:"state" doc:"How it ended there."`
	Start    event.Seconds  `json:"start" doc:"Seconds from the start of the run."`
	Duration event.Seconds  `json:"duration" doc:"How long it took, in seconds."`
	Error    *event.Failure `json:"error,omitempty" doc:"Why, when it is not well."`
}

// Command is one command on one host.
type Command struct {
	Host        string        `json:"host" doc:"Name of the host."`
	Task        string        `json:"task" doc:"The task that ran it."`
	Command     string        `json:"command" doc:"The command as the script has it."`
	Cwd         string        `json:"cwd,omitempty" doc:"Its working folder."`
	User        string        `json:"user,omitempty" doc:"The user it was changed to."`
	Dry         bool          `json:"dry,omitempty" doc:"Shown but not run."`
	Sent        string        `json:"sent,omitempty" doc:"The line as the host gets it, in a dry run."`
	Start       event.Seconds `json:"start" doc:"Seconds from the start of the run."`
	Duration    event.Seconds `json:"duration" doc:"How long it took, in seconds."`
	Code        *int          `json:"code" doc:"Exit code; null when none came."`
	OK          bool          `json:"ok" doc:"The code is one that the script accepts."`
	Attempts    int           `json:"attempts" doc:"How often it was tried."`
	Stdout      string        `json:"stdout" doc:"What it wrote; beginning and end where it was long."`
	Stderr      string        `json:"stderr" doc:"The same of standard error."`
	StdoutBytes int64         `json:"stdout_bytes" doc:"How much it wrote."`
	StderrBytes int64         `json:"stderr_bytes" doc:"The same of standard error."`
	Hidden      bool          `json:"hidden,omitempty" doc:"The script asked for silence; there is no output."`
}

// Transfer is a file that was sent or fetched.
type Transfer struct {
	Host      string        `json:"host" doc:"Name of the host."`
	Task      string        `json:"task" doc:"The task that did it."`
	Direction string        `json:"direction" doc:"put or get."`
	Path      string        `json:"path" doc:"The file."`
	Bytes     int64         `json:"bytes" doc:"How much was moved."`
	Start     event.Seconds `json:"start" doc:"Seconds from the start of the run."`
	Duration  event.Seconds `json:"duration" doc:"How long it took, in seconds."`
}

// Message is something that the script or gofab said.
type Message struct {
	Time   event.Seconds  `json:"time" doc:"Seconds from the start of the run."`
	Level  string         `json:"level" doc:"print, info, warn or error."`
	Host   string         `json:"host,omitempty" doc:"The host that it is about."`
	Text   string         `json:"text" doc:"What was said."`
	Hint   string         `json:"hint,omitempty" doc:"What to try."`
	Fields map[string]any `json:"fields,omitempty" doc:"Values of a log line."`
}

// LeftOut counts what a report does not hold.
type LeftOut struct {
	Commands  int   `json:"commands" doc:"Commands beyond the first 100,000."`
	Transfers int   `json:"transfers" doc:"Transfers beyond the first 20,000."`
	Messages  int   `json:"messages" doc:"Messages beyond 5,000, or 2 MiB of them."`
	Output    int64 `json:"output" doc:"Bytes of output: of a stream the middle beyond 64 KiB, of all 64 MiB, equal ones counted once."`
}

// stateOf tells the state in which an error of a kind leaves a host.
func stateOf(kind fault.Kind) event.State {
	switch kind {
	case fault.Unreachable, fault.Auth, fault.HostKey:
		return event.Unreachable
	case fault.Timeout:
		return event.Timeout
	case fault.Cancelled:
		return event.Cancelled
	case fault.Lost:
		return event.Unknown
	default:
		return event.Failed
	}
}
