package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/sysinfo"
	"gofab/runtime/host"
	"gofab/runtime/run"
)

// topCommand is a live view. On a terminal it takes the second screen, so that
// what was there before comes back; anywhere else it prints one picture.
type topCommand struct {
	looker
	interval string
	view     topView
}

func (a *app) topCommand() *cobra.Command {
	t := &topCommand{looker: looker{app: a}}
	c := &cobra.Command{
		Use:   "top [-H TARGETS]",
		Short: "Watch processors, memory and processes live",
		Long: `Watch this machine, one host or a group: one machine with its processes, a group
with a line for each host. Nothing is installed on a host.

  gofab top
  gofab top -H web1
  gofab top -H @web --interval 5
  gofab top -H @web -o json            one picture, as data

Keys: q or Ctrl-C ends, c sorts by processor, m by memory, space looks at once.
Where there is no terminal one picture is printed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return t.run(cmd) },
	}
	t.flags(c)
	c.Flags().StringVar(&t.interval, "interval", "2", "time between two looks: 2, 500ms, 1m")
	return c
}

func (t *topCommand) run(cmd *cobra.Command) error {
	interval, err := parseDuration(t.interval)
	if err != nil || interval < 100*time.Millisecond {
		return fault.New(fault.Usage, "--interval %s: want a time of 100ms or more", t.interval)
	}
	r, err := t.open(cmd)
	if err != nil {
		return err
	}
	defer r.Close()
	first, err := t.look(r)
	if err != nil {
		return t.app.finish(r, nil, err)
	}
	t.view.before, t.view.now = first, first
	_, _, terminal := t.app.world.Terminal()
	if _, typed := t.app.world.StdinTerminal(); !terminal || !typed || t.json {
		return t.once(r, min(interval, time.Second))
	}
	console, err := t.app.world.Console()
	if err != nil {
		return t.app.finish(r, nil, err)
	}
	err = t.live(r, console, interval)
	console.Close()
	return t.app.finish(r, nil, err)
}

// look takes a sample of every host.
func (t *topCommand) look(r *run.Run) ([]machineSample, error) {
	sights, err := r.Look(t.targets(), sysinfo.SampleParts...)
	if err != nil {
		return nil, err
	}
	list := make([]machineSample, len(sights))
	for i, s := range sights {
		list[i] = machineSample{name: s.Host, err: s.Error}
		if s.Error == nil {
			list[i].Sample, list[i].err = s.System.Sample(r.Context)
		}
	}
	return list, r.Ended()
}

// once prints one picture.
func (t *topCommand) once(r *run.Run, interval time.Duration) error {
	err := sysinfo.Sleep(r.Context, interval)
	if err == nil {
		t.view.now, err = t.look(r)
	}
	if err != nil {
		return t.app.finish(r, nil, err)
	}
	var sights []host.Sight
	for _, m := range t.view.now {
		sights = append(sights, host.Sight{Host: m.name, Error: m.err})
	}
	if t.json {
		err = writeJSON(t.app.world.Out, t.view.data())
	} else {
		_, err = io.WriteString(t.app.world.Out, t.view.text(0, 0))
	}
	return t.app.finish(r, failed(r, sights), err)
}

const (
	enterScreen = "\x1b[?1049h\x1b[?25l"
	leaveScreen = "\x1b[?25h\x1b[?1049l"
	homeCursor  = "\x1b[H"
	clearBelow  = "\x1b[J"
)

// live shows pictures until a key ends it. Looks go on in the background, so
// that keys and a new size are answered at once.
func (t *topCommand) live(r *run.Run, console kit.Console, interval time.Duration) error {
	if _, err := io.WriteString(console, enterScreen); err != nil {
		return err
	}
	defer func() { _, _ = io.WriteString(console, leaveScreen) }()
	ctx, cancel := context.WithCancel(r.Context)
	defer cancel()
	keys, looks := typed(ctx, console), make(chan looked)
	again := time.NewTimer(min(interval, time.Second/2)) // the first look back is short
	defer again.Stop()
	for {
		if err := t.draw(console); err != nil {
			return err
		}
		select {
		case key, open := <-keys:
			if !open || key == 'q' || key == 'Q' || key == 3 {
				return nil
			}
			if key == ' ' {
				again.Reset(0)
			}
			t.view.press(key)
		case <-console.Resized():
		case <-again.C:
			go func() {
				now, err := t.look(r)
				select {
				case looks <- looked{now, err}:
				case <-ctx.Done():
				}
			}()
		case l := <-looks:
			if l.err != nil {
				return l.err
			}
			t.view.before, t.view.now = t.view.now, l.now
			again.Reset(interval)
		case <-ctx.Done():
			return r.Ended()
		}
	}
}

type looked struct {
	now []machineSample
	err error
}

func (t *topCommand) draw(console kit.Console) error {
	columns, rows := console.Size()
	_, err := fmt.Fprint(console, homeCursor, t.view.text(columns, rows), clearBelow)
	return err
}

// typed gives the keys one by one; the channel closes with the terminal.
func typed(ctx context.Context, console kit.Console) <-chan byte {
	keys := make(chan byte)
	go func() {
		defer close(keys)
		buf := make([]byte, 64)
		for {
			n, err := console.Read(buf)
			for _, key := range buf[:n] {
				select {
				case keys <- key:
				case <-ctx.Done():
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return keys
}
