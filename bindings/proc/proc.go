// Package proc is the Lua module proc: commands on this machine, with the
// options and the result that h:run has on a managed host.
package proc

import (
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/command"
)

// Module declares proc.
func Module() *kit.Module {
	return &kit.Module{
		Name: "proc",
		Doc: "Run commands on this machine. Options and result are those of h:run; a failed command raises. " +
			"They start in the working folder, and end with the run.",
		Funcs: []kit.Func{
			kit.Fn("run", "Run a command and wait for it.", run).With(
				`local r = proc.run("echo out; exit 3", { check = false, hide = true })
assert(r.code == 3 and r.stdout == "out\n")`,
				`proc.run({ "touch", "a file with spaces" })
assert(fs.exists("a file with spaces"))`),
			kit.Fn("output", "Run a command, show nothing, and give its standard output without the last line end.", output).With(
				`assert(proc.output("echo hello") == "hello")`),
		},
	}
}

type args struct {
	Command command.Words `lua:"command,arg1" doc:"A line for the shell, or a list of a program and its arguments, which need no quoting."`
	command.Options
}

func run(c *kit.Call, a args) (command.Result, error) {
	return c.Run(c.Local(), "", a.Command, a.Options)
}

func output(c *kit.Call, a args) (string, error) {
	a.Hide = command.HideBoth
	result, err := run(c, a)
	text, ended := strings.CutSuffix(result.Stdout, "\n")
	if ended {
		text = strings.TrimSuffix(text, "\r")
	}
	return text, err
}
