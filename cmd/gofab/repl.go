package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"gofab/internal/fault"
	"gofab/runtime/run"
	"gofab/runtime/vm"
)

func (a *app) replCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "repl [FILE]",
		Short: "Type Lua and see what it gives",
		Long: `Read Lua line by line, run it and show what it gives. With a file, that fabfile
is loaded first: its hosts and functions are at hand. With -H, hs is the group
of these hosts, and h the host when it is one.

Tab completes names, methods and hosts. Ctrl-C ends what runs, Ctrl-D the prompt.
Lines with a colon are for the prompt itself: ` + replHelp,
		Example: "  gofab repl -H @web\n  gofab repl tools.lua\n  echo 'sys.memory().percent' | gofab repl",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, words []string) error {
			r, err := a.begin(cmd)
			if err != nil {
				return err
			}
			defer r.Close()
			p := &repl{app: a, run: r}
			if err := p.prepare(words); err != nil {
				return a.finish(r, nil, err)
			}
			return a.finish(r, nil, p.converse())
		},
	}
	a.runFlags(c.Flags())
	return c
}

const replHelp = ":doc NAME, :hosts, :help, :quit"

// repl is a conversation in Lua.
type repl struct {
	app  *app
	run  *run.Run
	in   *prompt
	done bool
}

// prepare loads the fabfile and puts the hosts of the command line at hand.
func (p *repl) prepare(files []string) error {
	var err error
	switch {
	case len(files) == 1:
		err = p.run.Load(files[0], nil)
	case p.app.flags.target.hosts != "":
		err = p.app.declareHosts(p.run)
	default:
		err = p.run.Stage()
	}
	if err != nil || p.app.flags.target.hosts == "" && p.app.flags.sandbox.hosts == "" {
		return err
	}
	hosts, err := p.run.Select("all")
	if err != nil {
		return err
	}
	chunk, told := `hs = targets("all")`, fmt.Sprintf("hs is %s: %s", count(len(hosts), "host"), fold(hostNames(hosts)))
	if len(hosts) == 1 {
		chunk, told = chunk+fmt.Sprintf(" h = host(%q)", hosts[0].Name), "h is "+hosts[0].Name
	}
	if _, ok := p.app.world.StdinTerminal(); ok {
		p.say(told)
	}
	_, err = p.run.VM.RunTyped(p.run.Context, chunk)
	return err
}

func (p *repl) say(text string) { p.run.Env.Events.Print("", text+"\n") }

// converse reads, runs and shows until the input ends.
func (p *repl) converse() error {
	p.in = p.app.prompt("repl_history", p.complete)
	for p.run.Context.Err() == nil && !p.done {
		_ = p.run.Flush()
		chunk, err := p.readChunk()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := p.answer(chunk); err != nil {
			if p.run.Context.Err() != nil {
				return err
			}
			p.run.Problem(err)
		}
	}
	_ = p.run.Flush()
	return nil
}

// readChunk reads lines until they are a whole chunk.
func (p *repl) readChunk() (string, error) {
	chunk, err := p.in.read("> ")
	for err == nil && !strings.HasPrefix(chunk, ":") && !vm.Whole(chunk) {
		var more string
		if more, err = p.in.read(">> "); err == nil {
			chunk += "\n" + more
		}
	}
	return chunk, err
}

func (p *repl) answer(chunk string) error {
	if command, ok := strings.CutPrefix(chunk, ":"); ok {
		return p.command(command)
	}
	ctx, done := p.app.world.Interruptible(p.run.Context)
	defer done()
	values, err := p.run.VM.RunTyped(ctx, chunk)
	if err == nil && len(values) > 0 {
		p.say(strings.Join(values, "\t"))
	}
	return err
}

// command does what is for the prompt itself.
func (p *repl) command(line string) error {
	name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch name {
	case "doc":
		text, err := p.app.explain(strings.TrimSpace(rest))
		if err != nil {
			return err
		}
		p.say(strings.TrimRight(text, "\n"))
	case "hosts":
		hosts, err := p.run.Select("all")
		if err != nil {
			return err
		}
		p.say(strings.Join(hostNames(hosts), "\n"))
	case "help":
		p.say(replHelp)
	case "quit", "q":
		p.done = true
	default:
		return fault.New(fault.Usage, "there is no :%s", name).WithHint("%s", replHelp)
	}
	return nil
}
