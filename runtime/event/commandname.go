package event

import "strings"

// CommandNames finds out which commands of several hosts are the same one. Equal
// texts are, and texts that differ in the host's own name alone: those are
// shown with {host} in its place.
type CommandNames struct{ known map[taskText]*CommandName }

type taskText struct{ task, text string }

// CommandName is one command of a task, whatever hosts run it.
type CommandName struct {
	Text  string
	turns map[string]int // how often each host has run it
}

// Of gives the command that a host runs.
func (n *CommandNames) Of(task, host, command string) *CommandName {
	if n.known == nil {
		n.known = map[taskText]*CommandName{}
	}
	if known := n.known[taskText{task, command}]; known != nil {
		return known
	}
	general := command
	if len(host) > 2 { // shorter names are part of other words
		general = strings.ReplaceAll(command, host, "{host}")
	}
	known := n.known[taskText{task, general}]
	if known == nil {
		known = &CommandName{Text: command, turns: map[string]int{}}
		n.known[taskText{task, general}] = known
	} else {
		known.Text = general
	}
	n.known[taskText{task, command}] = known
	return known
}

// Turn counts how often a host has run the command.
func (c *CommandName) Turn(host string) int {
	c.turns[host]++
	return c.turns[host]
}
