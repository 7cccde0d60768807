package expect

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"

	"gofab/bindings/kit"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/screen"
)

// view is the screen of a dialogue.
type view struct {
	*screen.Live
	process *engine.Process
}

// views are the screens of a run: each dialogue has one at most.
type views struct {
	mu   sync.Mutex
	list map[*engine.Process]*view
}

func viewsOf(c *kit.Call) *views {
	return kit.SharedValue(c.Shared, viewsKey{}, func() *views { return &views{list: map[*engine.Process]*view{}} })
}

type viewsKey struct{}

func screenType() kit.Type {
	return kit.TypeOf[*view]("screen", "What a person would see of a program on a terminal. Rows and columns count from 1.",
		kit.Method("wait", "Wait until the screen shows a pattern, or until a function that gets the screen returns something. "+
			"Gives what matched, or what the function returned. It raises at the time limit and at the end of the program.", waitScreen).With(
			`local p = expect.spawn("printf 'loading'; printf '\\rready  \\n'; sleep 5", { term = "xterm" })
local screen = p:screen()
assert(screen:wait("read(y)") == "ready")
screen:wait(function(s) return s:line(1) == "ready" end, { timeout = 5 })`),
		kit.Method("text", "Give the rows with line ends between them, without what is blank at their ends.", screenText),
		kit.Method("line", "Give one row, without the blanks at its end.", screenLine),
		kit.Method("lines", "Give all rows.", screenLines),
		kit.Method("contains", "Tell whether a text, taken as it is, is on the screen.", screenContains),
		kit.Method("cursor", "Give where the cursor is.", screenCursor),
		kit.Method("cell", "Give the character at a place, and how it looks.", screenCell).With(
			`local screen = expect.spawn("printf 'a\\033[7;31mb'; sleep 5", { term = "xterm" }):screen()
screen:wait("ab")
local cell = screen:cell(1, 2)
assert(cell.text == "b" and cell.reverse and cell.foreground == "red" and not cell.bold)`),
		kit.Method("history", "Give the last lines that scrolled off the top, the oldest first.", screenHistory),
		kit.Method("press", "Press keys by their names: "+strings.Join(screen.KeyNames(), ", ")+".", press).With(
			`local p = expect.spawn("cat -v", { term = "xterm" })
p:screen():press("up", "f1", "enter")
p:expect("\\^\\[\\[A\\^\\[OP")`),
	).Fields(
		kit.Field("title", "Title that the program gave its window.", func(v *view) (title string) {
			v.Look(func(s *screen.Screen) { title = s.Title() })
			return title
		}),
		kit.Field("full", "Whether the program uses the whole screen, as editors and pagers do.", func(v *view) (full bool) {
			v.Look(func(s *screen.Screen) { full = s.Alternate() })
			return full
		}),
	)
}

type screenArgs struct {
	Rows    int `lua:"rows" default:"0" doc:"Rows; those of the terminal when absent."`
	Cols    int `lua:"cols" default:"0" doc:"Columns; those of the terminal when absent."`
	History int `lua:"history" default:"1000" doc:"How many lines that scroll off are kept."`
}

// openScreen gives the screen of a dialogue. It shows what there was before
// too, as far as it is still known.
func openScreen(c *kit.Call, p *engine.Process, a screenArgs) (*view, error) {
	if a.Rows < 0 || a.Cols < 0 || a.Rows > 1000 || a.Cols > 1000 || a.History < 0 {
		return nil, fault.New(fault.Usage, "a screen has 1 to 1000 rows and columns, got %d x %d", a.Rows, a.Cols)
	}
	all := viewsOf(c)
	all.mu.Lock()
	defer all.mu.Unlock()
	if v := all.list[p]; v != nil {
		return v, nil
	}
	rows, cols := sizeOf(p, a.Rows, a.Cols)
	v := &view{process: p, Live: screen.NewLive(cols, rows, a.History, func(answer []byte) {
		_ = p.Send(context.Background(), string(answer), patience) // a program that has gone needs none
	})}
	all.list[p] = v
	p.OnClose(func() {
		all.mu.Lock()
		defer all.mu.Unlock()
		delete(all.list, p)
	})
	p.Observe(func(d engine.Direction, piece []byte) {
		if d == engine.Output {
			_, _ = v.Write(piece)
		}
	})
	return v, nil
}

// patience is how long a program may take to read what its terminal answers.
const patience = 5 * time.Second

// Sizes of a terminal whose size cannot be asked for: what spawn makes.
const usualRows, usualCols = 50, 240

func sizeOf(p *engine.Process, rows, cols int) (int, int) {
	r, c := usualRows, usualCols
	if t, ok := p.Stream().(engine.Sized); ok {
		if rr, cc, err := t.Size(); err == nil && rr > 0 && cc > 0 {
			r, c = rr, cc
		}
	}
	if rows > 0 {
		r = rows
	}
	if cols > 0 {
		c = cols
	}
	return r, c
}

// resizeScreen tells the screen of a dialogue, if it has one, its new size.
func resizeScreen(c *kit.Call, p *engine.Process, rows, cols int) {
	all := viewsOf(c)
	all.mu.Lock()
	defer all.mu.Unlock()
	if v := all.list[p]; v != nil {
		v.Resize(cols, rows)
	}
}

// condition is what a screen is waited for.
type condition struct {
	text     string
	pattern  *regexp.Regexp
	function kit.Callback
}

// LuaType names what FromLua takes.
func (w *condition) LuaType() string { return "string|pattern|fun(screen: screen): any" }

// FromLua takes a pattern or a function.
func (w *condition) FromLua(value any) (err error) {
	if f, ok := value.(kit.Callback); ok {
		w.function = f
		return nil
	}
	var p pattern
	switch value.(type) {
	case string, engine.Pattern:
		err = p.FromLua(value)
	default:
		err = fault.New(fault.Usage, "want a regular expression, expect.literal(text) or a function")
	}
	if err != nil {
		return err
	}
	w.text = p.String()
	w.pattern, err = p.Compiled()
	return err
}
