package main

import (
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/run"
)

func (a *app) shellCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "shell TARGETS",
		Short: "One prompt, many hosts",
		Long: `Type a line and run it on all hosts at once. Equal answers are shown once. cd and
export hold for the lines that follow, on each host by itself.

  gofab shell @web
  echo uptime | gofab shell @web       lines from elsewhere; the exit code is that of the worst

:help at the prompt tells the rest. Ctrl-C ends what runs, Ctrl-D the shell.`,
		Args: cobra.MaximumNArgs(1),
	}
	c.RunE = func(cmd *cobra.Command, words []string) error {
		if len(words) == 1 {
			a.flags.target.hosts = words[0]
		}
		return a.shell(cmd)
	}
	a.runFlags(c.Flags())
	return c
}

func (a *app) shell(cmd *cobra.Command) error {
	if a.flags.target.hosts == "" && a.flags.sandbox.hosts == "" {
		return fault.New(fault.Usage, "no hosts given").WithHint("gofab shell web1,web2")
	}
	source, err := adhocScripts.ReadFile("adhoc/shell.lua")
	if err != nil {
		return err
	}
	o, err := a.options(cmd.Flags())
	if err != nil {
		return err
	}
	o.Journal.Folder = ""
	s := &shellRun{app: a}
	o.Modules = append(o.Modules, s.module())
	if s.run, err = a.open(cmd.Context(), o); err != nil {
		return err
	}
	defer s.run.Close()
	if err := a.declareHosts(s.run); err != nil {
		return a.finish(s.run, nil, err)
	}
	return a.finish(s.run, nil, s.run.Evaluate(string(source), kit.StdlibPrefix+"shell.lua", nil))
}

// shellRun lends the script adhoc/shell.lua what is not a fabfile's business: the
// prompt, and Ctrl-C.
type shellRun struct {
	app    *app
	run    *run.Run
	prompt *prompt
}

func (s *shellRun) module() *kit.Module {
	return &kit.Module{
		Name: "console", Doc: "The prompt of gofab shell.",
		Funcs: []kit.Func{
			kit.Fn("targets", "Give the names of the hosts.", s.targets),
			kit.Fn("read", "Read a line; nil at the end.", s.read),
			kit.Fn("guard", "Call a function that Ctrl-C ends; false when it did.", s.guard),
			kit.Fn("interactive", "Tell whether a person types.", s.interactive),
		},
	}
}

func (s *shellRun) targets(*kit.Call, struct{}) ([]string, error) {
	hosts, err := s.run.Select("all")
	return hostNames(hosts), err
}

func (s *shellRun) interactive(*kit.Call, struct{}) (bool, error) {
	_, ok := s.app.world.StdinTerminal()
	return ok, nil
}

type readArgs struct {
	Prompt   string       `lua:"prompt,arg1" doc:"What stands before the line."`
	Complete kit.Callback `lua:"complete,last" doc:"function(before): what the last word may become."`
}

func (s *shellRun) read(c *kit.Call, a readArgs) (*string, error) {
	if s.prompt == nil {
		s.prompt = s.app.prompt("shell_history", func(before string) completion { return candidates(c, a.Complete, before) })
	}
	_ = s.run.Flush()
	line, err := s.prompt.read(a.Prompt)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	return &line, err
}

// candidates asks the script what the last word may become. What goes wrong
// there is no answer.
func candidates(c *kit.Call, complete kit.Callback, before string) completion {
	words := completion{at: strings.LastIndexAny(before, " \t;|&(<>'\"") + 1}
	values, err := complete.Call(c.Context, before)
	if err != nil || len(values) == 0 {
		return words
	}
	list, _ := values[0].([]any)
	for _, item := range list {
		if word, ok := item.(string); ok {
			words.words = append(words.words, word)
		}
	}
	if len(words.words) == 1 && !strings.HasSuffix(words.words[0], "/") {
		words.after = " "
	}
	return words
}

type guardArgs struct {
	Body kit.Callback `lua:"body,last" doc:"What to do."`
}

func (s *shellRun) guard(c *kit.Call, a guardArgs) (bool, error) {
	ctx, done := s.app.world.Interruptible(c.Context)
	defer done()
	_, err := a.Body.Call(ctx)
	if ctx.Err() != nil && c.Context.Err() == nil {
		return false, nil
	}
	return true, err
}
