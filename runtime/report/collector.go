package report

import (
	"strings"
	"time"

	"gofab/runtime/event"
)

// Limits of how many things a report keeps.
const (
	maxCommands     = 100_000
	maxTransfers    = 20_000
	maxMessages     = 5_000
	maxMessageBytes = 2 << 20
)

// local is the name of this machine, which events leave empty.
const local = "local"

// Collector is a sink that puts a Report together. It is used by the goroutine
// that serves the sinks alone.
type Collector struct {
	detail  Detail
	report  Report
	planned []string // the tasks as run_start names them
	began   bool
	last    time.Time
	hosts   map[string]*track
	running map[running]*job
	outputs map[string]string // equal outputs are kept once
	kept    int               // bytes in outputs
	said    int               // bytes in messages
	partial bool              // the last print has not ended its line
	ending  *event.Summary    // what run_end said
}

// running is a command that has not ended: its number, or its host where it has
// none.
type running struct {
	id   uint64
	host string
}

// job is a command and its outputs while it runs.
type job struct {
	command *Command
	out     [2]clip // stdout, stderr
	settled bool    // the outputs are in the command
}

// track is a host while it is followed.
type track struct {
	*Host
	open   *Visit          // the task it is in
	acts   []event.Seconds // when something was done there: first and last
	ended  bool            // a host_state has told how
	answer event.State     // what a group_result said
	last   *Command
}

// Detail is how much a collector keeps.
type Detail int

// Fates are how hosts and tasks ended; Commands adds what was run and sent, and
// what was said; Outputs adds what commands wrote.
const (
	Fates Detail = iota
	Commands
	Outputs
)

// NewCollector makes a collector of one run.
func NewCollector(detail Detail) *Collector {
	return &Collector{
		detail: detail,
		report: Report{
			Version: Version, Tasks: []Task{}, Hosts: []*Host{}, Commands: []*Command{}, Transfers: []Transfer{},
			Problems: []event.Failure{}, Messages: []Message{},
		},
		hosts: map[string]*track{}, running: map[running]*job{}, outputs: map[string]string{},
	}
}

// Want makes the collector keep at least so much. It is for before the run.
func (c *Collector) Want(detail Detail) { c.detail = max(c.detail, detail) }

// Flush has nothing to do.
func (c *Collector) Flush() error { return nil }

// Handle takes one event.
func (c *Collector) Handle(entry event.Entry) error {
	if !c.began {
		c.began, c.report.Started = true, entry.Time
	}
	now := event.Seconds(entry.Time.Sub(c.report.Started))
	c.last = entry.Time
	switch e := entry.Event.(type) {
	case event.RunStart:
		c.runStart(e)
	case event.TaskStart:
		c.taskStart(e, now)
	case event.TaskEnd:
		c.taskEnd(e, now)
	case event.HostState:
		c.hostState(e)
	case event.Connected:
		c.connected(e, now)
	case event.GroupStart:
		for _, name := range e.Hosts {
			c.host(name)
		}
	case event.GroupResult:
		c.groupResult(e)
	case event.CommandStart:
		c.commandStart(e, now)
	case event.Output:
		c.output(e)
	case event.CommandEnd:
		c.commandEnd(e, now)
	case event.Transfer:
		c.transfer(e, now)
	case event.Print:
		c.print(e, now)
	case event.Log:
		if e.Level != event.Debug {
			c.say(Message{Time: now, Level: string(e.Level), Host: e.Host, Text: e.Text, Fields: e.Fields})
		}
	case event.Warning:
		c.say(Message{Time: now, Level: string(event.Warn), Host: e.Host, Text: e.Text, Hint: e.Hint})
	case event.Problem:
		c.problem(e)
	case event.RunEnd:
		c.ending = &e.Summary
	}
	return nil
}

