package expect

import (
	"context"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/atomicfile"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/recording"
	"gofab/internal/secret"
)

type recordArgs struct {
	File string `lua:"file,arg1" doc:"File to write; .cast is its usual ending."`
}

// record writes down both directions. What is secret is known here, so nothing
// has to be guessed from the echo.
func record(c *kit.Call, p *engine.Process, a recordArgs) (kit.None, error) {
	path := c.Path(a.File)
	if err := atomicfile.Write(path, nil, 0o600); err != nil { // better told now than at the end
		return kit.None{}, fault.OS(err, "cannot record to %s", path)
	}
	rows, cols := sizeOf(p, 0, 0)
	var mu sync.Mutex
	r := recording.New(recording.Program{Command: strings.Fields(p.Name())}, cols, rows, c.World.Now)
	r.Trust()
	p.Observe(func(d engine.Direction, piece []byte) {
		mu.Lock()
		defer mu.Unlock()
		if d == engine.Output {
			r.Output(piece)
		} else {
			text := strings.TrimRight(string(piece), "\r\n")
			r.Input(piece, text != "" && c.Secrets.Redact(text) == secret.Mask)
		}
	})
	p.OnClose(func() {
		mu.Lock()
		defer mu.Unlock()
		_ = atomicfile.Write(path, r.Close(codeOf(p)).Marshal(), 0o600)
	})
	return kit.None{}, nil
}

// codeOf is the exit code of a program that has ended, or -1.
func codeOf(p *engine.Process) int {
	program, ok := p.Stream().(engine.Program)
	if !ok {
		return -1
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	exit, err := program.Wait(ctx)
	if err != nil {
		return -1
	}
	return exit.Code
}

type replayArgs struct {
	File string `lua:"file,arg1" doc:"A recording: of p:record, gofab record or asciinema."`
	held
}

func replay(c *kit.Call, a replayArgs) (*engine.Process, error) {
	file, err := os.Open(c.Path(a.File))
	if err != nil {
		return nil, fault.OS(err, "cannot open the recording %s", a.File)
	}
	defer file.Close()
	session, err := recording.Read(file)
	if err != nil {
		return nil, fault.Wrap(fault.Parse, err, "%s", a.File)
	}
	return begin(c, newFake(session), "replay of "+a.File, "", a.held)
}

// fake is a recorded program in this process.
type fake struct {
	net.Conn // our side
	stop     context.CancelFunc
	done     chan struct{}
	exit     engine.Exit
}

func newFake(session *recording.Recording) *fake {
	ours, theirs := net.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	f := &fake{Conn: ours, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(f.done)
		defer theirs.Close()
		code, err := session.Play(ctx, theirs, theirs)
		if f.exit.Code = code; err != nil {
			f.exit.Code = 1
			_ = theirs.SetWriteDeadline(time.Now().Add(patience)) // nobody may read it
			_, _ = theirs.Write([]byte("error: " + err.Error() + "\r\n"))
		}
	}()
	return f
}

// Close ends it.
func (f *fake) Close() error {
	f.stop()
	err := f.Conn.Close()
	<-f.done
	return err
}

// Done, Wait and Signal make it a program.

func (f *fake) Done() <-chan struct{} { return f.done }

func (f *fake) Wait(ctx context.Context) (engine.Exit, error) {
	select {
	case <-f.done:
		return f.exit, nil
	default:
	}
	select {
	case <-f.done:
		return f.exit, nil
	case <-ctx.Done():
		return engine.Exit{}, ctx.Err()
	}
}

func (f *fake) Signal(string) error { return f.Close() }
