package main

import (
	"io"

	"github.com/spf13/pflag"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/runtime/host"
)

// execFlags are the options of gofab exec: those of h:run under the same names.
type execFlags struct {
	commands []string
	script   string
	cwd      string
	env      map[string]string
	shell    string
	stdin    string
	retries  int
	delay    string
	okCodes  []int
	list     bool
	literal  bool
	maxCode  bool
}

// execDefaults is what gofab exec does without any of its options.
func execDefaults() *execFlags {
	f := &execFlags{}
	f.declare(pflag.NewFlagSet("", pflag.ContinueOnError))
	return f
}

func (f *execFlags) declare(set *pflag.FlagSet) {
	set.StringArrayVarP(&f.commands, "command", "c", nil, "a line to run; with several, one after the other until one fails")
	set.StringVar(&f.script, "script", "", "run this script of this machine on the hosts; the words after -- are its arguments")
	set.StringVar(&f.cwd, "cwd", "", "working directory on the hosts")
	set.StringToStringVar(&f.env, "env", nil, "environment variables: NAME=VALUE,NAME=VALUE; may be repeated")
	set.StringVar(&f.shell, "shell", "", "shell that runs the line, such as /bin/bash; empty is /bin/sh")
	set.StringVar(&f.stdin, "stdin", "", "file that each command reads, or - for what gofab itself is given")
	set.IntVar(&f.retries, "retries", 0, "how many times to try a failed command again")
	set.StringVar(&f.delay, "delay", "1s", "pause before each further attempt")
	set.IntSliceVar(&f.okCodes, "ok-codes", nil, "further exit codes that are no failure: 1,3")
	set.BoolVar(&f.list, "list", false, "only print which hosts it would be")
	set.BoolVar(&f.literal, "literal", false, "leave {host}, {address}, {n} and {vars.NAME} as they are")
	set.BoolVar(&f.maxCode, "max-code", false, "exit with the largest exit code of the hosts")
}

// options says what to do on each host.
func (f *execFlags) options(in io.Reader, words []string) (host.ExecOptions, error) {
	o := host.ExecOptions{Options: command.Defaults(), Literal: f.literal}
	o.Cwd, o.Env, o.Retries, o.OKCodes = f.cwd, f.env, f.retries, f.okCodes
	var err error
	if o.Delay, err = duration("--delay", f.delay); err != nil {
		return o, err
	}
	if f.retries < 0 {
		return o, fault.New(fault.Usage, "--retries %d: not below zero", f.retries)
	}
	if f.shell != "" {
		o.Shell = command.Shell(f.shell)
		o.Given("shell")
	}
	if err := f.input(in, &o); err != nil {
		return o, err
	}
	return o, f.work(words, &o)
}

// work takes a script, the lines of -c, or the words: one of them is a line,
// several are a program and its arguments.
func (f *execFlags) work(words []string, o *host.ExecOptions) error {
	switch {
	case f.script != "" && len(f.commands) > 0, len(f.commands) > 0 && len(words) > 0:
		return fault.New(fault.Usage, "want one of: a command after --, -c, --script")
	case f.script != "":
		script, err := host.ReadScript(f.script)
		script.Args = words
		o.Script = &script
		return err
	case len(words) == 1:
		o.Commands = []command.Words{{Line: words[0]}}
	case len(words) > 1:
		o.Commands = []command.Words{{Args: words}}
	}
	for _, line := range f.commands {
		o.Commands = append(o.Commands, command.Words{Line: line})
	}
	return nil
}

// maxInput bounds what every host is given from one standard input.
const maxInput = 64 << 20

func (f *execFlags) input(in io.Reader, o *host.ExecOptions) error {
	if f.stdin != "-" {
		o.Stdin.File = f.stdin
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err != nil {
		return fault.OS(err, "cannot read standard input")
	}
	if len(data) > maxInput {
		return fault.New(fault.Usage, "standard input has more than %d bytes", maxInput).WithHint("--stdin FILE takes any size")
	}
	o.Stdin = command.Text(string(data))
	return nil
}
