package command

import (
	"fmt"
	"time"

	"gofab/internal/secret"
	"gofab/internal/shell"
)

// Options say where, as whom and how a command runs. The tags are the
// interface of h:run and its documentation.
type Options struct {
	Cwd    string            `lua:"cwd" default:"" doc:"Working directory. A relative one starts at the login directory; ~ and ~user are expanded. The command does not run if it cannot be entered."`
	Env    map[string]string `lua:"env" default:"" doc:"Environment variables to set for the command; they survive sudo. Everybody on the host may see them, so no secrets."`
	Umask  string            `lua:"umask" default:"" doc:"File mode creation mask in octal, e.g. 027."`
	Prefix []string          `lua:"prefix" default:"" doc:"Commands to run first in the same shell, e.g. '. venv/bin/activate'. The first one that fails ends the command with its exit code."`

	Sudo     bool         `lua:"sudo" default:"false" doc:"Run as root through sudo, with cwd, env and prefix inside."`
	User     string       `lua:"user" default:"" doc:"Run as this user through sudo: a name, or # and a number."`
	Password secret.Value `lua:"password" default:"" doc:"Password for sudo. Without it the run's own is used, which is asked for once when the first host wants it."`

	Shell Shell `lua:"shell" default:"/bin/sh" doc:"Path of the shell that runs the line. With false the line is sent as it is, for network devices and the like; cwd, env, sudo and so on are refused then."`
	Login bool  `lua:"login" default:"false" doc:"Have the shell read the profile of the user first, as at a login."`

	PTY   bool         `lua:"pty" default:"false" doc:"Run in a pseudo terminal. Standard error becomes part of standard output, and lines end with CR LF."`
	Stdin secret.Value `lua:"stdin" default:"" doc:"Text for standard input, which is empty otherwise. It comes after the password of sudo and is never shown."`
	Watch []Answer     `lua:"watch" default:"" doc:"Answers to questions that the command asks. Standard input stays open while it runs."`

	Timeout time.Duration `lua:"timeout" default:"0s" doc:"Limit for one attempt; 0 is none. The command and its children are ended then; waiting for a password does not count."`
	Retries int           `lua:"retries" default:"0" doc:"How many times to try again after a refused exit code or a timeout."`
	Delay   time.Duration `lua:"delay" default:"1s" doc:"Pause before each further attempt."`

	Check     bool  `lua:"check" default:"true" doc:"Raise an error when the exit code is not 0 or in ok_codes, or when the timeout is reached. With false, look at the result."`
	OKCodes   []int `lua:"ok_codes" default:"" doc:"Further exit codes that are no failure, e.g. {1} for grep."`
	Hide      bool  `lua:"hide" default:"false" doc:"Do not show output while the command runs. The result holds it all the same."`
	MaxOutput int   `lua:"max_output" default:"1048576" doc:"How many bytes of each output stream are kept of its beginning, and as many of its end. What lies between is left out, and the result is marked as truncated."`

	Detach bool `lua:"detach" default:"false" doc:"Start the command in the background and return at once. It survives the end of the connection; its output is dropped unless the line redirects it."`
	Dry    bool `lua:"dry" default:"false" doc:"Check and compose the command, run nothing."`
}

// Answer is one reply to a question of a command.
type Answer struct {
	Pattern string       `lua:"pattern,arg1" doc:"Regular expression in Go's syntax (RE2), searched in the output as it arrives, across lines."`
	Reply   secret.Value `lua:"reply,arg2" doc:"What to write to standard input when it is found. Enter is \\n, it is not added."`
	Max     int          `lua:"max" default:"3" doc:"How often to answer. One question more ends the command, since the answer is not accepted then."`
}

// Result is what a command left.
type Result struct {
	OK      bool   `lua:"ok" doc:"Whether the exit code was 0 or in ok_codes."`
	Code    int    `lua:"code" doc:"Exit code; 128 plus the number of the signal that ended the command; -1 when there is none, after a timeout for instance."`
	Signal  string `lua:"signal" doc:"The signal that ended the command, without SIG, e.g. KILL. Empty after a normal exit."`
	Stdout  string `lua:"stdout" doc:"Standard output, byte by byte."`
	Stderr  string `lua:"stderr" doc:"Standard error, byte by byte."`
	Command string `lua:"command" doc:"The command as it was given; an argument list is quoted."`
	Host    string `lua:"host" doc:"Name of the host."`

	Duration time.Duration `lua:"duration" doc:"How long the last attempt took."`
	Attempts int           `lua:"attempts" doc:"How many times the command was started."`
	TimedOut bool          `lua:"timed_out" doc:"Whether the last attempt reached its timeout."`

	Truncated   bool  `lua:"truncated" doc:"Whether something was left out of stdout or stderr, because there was more than max_output allows."`
	StdoutBytes int64 `lua:"stdout_bytes" doc:"Length of the whole standard output in bytes."`
	StderrBytes int64 `lua:"stderr_bytes" doc:"Length of the whole standard error in bytes."`

	Dry  bool   `lua:"dry" doc:"Whether nothing was run because dry was set."`
	Line string `lua:"line" doc:"The line that was sent to the host, with everything around the command."`
}

// Defaults are the options that the tags name.
func Defaults() Options {
	return Options{Shell: shell.POSIX, Delay: time.Second, Check: true, MaxOutput: 1 << 20}
}

// Shell is the path of a shell, or NoShell. The zero value is shell.POSIX.
type Shell string

// NoShell sends a line as it is.
const NoShell Shell = "none"

// FromLua takes a path or false.
func (s *Shell) FromLua(value any) error {
	switch value := value.(type) {
	case string:
		*s = Shell(value)
	case bool:
		*s = NoShell
		if value {
			*s = shell.POSIX
		}
	default:
		return fmt.Errorf("want the path of a shell or false, got %T", value)
	}
	return nil
}

// LuaType names what FromLua takes.
func (s *Shell) LuaType() string { return "string|false" }