// host gives the track of a host, which begins with its first mention.
func (c *Collector) host(name string) *track {
	if name == "" {
		name = local
	}
	h := c.hosts[name]
	if h == nil {
		h = &track{Host: &Host{Name: name, Tasks: []*Visit{}}}
		c.hosts[name] = h
		c.report.Hosts = append(c.report.Hosts, h.Host)
	}
	return h
}

// act notes that something was done on a host at a time.
func (h *track) act(at event.Seconds) {
	if len(h.acts) == 0 {
		h.acts = []event.Seconds{at, at}
	}
	h.acts[0], h.acts[1] = min(h.acts[0], at), max(h.acts[1], at)
}

// task names the task that a host is in: its own, or that of this machine,
// which works on others.
func (c *Collector) task(h *track) string {
	if h.open != nil {
		return h.open.Task
	}
	if here := c.hosts[local]; here != nil && here.open != nil {
		return here.open.Task
	}
	if len(c.planned) == 1 {
		return c.planned[0]
	}
	return ""
}

func (c *Collector) runStart(e event.RunStart) {
	c.report.File, c.report.Check, c.planned = e.File, e.Check, e.Tasks
	for _, name := range e.Hosts {
		c.host(name)
	}
}

func (c *Collector) taskStart(e event.TaskStart, now event.Seconds) {
	h := c.host(e.Host)
	h.act(now)
	h.open = &Visit{Task: e.Task, Start: now}
	h.Tasks = append(h.Tasks, h.open)
}

func (c *Collector) taskEnd(e event.TaskEnd, now event.Seconds) {
	h := c.host(e.Host)
	h.act(now)
	v := h.open
	if v == nil || v.Task != e.Task { // its start was not told
		v = &Visit{Task: e.Task, Start: max(0, now-e.Duration)}
		h.Tasks = append(h.Tasks, v)
	}
	v.State, v.Duration, v.Error, h.open = e.State, e.Duration, e.Error, nil
}

func (c *Collector) hostState(e event.HostState) {
	h := c.host(e.Host)
	h.State, h.Error, h.ended = e.State, e.Error, true
}

func (c *Collector) connected(e event.Connected, now event.Seconds) {
	h := c.host(e.Host)
	h.act(max(0, now-e.Duration))
	h.act(now)
	h.Connect += e.Duration
	h.Address, h.User = e.Address, e.User
}

func (c *Collector) transfer(e event.Transfer, now event.Seconds) {
	h := c.host(e.Host)
	h.act(now)
	switch {
	case !e.Finished || c.detail < Commands:
	case len(c.report.Transfers) == maxTransfers:
		c.report.LeftOut.Transfers++
	default:
		c.report.Transfers = append(c.report.Transfers, Transfer{
			Host: h.Name, Task: c.task(h), Direction: e.Direction, Path: e.Path, Bytes: e.Done,
			Start: max(0, now-e.Duration), Duration: e.Duration,
		})
	}
}

func (c *Collector) problem(e event.Problem) {
	if e.Error != nil && len(c.report.Problems) < maxMessages {
		c.report.Problems = append(c.report.Problems, *e.Error)
	}
}

// print joins the pieces of a line that the script wrote one by one.
func (c *Collector) print(e event.Print, now event.Seconds) {
	if c.detail < Commands {
		return
	}
	all := c.report.Messages
	if c.partial && e.Host == "" && len(all) > 0 && all[len(all)-1].Level == "print" && c.said < maxMessageBytes {
		all[len(all)-1].Text += strings.TrimSuffix(e.Text, "\n")
		c.said += len(e.Text)
	} else {
		c.say(Message{Time: now, Level: "print", Host: e.Host, Text: strings.TrimSuffix(e.Text, "\n")})
	}
	c.partial = e.Host == "" && !strings.HasSuffix(e.Text, "\n")
}

func (c *Collector) say(m Message) {
	if c.detail < Commands {
		return
	}
	if len(c.report.Messages) == maxMessages || c.said+len(m.Text) > maxMessageBytes {
		c.report.LeftOut.Messages++
		return
	}
	c.said += len(m.Text)
	c.report.Messages = append(c.report.Messages, m)
}
