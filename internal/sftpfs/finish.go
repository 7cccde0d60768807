package sftpfs

import (
	"context"
	"slices"

	"gofab/internal/transfer"
)

// Finish sends everything a new file still needs at once, to a server that
// works it off in order (draft, section 6.1). The file is closed whatever
// happens.
func (f *file) Finish(ctx context.Context, rest []byte, off int64, final transfer.Final) (transfer.Info, error) {
	f.closed.Store(true) // from now on all goes to the first channel, in order
	f.dropOthers()
	steps, look := f.lastSteps(final)
	writes, err := f.askWrite(ctx, rest, off)
	for _, w := range writes {
		f.settle(ctx, w.call)
	}
	for _, s := range steps {
		if startErr := f.home.start(ctx, s.call); err == nil {
			err = startErr
		}
		f.settle(ctx, s.call)
	}
	f.home.handles.Add(-1)
	end := &call{request: f.home.request(typeClose)}
	if startErr := f.home.start(context.WithoutCancel(ctx), end); err == nil {
		err = startErr
	}
	if err != nil {
		return transfer.Info{}, asFault(err, "cannot write %s", f.path)
	}
	for _, w := range slices.Backward(writes) {
		steps = slices.Insert(steps, 0, step{w.call, "cannot write %s"})
	}
	return f.await(ctx, append(steps, step{end, "cannot close %s"}), look)
}

// settle waits for a request before the next one goes out, where the server
// does not keep to the order.
func (f *file) settle(ctx context.Context, k *call) {
	if !f.home.orderly {
		_ = f.home.wait(ctx, k) // await sees its error
	}
}

// lastSteps are those between the last write and the close.
func (f *file) lastSteps(final transfer.Final) (steps []step, look *call) {
	h := f.home
	mode := h.request(typeFsetstat).mode(final.Mode)
	if final.Times {
		mode = h.request(typeFsetstat).modeTimes(final.Mode, final.Accessed, final.Modified)
	}
	steps = []step{{&call{request: mode}, "cannot set the mode of %s"}}
	if h.has(fsync, "1") {
		steps = append(steps, step{&call{request: extended(fsync).string(h.id), patient: true}, "cannot bring %s to disk"})
	}
	look = &call{request: h.request(typeFstat)}
	return append(steps, step{look, "cannot look at %s"}), look
}

// step is one request of a Finish, with what to say when it fails.
type step struct {
	*call
	failure string
}

// await waits for all steps and gives the error of the first that failed.
func (f *file) await(ctx context.Context, steps []step, look *call) (info transfer.Info, err error) {
	for _, s := range steps {
		stepErr := f.home.wait(ctx, s.call)
		switch {
		case stepErr == nil && s.call == look:
			info, stepErr = look.info(f.path)
		case stepErr == nil:
			stepErr = s.okay()
		}
		if err == nil {
			err = asFault(stepErr, s.failure, f.path)
		}
	}
	return info, err
}
