package expect

import (
	"time"

	"gofab/bindings/kit"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/secret"
)

func sending() []kit.Func {
	return []kit.Func{
		kit.Method("send", "Send a text as it is. A secret waits for the terminal to stop showing what is sent, a second at most.", send).With(
			`local p = expect.spawn("head -c 3", { echo = false })
p:send("abc\n")
p:expect("abc")`),
		kit.Method("line", "Send a line: a text and Enter.", line),
		kit.Method("ctrl", "Send a control character: p:ctrl(\"c\") is Ctrl-C, p:ctrl(\"[\") Escape.", ctrl).With(
			`local p = expect.spawn{ "cat" } -- without a shell, which would take a Ctrl-C before cat runs
p:ctrl("c")
assert(p:wait().signal == "INT")`),
		kit.Method("eof", "End the input: the end-of-file character on a terminal, the end of the pipe without one.", sendEOF),
		kit.Method("intr", "Interrupt what runs, as Ctrl-C does.", intr),
		kit.Method("echo", "Tell whether the terminal shows what is sent; with an argument, switch that.", echo),
		kit.Method("wait_noecho", "Wait until the terminal does not show what is sent, as for a password. Tells whether that came in time.", waitNoEcho).With(
			`local p = expect.spawn("stty -echo; echo ready; read x")
assert(p:wait_noecho{ timeout = 5 })`),
		kit.Method("size", "Give the rows and columns of the terminal; with arguments, change them.", size).With(
			`local p = expect.spawn("read x; stty size")
p:size(30, 100)
p:line("")
p:expect("30 100")`),
	}
}

type sendArgs struct {
	Text secret.Value `lua:"text,arg1" default:"" doc:"What to send; a secret is shown nowhere."`
	waiting
	Pause time.Duration `lua:"pause" default:"0s" doc:"Pause after each byte, for lines that lose what comes too fast."`
}

func send(c *kit.Call, p *engine.Process, a sendArgs) (kit.None, error) {
	return kit.None{}, sendText(c, p, a, "")
}

func line(c *kit.Call, p *engine.Process, a sendArgs) (kit.None, error) {
	return kit.None{}, sendText(c, p, a, "\n")
}

func sendText(c *kit.Call, p *engine.Process, a sendArgs, end string) error {
	text := a.Text.Reveal() + end
	switch {
	case a.Pause > 0:
		return p.SendSlowly(c.Context, text, a.Pause)
	case hidden(c, a.Text.Reveal()):
		return p.SendSecret(c.Context, text, a.wait().Timeout)
	default:
		return p.Send(c.Context, text, a.wait().Timeout)
	}
}

// hidden tells a secret from a plain text, which kit hands over alike: its text
// is one that the run masks.
func hidden(c *kit.Call, text string) bool {
	return text != "" && c.Secrets.Redact(text) == secret.Mask
}

type ctrlArgs struct {
	Key string `lua:"key,arg1" doc:"A letter, or one of @ [ \\ ] ^ _ ?."`
}

func ctrl(c *kit.Call, p *engine.Process, a ctrlArgs) (kit.None, error) {
	return kit.None{}, p.Control(c.Context, a.Key)
}

func sendEOF(c *kit.Call, p *engine.Process, _ noArgs) (kit.None, error) {
	return kit.None{}, p.SendEOF(c.Context)
}

func intr(c *kit.Call, p *engine.Process, _ noArgs) (kit.None, error) {
	return kit.None{}, p.Interrupt(c.Context)
}

type echoArgs struct {
	On *bool `lua:"on,arg1" doc:"Whether the terminal is to show what is sent."`
}

func echo(_ *kit.Call, p *engine.Process, a echoArgs) (bool, error) {
	t, err := terminal(p)
	if err != nil {
		return false, err
	}
	if a.On != nil {
		return *a.On, t.SetEcho(*a.On)
	}
	return t.Echo()
}

func terminal(p *engine.Process) (engine.Terminal, error) {
	if t, ok := p.Stream().(engine.Terminal); ok {
		return t, nil
	}
	return nil, fault.New(fault.Unsupported, "%s has no terminal on this machine", p)
}

func waitNoEcho(c *kit.Call, p *engine.Process, a waiting) (bool, error) {
	return p.WaitNoEcho(c.Context, a.wait().Timeout)
}

type sizeArgs struct {
	Rows int `lua:"rows,arg1" default:"0" doc:"Rows of the terminal from now on."`
	Cols int `lua:"cols,arg2" default:"0" doc:"Columns of the terminal from now on."`
}

func size(c *kit.Call, p *engine.Process, a sizeArgs) (kit.Multi, error) {
	if a.Rows == 0 && a.Cols == 0 {
		t, ok := p.Stream().(engine.Sized)
		if !ok {
			return nil, fault.New(fault.Unsupported, "%s has no terminal", p)
		}
		rows, cols, err := t.Size()
		return kit.Multi{rows, cols}, err
	}
	r, ok := p.Stream().(engine.Resizer)
	if !ok {
		return nil, fault.New(fault.Unsupported, "%s has no terminal", p)
	}
	resizeScreen(c, p, a.Rows, a.Cols)
	return kit.Multi{a.Rows, a.Cols}, r.Resize(a.Rows, a.Cols)
}
