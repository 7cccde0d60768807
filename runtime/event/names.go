package event

// Names are part of the jsonl format: they never change.

func (RunStart) Name() string     { return "run_start" }
func (RunEnd) Name() string       { return "run_end" }
func (TaskStart) Name() string    { return "task_start" }
func (TaskEnd) Name() string      { return "task_end" }
func (HostState) Name() string    { return "host_state" }
func (Connected) Name() string    { return "connected" }
func (Batch) Name() string        { return "batch" }
func (GroupStart) Name() string   { return "group_start" }
func (GroupResult) Name() string  { return "group_result" }
func (CommandStart) Name() string { return "command_start" }
func (Output) Name() string       { return "output" }
func (CommandEnd) Name() string   { return "command_end" }
func (Transfer) Name() string     { return "transfer" }
func (Print) Name() string        { return "print" }
func (Log) Name() string          { return "log" }
func (Warning) Name() string      { return "warning" }
func (Problem) Name() string      { return "problem" }

// thisMachine is the host of what runs here.
const thisMachine = "local"
