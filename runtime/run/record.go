package run

import (
	"context"
	"sync/atomic"
	"time"

	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/runtime/event"
	"gofab/runtime/replay"
	"gofab/runtime/transport"
)

// RecordOptions say what of a run is written down, and what answers in the
// place of its hosts.
type RecordOptions struct {
	File   string   // the record of this run; "" is none
	Replay string   // the record whose hosts answer; "" lets them answer themselves
	Ignore []string // regular expressions of texts that may differ from that record
}

// recorded puts what records and what replays in front of the ways to hosts.
func (r *Run) recorded(dial transport.Dial) transport.Dial {
	dial = replay.StageOf(r.Env).Dial(dial)
	if r.recorder != nil {
		dial = r.recorder.Dial(dial)
	}
	return dial
}

// play puts the record that is replayed onto the stage.
func (r *Run) play() error {
	o := r.options.Record
	if o.Replay == "" {
		return nil
	}
	d, err := replay.FromRecord(o.Replay, r.Env.Secrets, o.Ignore)
	if err != nil {
		return err
	}
	replay.StageOf(r.Env).Put(d)
	return nil
}

// nowhere is where names are in a replay.
func nowhere(name string) ([][2]string, error) {
	return nil, fault.New(fault.Unsupported, "a replay has no network: %s is reached by the host's own commands and files only", name)
}

// Show shows a record as the run was shown, with the renderers that the options
// name.
func Show(parent context.Context, o Options, path string, show replay.Show) error {
	ctx, stop := o.World.Run(parent)
	defer stop()
	var now atomic.Int64
	r := &Run{Context: ctx, options: o, clock: func() time.Time { return time.Unix(0, now.Load()) }}
	stream, late, err := r.events(&secret.Redactor{})
	if err != nil {
		return err
	}
	if len(late) > 0 {
		_ = stream.Close(ctx)
		return fault.New(fault.Usage, "-o %s: a record is shown without its script, by the formats that are built in", late[0].Name)
	}
	shown := show.Run(ctx, path, func(e event.Entry) {
		now.Store(e.Time.UnixNano())
		stream.Emit(e.Event)
	})
	ending, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	if err := stream.Close(ending); shown == nil {
		shown = err
	}
	return shown
}
