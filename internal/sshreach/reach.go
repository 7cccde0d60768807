// Package sshreach is how code that knows no run reaches names over SSH: with
// the run's dialer, the user's ssh_config, and what an inventory says of a name.
// It also holds what such code keeps open, so that the end of a run closes it.
package sshreach

import (
	"context"
	"io"
	"sync"

	"gofab/internal/sshclient"
	"gofab/internal/sshconfig"
)

// Reach is what one run knows about the ways over SSH.
type Reach struct {
	Dialer *sshclient.Dialer
	Config sshconfig.Options
	// Locate gives what is known of a name beside the configuration, as ssh -o
	// has it; may be nil.
	Locate func(name string) ([][2]string, error)

	mu   sync.Mutex
	open map[io.Closer]bool
}

// Key is where a run keeps its Reach.
type Key struct{}

// Settings gives the settings of a name. What is in first comes before what is
// known of the name, and that before the configuration.
func (r *Reach) Settings(ctx context.Context, name string, config sshconfig.Options, first [][2]string) (*sshconfig.Settings, error) {
	located, err := r.locate(name)
	if err != nil {
		return nil, err
	}
	config.Overrides = append(append(append([][2]string{}, first...), located...), config.Overrides...)
	return sshconfig.Resolve(ctx, name, config)
}

func (r *Reach) locate(name string) ([][2]string, error) {
	if r.Locate == nil {
		return nil, nil
	}
	return r.Locate(name)
}

// Keep holds something until the returned function closes it: called by
// whoever owns it, by the end of ctx, or by the end of the run.
func (r *Reach) Keep(ctx context.Context, c io.Closer) (closeIt func() error) {
	r.mu.Lock()
	if r.open == nil {
		r.open = map[io.Closer]bool{}
	}
	r.open[c] = true
	r.mu.Unlock()
	stop := context.AfterFunc(ctx, func() { _ = r.drop(c) })
	return func() error {
		stop()
		return r.drop(c)
	}
}

// drop closes c first: the end of the run waits for it until then.
func (r *Reach) drop(c io.Closer) error {
	err := c.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, c)
	return err
}

// Close closes all that is open, at once.
func (r *Reach) Close() error {
	r.mu.Lock()
	var all []io.Closer
	for c := range r.open {
		all = append(all, c)
	}
	r.mu.Unlock()
	var group sync.WaitGroup
	for _, c := range all {
		group.Go(func() { _ = r.drop(c) })
	}
	group.Wait()
	return nil
}
