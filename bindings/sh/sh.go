// Package sh is the Lua module sh: values on their way into a shell.
package sh

import (
	"gofab/bindings/kit"
	"gofab/internal/shell"
)

// Module declares sh.
func Module() *kit.Module {
	return &kit.Module{
		Name: "sh",
		Doc:  "Put values into shell commands safely.",
		Funcs: []kit.Func{
			kit.Fn("quote", "Quote one value, so that a shell takes it as it is.", quote).With(
				`assert(proc.run("printf %s " .. sh.quote("it's $HOME")).stdout == "it's $HOME")`),
			kit.Fn("join", "Quote each word of a list and join them with spaces.", join).With(
				`assert(sh.join{"ls", "-l", "my file"} == "ls -l 'my file'")`),
		},
	}
}

type quoteArgs struct {
	Text string `lua:"text,arg1" doc:"Any text without NUL bytes."`
}

func quote(_ *kit.Call, a quoteArgs) (string, error) { return shell.Quote(a.Text) }

type joinArgs struct {
	Words []string `lua:"words,arg1" doc:"The command and its arguments."`
}

func join(_ *kit.Call, a joinArgs) (string, error) { return shell.Join(a.Words) }
