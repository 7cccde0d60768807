package kit

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"gofab/internal/fault"
	"gofab/internal/secret"
)

// Thread is the Lua thread that a binding was called from. The interpreter
// hangs it on each Lua state as the state's context.
type Thread interface {
	context.Context

	// Unlock gives the interpreter to the other threads. Lock takes it again
	// and makes L the running state.
	Unlock()
	Lock(L *lua.LState)

	// Real is the thread's own context; the Thread itself is a context only in
	// name, tuned for the interpreter loop.
	Real() context.Context

	// Env is what the run shares.
	Env() *Env

	// Spawn makes a fresh thread of the same interpreter under ctx. The caller
	// holds the lock while it uses the state, and calls end when done.
	Spawn(ctx context.Context) (L *lua.LState, end func())

	// Fault turns what a protected call returned into an error with its place
	// in the user's own file.
	Fault(L *lua.LState, err error) *fault.Error
}

// Env is what one run shares with all its bindings.
type Env struct {
	World     World
	Events    Events
	Secrets   *secret.Redactor
	Shared    *Shared
	Questions Questions
}

// Questions say how a run deals with questions to a person.
type Questions struct {
	Yes   bool // a confirmation is given, all else takes its default
	Never bool // all take their defaults, and nobody is asked for a password
}

// World is the door to the process; runtime/world implements it.
type World interface {
	Getenv(name string) (string, bool)
	Environ() []string
	Setenv(name, value string)
	Dir() string
	Home() string
	Now() time.Time
	Stdin() io.Reader
	Stdout() io.Writer
	Stderr() io.Writer
	// Ask puts a question to the person at the terminal; it fails where there
	// is none.
	Ask(ctx context.Context, text string, echo bool) (string, error)
	// Console takes the person's terminal over until it is closed; it fails
	// where there is none, or when it is taken already.
	Console() (Console, error)
	// RequestExit ends the run with an exit code.
	RequestExit(code int)
}

// Events is where what happens is told; runtime/event implements it.
type Events interface {
	// Print is the script's own output, as print and io.write give it: any
	// text, with its line ends.
	Print(host, text string)
	// Flush shows what Print still keeps of an unfinished line, before a
	// question is answered.
	Flush()
	// Log tells something at a level: debug, info, warn, error.
	Log(level, host, text string, fields map[string]any)
	// CommandStart, Line and CommandEnd tell of one command; sent is
	// the line as it is sent, or "".
	CommandStart(host, command, sent string, dry bool)
	Line(host, stream, line string)
	CommandEnd(host, command string, code int, ok bool, took time.Duration, attempts int)
	// Progress tells how far a transfer is; total is -1 when unknown.
	Progress(host, what string, done, total int64, finished bool)
}

// Call is what a binding gets beside its arguments.
type Call struct {
	Context context.Context // ends with Ctrl-C, the task's timeout, the run's limit
	*Env
	Op     string // the function as the user wrote it
	thread Thread
	state  *lua.LState // its stack stands still while the call lasts
}

// Where is the line of the user's file that made the call, "" when there is
// none.
func (c *Call) Where() string {
	if c.state == nil {
		return ""
	}
	return Where(c.state)
}

// Host is the managed host whose task this call belongs to, "" outside of one.
func (c *Call) Host() string { return HostOf(c.Context) }

// Path makes the home folder of ~ and ~/ at the start of a path on this
// machine.
func (c *Call) Path(path string) string {
	if path == "~" || strings.HasPrefix(path, "~/") {
		return filepath.Join(c.World.Home(), path[1:])
	}
	return path
}

type tryKey struct{}

// WithTry marks ctx as one try of work that may be done again.
func WithTry(ctx context.Context) context.Context {
	return context.WithValue(ctx, tryKey{}, new(byte))
}

// TryOf tells tries apart: it is the same for all that belongs to one, and nil
// outside of any.
func TryOf(ctx context.Context) any { return ctx.Value(tryKey{}) }

type hostKey struct{}

// WithHost marks ctx as belonging to one managed host.
func WithHost(ctx context.Context, host string) context.Context {
	return context.WithValue(ctx, hostKey{}, host)
}

// HostOf tells the managed host that ctx belongs to, "" for none.
func HostOf(ctx context.Context) string {
	host, _ := ctx.Value(hostKey{}).(string)
	return host
}

// threadOf finds the thread of a Lua state. A state without one is a bug of
// the interpreter, not of a script.
func threadOf(L *lua.LState) Thread {
	th, ok := L.Context().(Thread)
	if !ok {
		panic("kit: the Lua state has no thread")
	}
	return th
}
