package expect

import (
	"context"
	"errors"
	"time"

	"gofab/bindings/kit"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
)

func dialogueType() kit.Type {
	methods := append([]kit.Func{
		kit.Method("expect", "Wait for the first of some patterns. Gives its place in the list and the match: before, match, the groups as m[1] or m.name, and kind. "+
			"The end of the output and of the time limit raise, unless expect.EOF or expect.TIMEOUT are in the list; then they are outcomes. "+
			"A timeout takes nothing: the next wait sees the output again. Without patterns it waits for the end.", expect).With(
			`local p = expect.spawn("echo one; sleep 5")
local i = p:expect({ "two", expect.TIMEOUT }, { timeout = 0.2 })
assert(i == 2)
p:expect("one") -- still there`),
		kit.Method("peek", "Wait as expect does, and leave the output where it is.", peek),
		kit.Method("dialog", "Answer questions in whatever order they come, until an entry with done = true, or the end of the output. "+
			"Gives the list of matches.", dialog).With(
			`local p = expect.spawn("printf 'Name: '; read n; printf 'More? '; read m; echo done")
local turns = p:dialog{ { "Name: ", "ada" }, { "More\\? ", "no", again = true } }
assert(#turns == 3 and turns[1].index == 1 and turns[3].kind == "eof")`),
		kit.Method("always", "Answer these questions whenever they come up while one of the later waits goes on, with entries as dialog has them.", always).With(
			`local p = expect.spawn("printf -- '--More--'; read x; echo the end")
p:always{ { "--More--", "" } }
p:expect("the end")`),
		kit.Method("repl", "Go on with the shell or interpreter that the dialogue has come to, as expect.repl does: behind a login or a menu. "+
			"Enter is pressed when its prompt has gone by.", replHere).With(
			`local p = expect.spawn("printf 'login: '; read name; PS1='ready> ' sh -i")
p:expect("login: ")
p:line("ada")
local sh = p:repl{ prompt = "ready> $" }
assert(sh:run("echo $name; echo two").output:find("two"))`),
		kit.Method("lines", "Iterate over the lines of the output, without their line ends.", lines).With(
			`local n = 0
for line in expect.spawn("seq 3"):lines() do n = n + tonumber(line) end
assert(n == 6)`),
		kit.Method("read", "Give the next bytes of the output; fewer at its end.", read),
		kit.Method("read_line", "Give the next line without its line end; nil at the end of the output.", readLine),
		kit.Method("read_all", "Give all output up to its end.", readAll),
		kit.Method("pending", "Give the output that has come and was not taken by a match.", pending),
		kit.Method("clear", "Drop the output that has come so far, and give it.", clearPending),
	}, append(append(sending(), life()...), watching()...)...)
	return kit.TypeOf[*engine.Process]("dialogue", "A program one talks with. It ends with close, or with the task that started it.", methods...).Fields(
		kit.Field("name", "What runs.", func(p *engine.Process) string { return p.Name() }),
		kit.Field("host", "Where it runs; \"\" for this machine.", func(p *engine.Process) string { return p.Host() }),
	)
}

// waiting are the options of a wait.
type waiting struct {
	Timeout *time.Duration `lua:"timeout" default:"" doc:"Limit for this wait; 0 looks at what is there. The dialogue's own when absent."`
}

func (w waiting) wait() engine.Wait {
	switch {
	case w.Timeout == nil:
		return engine.Wait{}
	case *w.Timeout == 0:
		return engine.Wait{Timeout: engine.Now}
	default:
		return engine.Wait{Timeout: *w.Timeout}
	}
}

type expectArgs struct {
	Patterns patterns `lua:"patterns,arg1" default:"" doc:"A pattern or a list of them."`
	waiting
	Window kit.Size `lua:"window" default:"0" doc:"Look for matches in so many bytes before the place that is looked at only; 0 is all."`
}

func (a expectArgs) wait() engine.Wait {
	w := a.waiting.wait()
	w.Window = int(a.Window)
	return w
}

func expect(c *kit.Call, p *engine.Process, a expectArgs) (kit.Multi, error) {
	return outcome(p.Expect(c.Context, a.Patterns, a.wait()))
}

func peek(c *kit.Call, p *engine.Process, a expectArgs) (kit.Multi, error) {
	w := a.wait()
	w.Peek = true
	return outcome(p.Expect(c.Context, a.Patterns, w))
}

func outcome(m *engine.Match, err error) (kit.Multi, error) {
	if err != nil {
		return nil, scripted(err)
	}
	return kit.Multi{m.Index + 1, matchTable(m)}, nil
}

// scripted makes what an error holds of a match readable for a script.
func scripted(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err // the interpreter knows why
	}
	e := *fault.From(err)
	if m, ok := e.Result.(*engine.Match); ok {
		e.Result = matchTable(m)
	}
	return &e
}

type anyArgs struct {
	Dialogues []*engine.Process `lua:"dialogues,arg1" doc:"The dialogues."`
	Patterns  patterns          `lua:"patterns,arg2" default:"" doc:"A pattern or a list of them."`
	waiting
}

func expectAny(c *kit.Call, a anyArgs) (kit.Multi, error) {
	who, m, err := engine.Any(c.Context, a.Dialogues, a.Patterns, a.wait())
	if err != nil {
		return nil, scripted(err)
	}
	return kit.Multi{a.Dialogues[who], m.Index + 1, matchTable(m)}, nil
}

type readArgs struct {
	Bytes int `lua:"bytes,arg1" doc:"How many bytes."`
	waiting
}

func read(c *kit.Call, p *engine.Process, a readArgs) (string, error) {
	if a.Bytes < 0 || a.Bytes > engine.MaxBuffer {
		return "", fault.New(fault.Usage, "bytes: 0 to %d can be read at once, got %d", engine.MaxBuffer, a.Bytes)
	}
	return p.Read(c.Context, a.Bytes, a.wait().Timeout)
}

func readLine(c *kit.Call, p *engine.Process, a waiting) (any, error) {
	line, ok, err := p.ReadLine(c.Context, a.wait().Timeout)
	if err != nil || !ok {
		return nil, err
	}
	return line, nil
}

func readAll(c *kit.Call, p *engine.Process, a waiting) (string, error) {
	return p.ReadAll(c.Context, a.wait().Timeout)
}

func lines(_ *kit.Call, p *engine.Process, a waiting) (kit.Iter, error) {
	timeout := a.wait().Timeout
	return func(c *kit.Call) (any, bool, error) {
		line, ok, err := p.ReadLine(c.Context, timeout)
		return line, ok, err
	}, nil
}

type noArgs struct{}

func pending(_ *kit.Call, p *engine.Process, _ noArgs) (string, error)      { return p.Pending(), nil }
func clearPending(_ *kit.Call, p *engine.Process, _ noArgs) (string, error) { return p.Clear(), nil }
