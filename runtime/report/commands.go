package report

import "gofab/runtime/event"

// The part of a Collector that follows commands.

func (c *Collector) commandStart(e event.CommandStart, now event.Seconds) {
	h := c.host(e.Host)
	h.act(now)
	h.Commands++
	if c.detail < Commands {
		return
	}
	if len(c.report.Commands) == maxCommands {
		c.report.LeftOut.Commands++
		return
	}
	h.last = &Command{
		Host: h.Name, Task: c.task(h), Command: e.Command, Cwd: e.Cwd, User: e.User, Dry: e.Dry, Sent: e.Sent, Hidden: e.Hidden,
		OK: e.Dry, Start: now,
	}
	c.report.Commands = append(c.report.Commands, h.last)
	if e.Dry {
		return // there is no end of it
	}
	c.running[running{e.ID, e.Host}] = &job{command: h.last}
}

func (c *Collector) output(e event.Output) {
	if c.detail < Outputs {
		return
	}
	j := c.running[running{e.ID, e.Host}]
	if j == nil {
		c.report.LeftOut.Output += int64(len(e.Line))
		return
	}
	text := e.Line
	if !e.Partial {
		text += "\n"
	}
	stream := 0
	if e.Stream == event.Stderr {
		stream = 1
	}
	j.out[stream].add(text)
}

func (c *Collector) commandEnd(e event.CommandEnd, now event.Seconds) {
	h := c.host(e.Host)
	h.act(now)
	key := running{e.ID, e.Host}
	j := c.running[key]
	if j == nil {
		return // beyond the number that is kept
	}
	delete(c.running, key)
	j.command.Code, j.command.OK, j.command.Attempts, j.command.Duration = e.Code, e.OK, e.Attempts, e.Duration
	c.settle(j)
}

// settle keeps what a command has written.
func (c *Collector) settle(j *job) {
	j.settled = true
	j.command.Stdout, j.command.StdoutBytes = c.keep(&j.out[0]), j.out[0].total
	j.command.Stderr, j.command.StderrBytes = c.keep(&j.out[1]), j.out[1].total
}

// keep gives the text of an output, the same string for the same text.
func (c *Collector) keep(out *clip) string {
	limit := maxStream
	if c.kept > maxOutput {
		limit = thrifty
	}
	text, left := out.text(limit)
	c.report.LeftOut.Output += left
	if known, ok := c.outputs[text]; ok {
		return known
	}
	c.outputs[text] = text
	c.kept += len(text)
	return text
}

// groupResult tells the output of commands whose lines were not shown one by
// one, and how hosts fared that had none.
func (c *Collector) groupResult(e event.GroupResult) {
	for _, group := range e.Groups {
		for _, name := range group.Hosts {
			h := c.host(name)
			h.answer = group.State
			if c.detail < Outputs || h.last == nil || h.last.Command != e.Command || h.last.StdoutBytes+h.last.StderrBytes > 0 {
				continue
			}
			var out clip
			out.add(group.Output)
			h.last.Stdout, h.last.StdoutBytes = c.keep(&out), out.total
		}
	}
}
