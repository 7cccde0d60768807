package event

// RunStart is the first event of a run.
type RunStart struct {
	File  string   `json:"file"`            // the fabfile, as it was named
	Tasks []string `json:"tasks"`           // in the order they will run
	Hosts []string `json:"hosts"`           // all hosts the run may touch
	Check bool     `json:"check,omitempty"` // a dry run: nothing is changed
	// Visits is how many times a task will run on a host, so that readers can tell
	// how far a run is; 0 when it is not known.
	Visits int `json:"visits,omitempty"`
}

// RunEnd is the last event of a run.
type RunEnd struct {
	Summary Summary `json:"summary"`
}

// TaskStart is the start of a task, on one host or, with no host, on this side.
type TaskStart struct {
	Task string `json:"task"`
	Host string `json:"host,omitempty"`
}

// TaskEnd is the end of a task.
type TaskEnd struct {
	Task     string   `json:"task"`
	Host     string   `json:"host,omitempty"`
	State    State    `json:"state"`
	Duration Seconds  `json:"duration"`
	Error    *Failure `json:"error,omitempty"`
}

// HostState is the state in which a host ended.
type HostState struct {
	Host  string   `json:"host"`
	State State    `json:"state"`
	Error *Failure `json:"error,omitempty"`
}

// Connected is a new connection.
type Connected struct {
	Host      string  `json:"host"`
	Transport string  `json:"transport"` // ssh, local, sandbox
	Address   string  `json:"address,omitempty"`
	User      string  `json:"user,omitempty"`
	Detail    string  `json:"detail,omitempty"` // negotiated algorithms, jump hosts
	Duration  Seconds `json:"duration"`
	Steps     *Steps  `json:"steps,omitempty"` // of SSH
}

// Batch is the start of one batch of a rollout that has several.
type Batch struct {
	Task   string   `json:"task,omitempty"` // what is rolled out; empty for a group
	Number int      `json:"number"`         // 1 is the first
	Total  int      `json:"total"`
	Hosts  []string `json:"hosts"`
	Left   int      `json:"left"` // hosts after this batch
}

// GroupStart is the start of one command on many hosts.
type GroupStart struct {
	Hosts   []string `json:"hosts"`
	Command string   `json:"command"`
	Hidden  bool     `json:"hidden,omitempty"`
}

// GroupResult ends a GroupStart: the answers of all hosts, equal ones together.
type GroupResult struct {
	Command string   `json:"command,omitempty"`
	Groups  []Folded `json:"groups"`
	Hidden  bool     `json:"hidden,omitempty"` // not to be shown, e.g. since the lines were shown live
}

// CommandStart is the start of a command on one host.
type CommandStart struct {
	ID      uint64 `json:"id,omitempty"` // ties it to its Output and CommandEnd
	Host    string `json:"host"`
	Command string `json:"command"`
	Cwd     string `json:"cwd,omitempty"`
	User    string `json:"user,omitempty"`   // the user it is changed to by sudo
	Dry     bool   `json:"dry,omitempty"`    // shown but not run; it has no CommandEnd
	Sent    string `json:"sent,omitempty"`   // the line as the host gets it, when somebody asked for that
	Group   bool   `json:"group,omitempty"`  // part of a GroupStart
	Hidden  bool   `json:"hidden,omitempty"` // the script asked for silence
}

// Output is one line a command wrote, without its line end.
type Output struct {
	ID      uint64 `json:"id,omitempty"`
	Host    string `json:"host"`
	Stream  string `json:"stream"` // stdout, stderr
	Line    string `json:"line"`
	Partial bool   `json:"partial,omitempty"` // the line goes on in the next Output
	Hidden  bool   `json:"hidden,omitempty"`
}

// CommandEnd is the end of a command. Code is nil when no exit status came.
type CommandEnd struct {
	ID       uint64  `json:"id,omitempty"`
	Host     string  `json:"host"`
	Command  string  `json:"command"`
	Code     *int    `json:"code"`
	OK       bool    `json:"ok"`
	Duration Seconds `json:"duration"`
	Attempts int     `json:"attempts"`
	Group    bool    `json:"group,omitempty"`
	Hidden   bool    `json:"hidden,omitempty"`
}

// Transfer is the progress of one put or get. Its last event has Finished set.
type Transfer struct {
	Host      string  `json:"host"`
	Direction string  `json:"direction"` // put, get
	Path      string  `json:"path"`
	Done      int64   `json:"done"`  // bytes
	Total     int64   `json:"total"` // bytes; -1 when nobody knows
	Finished  bool    `json:"finished,omitempty"`
	Duration  Seconds `json:"duration"`
}

// Print is the script's own output, with its line ends, as print and io.write
// gave it.
type Print struct {
	Host string `json:"host,omitempty"`
	Text string `json:"text"`
}

// Log is a line of the script's or gofab's log.
type Log struct {
	Level  Level          `json:"level"`
	Host   string         `json:"host,omitempty"`
	Text   string         `json:"text"`
	Fields map[string]any `json:"fields,omitempty"`
}

// Warning is something the operator should know although the run goes on.
type Warning struct {
	Host string `json:"host,omitempty"`
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
}

// Problem is an error that belongs to the run and to no task: a fabfile that
// does not load, an inventory that cannot be read.
type Problem struct {
	Error *Failure `json:"error"`
}
