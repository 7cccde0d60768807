package extend

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/shell"
	"gofab/internal/shellfs"
	"gofab/internal/transfer"
	"gofab/runtime/inventory"
	"gofab/runtime/transport"
)

// Transport is a declared way to reach hosts.
type Transport struct{ transportArgs }

type transportArgs struct {
	Name    string       `lua:"name,arg1" doc:"Name of the transport, as inventories write it."`
	Command []string     `lua:"command" default:"" doc:"Program and arguments that run one line for a POSIX shell. In them {line} is the line, {name}, {address}, {user} and {port} are the host's, and {vars.x} a variable."`
	TTY     []string     `lua:"tty" default:"" doc:"The same for commands that want a terminal, such as docker exec -it; without it command is taken, on a terminal."`
	On      string       `lua:"on" default:"" doc:"Host on which the command runs, with the same names in it; empty is this machine."`
	Connect kit.Callback `lua:"connect" default:"" doc:"function(host): opens the way and returns a state, which the other functions get. host has name, address, user, port and vars."`
	Run     kit.Callback `lua:"run" default:"" doc:"function(state, line, io): runs a line and returns its exit code."`
	Close   kit.Callback `lua:"close" default:"" doc:"function(state): ends it."`
	Files   bool         `lua:"files" default:"true" doc:"Whether files can be copied through its shell; false for places that are no POSIX system."`
}

func declareTransport(c *kit.Call, a transportArgs) (kit.None, error) {
	s := Of(c.Env)
	if (len(a.Command) > 0) == !a.Run.IsZero() {
		return kit.None{}, fault.New(fault.Usage, "a transport has either command or run")
	}
	if a.Run.IsZero() && !(a.Connect.IsZero() && a.Close.IsZero()) {
		return kit.None{}, fault.New(fault.Usage, "connect and close belong to run, not to command")
	}
	if !a.Run.IsZero() && (a.On != "" || len(a.TTY) > 0) {
		return kit.None{}, fault.New(fault.Usage, "on and tty belong to command, not to run")
	}
	for _, words := range [][]string{a.Command, a.TTY} {
		if len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, "{line}") }) {
			return kit.None{}, fault.New(fault.Usage, "the command has no {line}").
				WithHint(`command = { "docker", "exec", "-i", "{address}", "sh", "-c", "{line}" }`)
		}
	}
	return kit.None{}, put(s, "transport", s.transports, a.Name, &Transport{a}, []string{inventory.SSH, inventory.Local, "sandbox"})
}

// Way is what a transport needs of its run.
type Way struct {
	Local *command.Local
	// On gives the way to another host.
	On func(ctx context.Context, name string) (command.Executor, error)
}

// Find gives the transport of a host, nil for one that is built in.
func (s *Set) Find(h *inventory.Host) (*Transport, error) {
	name, _, inAddress := strings.Cut(h.Address, "://")
	if h.Transport != inventory.SSH {
		name, inAddress = h.Transport, true
	}
	if !inAddress {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.transports[name]; t != nil {
		return t, nil
	}
	return nil, missing("transport", name, slices.Sorted(maps.Keys(s.transports)))
}

// Dial opens a way to a host.
func (t *Transport) Dial(ctx context.Context, h *inventory.Host, way Way) (transport.Conn, error) {
	fill := values(h)
	if !t.Run.IsZero() {
		return t.dialFunction(ctx, h, fill)
	}
	command, err := fill.words(t.Command)
	if err != nil {
		return nil, err
	}
	tty, err := fill.words(t.TTY)
	if err != nil {
		return nil, err
	}
	c := &commandConn{conn: newConn(t.Files), executor: way.Local, command: command, tty: tty}
	if t.On != "" {
		on, err := fill.words([]string{t.On})
		if err != nil {
			return nil, err
		}
		if c.executor, err = way.On(ctx, on[0]); err != nil {
			return nil, err
		}
	}
	c.files.executor = c
	return c, nil
}

// conn is what both kinds of connections have.
type conn struct {
	files reach
	done  chan struct{}
	end   sync.Once
}

// reach is the files of a connection.
type reach struct {
	offered  bool
	executor command.Executor
}

func newConn(files bool) conn { return conn{files: reach{offered: files}, done: make(chan struct{})} }

// Files go through the shell.
func (c *conn) Files(context.Context) (transfer.FS, error) {
	if !c.files.offered {
		return nil, fault.New(fault.Unsupported, "this transport has no files")
	}
	return shellfs.New(c.files.executor), nil
}

func (c *conn) Done() <-chan struct{} { return c.done }

func (c *conn) Close() error {
	c.end.Do(func() { close(c.done) })
	return nil
}

// commandConn runs each line by a command.
type commandConn struct {
	conn
	executor     command.Executor
	command, tty []string
}

// Exec puts the line into the command.
func (c *commandConn) Exec(ctx context.Context, req command.Exec) (command.Exit, error) {
	words := c.command
	if req.PTY != nil && len(c.tty) > 0 {
		words = c.tty
	}
	words = slices.Clone(words)
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], "{line}", req.Line)
	}
	line, err := shell.Join(words)
	if err != nil {
		return command.Exit{}, err
	}
	req.Line, req.Env = "exec "+line, nil
	return c.executor.Exec(ctx, req)
}

// filling is the values of the names in a command.
type filling struct {
	host   *inventory.Host
	values map[string]string
}

func values(h *inventory.Host) filling {
	address := h.Address
	if _, rest, ok := strings.Cut(address, "://"); ok {
		address = rest
	}
	if address == "" {
		address = h.Name
	}
	v := map[string]string{"name": h.Name, "address": address, "user": h.User, "line": "{line}"}
	if h.Port != 0 {
		v["port"] = strconv.Itoa(h.Port)
	}
	return filling{h, v}
}

var placeholder = regexp.MustCompile(`\{[a-z_]+(\.[A-Za-z0-9_.]+)?\}`)

// words replaces the names in a command. One that has no value is an error: a
// command that lacks a part of it means something else.
func (f filling) words(words []string) ([]string, error) {
	var failed error
	out := slices.Clone(words)
	for i := range out {
		out[i] = placeholder.ReplaceAllStringFunc(out[i], func(text string) string {
			value, ok := f.value(text[1 : len(text)-1])
			if !ok && failed == nil {
				failed = fault.New(fault.Usage, "the command of the transport wants %s, which the host does not have", text)
			}
			return value
		})
	}
	return out, failed
}

func (f filling) value(name string) (string, bool) {
	if path, ok := strings.CutPrefix(name, "vars."); ok {
		value, found := inventory.Var(f.host.Vars, path)
		return fmt.Sprint(value), found
	}
	value := f.values[name]
	return value, value != ""
}
