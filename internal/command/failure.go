package command

import (
	"context"
	"strings"
	"unicode/utf8"

	"gofab/internal/fault"
	"gofab/internal/shell"
)

// Lengths in a message, in characters.
const (
	commandLength = 100
	reasonLength  = 300
)

// onHost names the host in an error, unless it names one already.
func onHost(host string, err error) *fault.Error {
	failure := *fault.From(err)
	if failure.Host == "" {
		failure.Host = host
	}
	return &failure
}

// exitError is nil for an exit that is accepted.
func (j *job) exitError(r Result) error {
	if r.OK {
		return nil
	}
	e := fault.New(fault.Exit, "command exited with %d: %s", r.Code, j.short())
	if r.Signal != "" {
		e = fault.New(fault.Exit, "command was killed by signal %s: %s", r.Signal, j.short())
	}
	if reason := reason(r); reason != "" {
		e.Message += ": " + reason
	}
	e.Hint = hint(r)
	return e
}

// reason is the last line of what the command had to say about it.
func reason(r Result) string {
	if line := lastLine(r.Stderr); line != "" {
		return line
	}
	return lastLine(r.Stdout)
}

func lastLine(text string) string {
	text = strings.TrimRight(text, " \t\r\n")
	if at := strings.LastIndexAny(text, "\r\n"); at >= 0 {
		text = text[at+1:]
	}
	return shorten(strings.TrimSpace(text), reasonLength)
}

// hint explains the codes that shells and sudo have a meaning for.
func hint(r Result) string {
	switch {
	case strings.Contains(r.Stderr, "sudo: a password is required"), strings.Contains(r.Stderr, "sudo: a terminal is required"):
		return "sudo wants a password on this host; give one, or allow the user to run sudo without"
	case r.Code == 127:
		return "a program was not found; give its full path, or set PATH with env or login"
	case r.Code == 126:
		return "a program was found but could not be run; look at its mode and its file system"
	case r.Code == 137 || r.Signal == "KILL":
		return "something sent KILL, often the kernel when memory ran out; look into dmesg"
	}
	return ""
}

func (j *job) timedOut() error {
	return fault.New(fault.Timeout, "command took longer than %s: %s", j.options.Timeout, j.short()).
		WithHint("raise timeout, or look at what it waits for")
}

// cancelled is the end of the whole run or task.
func (j *job) cancelled() error {
	cause := context.Cause(j.ctx)
	if fault.KindOf(cause) == fault.Timeout {
		return fault.New(fault.Timeout, "command was ended by a time limit around it: %s", j.short())
	}
	return fault.New(fault.Cancelled, "command was cancelled: %s", j.short())
}

func (j *job) refused(reason string) error {
	e := fault.New(fault.Auth, "%s refused the password: %s", j.method(), j.short())
	if reason != "" {
		e.Message += ": " + reason
	}
	switch j.method() {
	case shell.Su:
		return e.WithHint("su wants the password of %s, not that of the login user", j.options.As())
	case shell.Doas:
		return e.WithHint("check the password, and doas.conf on the host")
	}
	return e.WithHint("check the password, and with sudo -l on the host that the user may run a shell as %s", j.options.As())
}

// sinkError words a failure of what takes the standard output.
func sinkError(err error) error { return fault.OS(err, "cannot write the output") }

func (j *job) noPassword(err error) error {
	e := fault.Wrap(fault.Auth, err, "%s wants a password", j.method())
	if kind := fault.KindOf(err); kind == fault.Cancelled {
		e.Kind = kind
	}
	return e
}

// short is the command in a message.
func (j *job) short() string {
	first, more, cut := strings.Cut(strings.TrimSpace(j.text), "\n")
	if cut && strings.TrimSpace(more) != "" {
		first += " ..."
	}
	return shorten(first, commandLength)
}

func shorten(text string, length int) string {
	if utf8.RuneCountInString(text) <= length {
		return text
	}
	runes := []rune(text)
	return string(runes[:length-3]) + "..."
}
