package command

import (
	"time"

	"gofab/internal/secret"
)

// Options are everything that can be said of one command.
type Options struct {
	Scope

	Stdin  Input    `lua:"stdin" default:"" doc:"Standard input, which is empty otherwise: a text or a secret; { file = \"dump.sql\" } for a file of this machine of any size; \"terminal\" for what the operator types, on one host at a time. It comes after the password of become and is never shown."`
	Watch  []Answer `lua:"watch" default:"" doc:"Answers to questions that the command asks. Standard input stays open while it runs."`
	FailOn []string `lua:"fail_on" default:"" doc:"Regular expressions, as in watch. As soon as the output matches one, the command is ended and an error raised, whatever check says."`
	OnLine Func     `lua:"on_line" default:"" doc:"function(stream, line): told each line of output as it arrives, of \"stdout\" or \"stderr\". The command waits for it; an error in it ends the command."`
	Save   string   `lua:"save" default:"" doc:"File of this machine that gets the whole output of both streams as it arrives; {host} is the host's name. The result holds what max_output allows all the same."`
	Stdout Output   `lua:"stdout" default:"" doc:"{ file = \"out.bin\" }: standard output goes into this file of this machine as it is, and neither on the screen nor into the result; {host} is the host's name."`

	Retries int           `lua:"retries" default:"0" doc:"How many times to try again after a refused exit code or a timeout."`
	Delay   time.Duration `lua:"delay" default:"1s" doc:"Pause before each further attempt."`
	OKCodes []int         `lua:"ok_codes" default:"" doc:"Further exit codes that are no failure, e.g. {1} for grep."`

	Creates string `lua:"creates" default:"" doc:"Do not run the command when there is something under this path; the result has skipped = true then."`
	OnlyIf  string `lua:"only_if" default:"" doc:"Run the command only if this line succeeds, in the same place and as the same user."`
	Unless  string `lua:"unless" default:"" doc:"Do not run the command if this line succeeds."`

	Detach bool `lua:"detach" default:"false" doc:"Start the command in the background and return at once. It survives the end of the connection; its output is dropped unless the line redirects it. h:start with detach keeps it."`
}

// Answer is one reply to a question of a command.
type Answer struct {
	Pattern string `lua:"pattern,arg1" doc:"Regular expression in Go's syntax (RE2), searched in the output as it arrives, across lines."`
	Reply   Reply  `lua:"reply,arg2" doc:"What to write to standard input when it is found. Enter is \\n, it is not added. A function(match, ...) gets the match and its groups and gives the reply; nil is none."`
	Max     int    `lua:"max" default:"3" doc:"How often to answer. One question more ends the command, since the answer is not accepted then."`
}

// Defaults are the options that the tags name.
func Defaults() Options { return Options{Scope: DefaultScope(), Delay: time.Second} }

// Result is what a command left.
type Result struct {
	OK      bool     `lua:"ok" doc:"Whether the exit code was 0 or in ok_codes."`
	Code    int      `lua:"code" doc:"Exit code; 128 plus the number of the signal that ended the command; -1 when there is none, after a timeout for instance."`
	Signal  string   `lua:"signal" doc:"The signal that ended the command, without SIG, e.g. KILL. Empty after a normal exit."`
	Stdout  string   `lua:"stdout" text:"true" doc:"Standard output, byte by byte. print and tostring of the result give it, without its last line end."`
	Stderr  string   `lua:"stderr" doc:"Standard error, byte by byte."`
	Lines   []string `lua:"lines" doc:"The lines of standard output, without their ends."`
	Command string   `lua:"command" doc:"The command as it was given; an argument list is quoted."`
	Host    string   `lua:"host" doc:"Name of the host."`

	Duration time.Duration `lua:"duration" doc:"How long the last attempt took."`
	Attempts int           `lua:"attempts" doc:"How many times the command was started."`
	TimedOut bool          `lua:"timed_out" doc:"Whether the last attempt reached its timeout."`

	Truncated   bool  `lua:"truncated" doc:"Whether something was left out of stdout or stderr, because there was more than max_output allows."`
	StdoutBytes int64 `lua:"stdout_bytes" doc:"Length of the whole standard output in bytes."`
	StderrBytes int64 `lua:"stderr_bytes" doc:"Length of the whole standard error in bytes."`

	Skipped bool   `lua:"skipped" doc:"Whether nothing was run because of creates, only_if or unless."`
	Dry     bool   `lua:"dry" doc:"Whether nothing was run because dry was set."`
	Line    string `lua:"line" doc:"The line that was sent to the host, with everything around the command; in a dry run the one that a person would type there for the same."`
}

// Text makes an Input of a text.
func Text(text string) Input { return Input{Text: secret.New(text)} }
