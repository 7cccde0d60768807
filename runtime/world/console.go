package world

import (
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/term"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// console is the terminal in raw mode. It is opened anew and not taken from
// standard input, so that piped input and output stay what they are, and so
// that a read can be ended without closing anybody else's file.
type console struct {
	world   *World
	tty     *os.File
	resized chan struct{}
	signals chan os.Signal
	back    sync.Once

	mu    sync.Mutex
	state *term.State // what to go back to
}

// Console takes the terminal over. One dialogue at a time can have it.
func (w *World) Console() (kit.Console, error) {
	if !w.asking.TryLock() {
		return nil, fault.New(fault.Exists, "the terminal is in use by another dialogue").
			WithHint("let one dialogue at a time have the terminal")
	}
	c, err := openConsole(w)
	if err != nil {
		w.asking.Unlock()
		return nil, err
	}
	w.mu.Lock()
	w.taken = c
	w.mu.Unlock()
	go c.follow()
	return c, nil
}

func openConsole(w *World) (*console, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, fault.New(fault.Denied, "there is no terminal").WithHint("run gofab in a terminal")
	}
	c := &console{world: w, tty: tty, resized: make(chan struct{}, 1), signals: make(chan os.Signal, 1)}
	if c.state, err = c.raw(); err != nil {
		tty.Close()
		return nil, fault.Wrap(fault.Failed, err, "cannot switch the terminal to raw mode")
	}
	signal.Notify(c.signals, syscall.SIGWINCH, syscall.SIGCONT)
	return c, nil
}

// control runs f on the descriptor in a way that leaves the file out of
// blocking mode, unlike os.File.Fd.
func (c *console) control(f func(fd int) error) error {
	conn, err := c.tty.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := conn.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}

func (c *console) raw() (before *term.State, err error) {
	err = c.control(func(fd int) (err error) { before, err = term.MakeRaw(fd); return err })
	return before, err
}

// follow tells of new sizes. Whoever stopped us may have changed the terminal,
// so it is made raw again when we go on.
func (c *console) follow() {
	for s := range c.signals {
		if s == syscall.SIGCONT {
			c.mu.Lock()
			if c.state != nil {
				_, _ = c.raw()
			}
			c.mu.Unlock()
		}
		select {
		case c.resized <- struct{}{}:
		default:
		}
	}
}

// Read gives what is typed; after Close it fails with os.ErrClosed.
func (c *console) Read(p []byte) (int, error) {
	n, err := c.tty.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = os.ErrClosed
	}
	return n, err
}

func (c *console) Write(p []byte) (int, error) { return c.tty.Write(p) }

func (c *console) Resized() <-chan struct{} { return c.resized }

// Size gives 80 x 24 where the terminal does not know.
func (c *console) Size() (cols, rows int) {
	_ = c.control(func(fd int) (err error) { cols, rows, err = term.GetSize(fd); return err })
	if cols <= 0 || rows <= 0 {
		return 80, 24
	}
	return cols, rows
}

// Close gives the terminal back. A Read or Write that waits is ended by a
// deadline before the file goes, where the system has those for terminals.
func (c *console) Close() error {
	c.back.Do(func() {
		signal.Stop(c.signals)
		close(c.signals)
		c.restore()
		_ = c.tty.SetDeadline(time.Unix(1, 0))
		_ = c.tty.Close()
		c.world.mu.Lock()
		c.world.taken = nil
		c.world.mu.Unlock()
		c.world.asking.Unlock()
	})
	return nil
}

func (c *console) restore() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != nil {
		_ = c.control(func(fd int) error { return term.Restore(fd, c.state) })
		c.state = nil
	}
}

// giveBack restores the terminal when the process is about to leave without
// ceremony.
func (w *World) giveBack() {
	w.mu.Lock()
	c := w.taken
	w.mu.Unlock()
	if c != nil {
		c.restore()
	}
}
