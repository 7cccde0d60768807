package expect

import (
	"time"

	"gofab/bindings/kit"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
)

func replType() kit.Type {
	return kit.TypeOf[*engine.Session]("repl", "An interpreter at its prompt.",
		kit.Method("run", "Send input, wait for the prompt and give what was printed: output, and of a shell the exit code. Several lines are sent one by one.", replRun).With(
			`local py = expect.repl("python3")
assert(py:run("6 * 7").output == "42\n")
assert(py:run("for i in range(2):\n  print(i)\n").output == "0\n1\n")`),
		kit.Method("close", "End the interpreter.", func(_ *kit.Call, s *engine.Session, _ noArgs) (kit.None, error) {
			return kit.None{}, s.Close()
		}),
	).Fields(
		kit.Field("dialogue", "The dialogue below, for what is no input and output.", func(s *engine.Session) *engine.Process { return s.Process }),
	)
}

type replArgs struct {
	Command string `lua:"command,arg1" doc:"bash, sh, zsh, python3, or the line that starts another interpreter."`
	placed
	held
	Prompt *pattern `lua:"prompt" doc:"Prompt of another interpreter; needed for those that are not known."`
	More   *pattern `lua:"more" doc:"Its prompt for the rest of an unfinished input."`
	Init   []string `lua:"init" default:"" doc:"Input to run first."`
}

type knownREPLArgs struct {
	placed
	held
	Init []string `lua:"init" default:"" doc:"Input to run first."`
}

// replOf declares the short way to an interpreter that is known.
func replOf(name string) kit.Func {
	command := name
	if name == "python" {
		command = "python3"
	}
	return kit.Fn("repl."+name, "Start "+command+" and give an object whose run method sends input and gives what it printed.",
		func(c *kit.Call, a knownREPLArgs) (*engine.Session, error) {
			return repl(c, replArgs{Command: command, placed: a.placed, held: a.held, Init: a.Init})
		})
}

func repl(c *kit.Call, a replArgs) (*engine.Session, error) {
	spec, known := engine.KnownREPL(a.Command)
	if a.Prompt != nil {
		spec = engine.REPL{Command: engine.Command{Line: a.Command}, Prompt: a.Prompt.Pattern}
		if a.More != nil {
			spec.More = &a.More.Pattern
		}
	} else if !known {
		return nil, fault.New(fault.Usage, "the prompt of %q is not known", a.Command).
			WithHint(`expect.repl("gdb -q", { prompt = "\\(gdb\\) $" })`)
	}
	cmd := spec.Command
	cmd.Term, cmd.Rows, cmd.Cols = "dumb", 50, 240
	for name, value := range a.Env {
		if cmd.Env == nil {
			cmd.Env = map[string]string{}
		}
		cmd.Env[name] = value
	}
	a.Env = cmd.Env
	p, err := start(c, a.placed, a.held, cmd)
	if err != nil {
		return nil, err
	}
	s, err := engine.NewSession(c.Context, p, spec)
	for _, text := range a.Init {
		if err == nil {
			_, err = s.Run(c.Context, text, 0)
		}
	}
	if err != nil {
		_ = p.Close()
		return nil, scripted(err)
	}
	return s, nil
}

type replHereArgs struct {
	Prompt pattern  `lua:"prompt" doc:"Its prompt."`
	More   *pattern `lua:"more" doc:"Its prompt for the rest of an unfinished input."`
	Init   []string `lua:"init" default:"" doc:"Input to run first."`
}

// replHere goes on with a dialogue. What is sent need not be shown again, where
// its terminal is on this machine.
func replHere(c *kit.Call, p *engine.Process, a replHereArgs) (*engine.Session, error) {
	spec := engine.REPL{Prompt: a.Prompt.Pattern, Echo: true, Knock: true}
	if a.More != nil {
		spec.More = &a.More.Pattern
	}
	if t, ok := p.Stream().(engine.Terminal); ok {
		if err := t.SetEcho(false); err != nil {
			return nil, err
		}
		spec.Echo = false
	}
	s, err := engine.NewSession(c.Context, p, spec)
	for _, text := range a.Init {
		if err == nil {
			_, err = s.Run(c.Context, text, 0)
		}
	}
	if err != nil {
		return nil, scripted(err)
	}
	return s, nil
}

type replRunArgs struct {
	Input   string        `lua:"input,arg1" doc:"What to run."`
	Timeout time.Duration `lua:"timeout" default:"0s" doc:"Limit; 0 is the dialogue's own. What runs is interrupted then, and the interpreter can be used again."`
	Check   bool          `lua:"check" default:"false" doc:"Raise when a shell ends the input with another code than 0."`
}

// replResult is what one input printed.
type replResult struct {
	Output string `lua:"output" doc:"What was printed, with plain line ends and without escape sequences."`
	Code   *int   `lua:"code" doc:"Exit code, of shells; nil elsewhere."`
	OK     bool   `lua:"ok" doc:"Whether the code was 0, or there is none."`
}

func replRun(c *kit.Call, s *engine.Session, a replRunArgs) (*replResult, error) {
	answer, err := s.Run(c.Context, a.Input, a.Timeout)
	if err != nil {
		return nil, scripted(err)
	}
	r := &replResult{Output: answer.Output, Code: answer.Code, OK: answer.Code == nil || *answer.Code == 0}
	if a.Check && !r.OK {
		e := fault.New(fault.Exit, "%q ended with code %d", a.Input, *r.Code)
		e.Result, e.Host = r, s.Host()
		return nil, e
	}
	return r, nil
}
