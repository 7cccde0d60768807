package expect

import (
	"context"
	"io"
	"strings"

	"gofab/bindings/kit"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/interact"
)

// watching are the methods that need a person or a screen.
func watching() []kit.Func {
	return []kit.Func{
		kit.Method("screen", "Give the screen of the program: what a person would see. It shows what there was before too. "+
			"Start the program with term = \"xterm\", so that it draws.", openScreen).With(
			`local p = expect.spawn("printf 'one\\033[3;5Htwo'; sleep 5", { term = "xterm", rows = 5, cols = 20 })
local screen = p:screen()
screen:wait("two")
assert(screen:line(3) == "    two" and screen:cursor().col == 8)`),
		kit.Method("interact", "Give the terminal of the person who runs gofab to the program, until the person types the escape key or the program ends. "+
			"The program gets the size of the window, and the terminal is given back whatever happens. "+
			"Gives why it ended: \"escape\", \"eof\", or \"hangup\" when the terminal went away.", interactWith),
		kit.Method("record", "Record the dialogue, as far as it is known, in a file that expect.replay and asciinema play. "+
			"Secrets are not in it. The file is written when the dialogue ends.", record).With(
			`local p = expect.spawn("printf 'Name: '; read n; echo \"hello $n\"")
p:record("hello.cast")
p:expect("Name: ")
p:line("ada")
p:expect("hello ada")
p:wait()
p:close()
local fake = expect.replay("hello.cast")
fake:expect("Name: ")
fake:line("ada")
fake:expect("hello ada")
assert(fake:wait().code == 0)`),
	}
}

type interactArgs struct {
	Escape string       `lua:"escape" default:"^]" doc:"The key that ends it: ^X is Ctrl-X; \"\" is none."`
	Input  kit.Callback `lua:"input" default:"" doc:"Gets what is typed and gives what is sent instead; nil leaves it as it is, \"\" drops it."`
	Output kit.Callback `lua:"output" default:"" doc:"The same for what is shown."`
}

func interactWith(c *kit.Call, p *engine.Process, a interactArgs) (string, error) {
	escape, err := escapeKey(a.Escape)
	if err != nil {
		return "", err
	}
	c.Events.Flush()
	console, err := c.World.Console()
	if err != nil {
		return "", err
	}
	reason, err := interact.Run(c.Context, console, talker{c, p}, interact.Options{
		Escape: escape, Input: filter(c, a.Input), Output: filter(c, a.Output),
	})
	return string(reason), err
}

// escapeKey reads "^]", or a character as it is.
func escapeKey(text string) (byte, error) {
	switch {
	case text == "":
		return 0, nil
	case len(text) == 1:
		return text[0], nil
	case len(text) == 2 && text[0] == '^' && text[1] >= '?' && text[1] <= 'z':
		return strings.ToUpper(text)[1] ^ 64, nil
	}
	return 0, fault.New(fault.Usage, "escape: want one key such as ^], got %q", text)
}

// filter makes a function of Go of one of the script.
func filter(c *kit.Call, f kit.Callback) func([]byte) ([]byte, error) {
	if f.IsZero() {
		return nil
	}
	return func(p []byte) ([]byte, error) {
		values, err := f.Call(c.Context, string(p))
		if err != nil || len(values) == 0 || values[0] == nil {
			return p, err
		}
		text, ok := values[0].(string)
		if !ok {
			return nil, fault.New(fault.Usage, "the function at %s has to give a text or nil", f.Where())
		}
		return []byte(text), nil
	}
}

// talker makes a dialogue the program of a person. What the person sees is
// taken from the output.
type talker struct {
	c *kit.Call
	p *engine.Process
}

func (t talker) Next(ctx context.Context) ([]byte, error) {
	first, err := t.p.Read(ctx, 1, engine.Forever)
	if err == nil && first == "" {
		err = io.EOF
	}
	return []byte(first + t.p.Clear()), err
}

func (t talker) Send(ctx context.Context, p []byte) error {
	return t.p.Send(ctx, string(p), engine.Forever)
}

func (t talker) Resize(cols, rows int) error {
	resizeScreen(t.c, t.p, rows, cols)
	if r, ok := t.p.Stream().(engine.Resizer); ok {
		return r.Resize(rows, cols)
	}
	return nil
}
