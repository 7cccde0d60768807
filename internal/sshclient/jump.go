package sshclient

import (
	"context"
	"net"
	"slices"
	"sync"

	"gofab/internal/fault"
)

// maxJumps bounds a chain of jump hosts.
const maxJumps = 8

// chain lists the jump hosts on the way to o, the nearest one first. It is
// complete before anything is connected: two hosts that lead to each other
// would wait for each other for ever.
func (d *Dialer) chain(ctx context.Context, o *options) ([]*options, error) {
	var hosts []*options
	for at := o; len(at.jumps) > 0; at = hosts[0] {
		via, err := d.jumpOptions(ctx, at.jumps)
		if err != nil {
			return nil, err
		}
		again := func(h *options) bool { return h.key() == via.key() }
		if slices.ContainsFunc(hosts, again) || len(hosts) == maxJumps {
			return nil, fault.New(fault.Usage, "the way through jump host %s does not end", via.name).
				WithHint("does its ProxyJump lead back to itself?")
		}
		hosts = slices.Insert(hosts, 0, via)
	}
	return hosts, nil
}

// jumpRoute reaches o from the last of the jump hosts, which is reached from
// the one before it.
func (d *Dialer) jumpRoute(ctx context.Context, o *options, hosts []*options) (*route, error) {
	before, via := hosts[:len(hosts)-1], hosts[len(hosts)-1]
	client, release, err := d.jumps.get(ctx, via.key(), func() (*Client, error) {
		return d.dialThrough(ctx, via, before)
	})
	if err != nil {
		return nil, throughJump(via, err)
	}
	address := hostPort(o.host, o.port)
	return &route{
		gate:    via.key() + " " + address,
		release: release,
		dial: func(ctx context.Context) (net.Conn, error) {
			return o.dialFrom(ctx, client, address)
		},
	}, nil
}

// dialFrom connects to o from its jump host.
func (o *options) dialFrom(ctx context.Context, via *Client, address string) (net.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, o.connectTimeout)
	defer cancel()
	conn, err := via.DialTCP(limited, address)
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil:
		return nil, ended(ctx)
	default:
		return nil, fault.Wrap(fault.Unreachable, err, "no way from jump host %s to %s", via.name, address)
	}
}

// jumpOptions is the configuration of the last hop. The hops before it take the
// place of its own ProxyJump; the first hop of all keeps its own.
func (d *Dialer) jumpOptions(ctx context.Context, hops []hop) (*options, error) {
	last := hops[len(hops)-1]
	if d.deps.Resolve == nil {
		return nil, fault.New(fault.Unsupported, "jump host %s: no configuration for jump hosts here", last.host)
	}
	settings, err := d.deps.Resolve(ctx, last.host)
	if err != nil {
		return nil, onHost(last.host, err)
	}
	o, err := d.readOptions(Target{Name: last.host, Settings: settings})
	if err != nil {
		return nil, onHost(last.host, err)
	}
	if last.user != "" {
		o.user = last.user
	}
	if last.port != 0 {
		o.port = last.port
	}
	if len(hops) > 1 {
		o.jumps, o.proxyCommand = hops[:len(hops)-1], ""
	}
	return o, nil
}

// throughJump says which jump host failed; the caller's own host is named by
// the error already.
func throughJump(via *options, err error) error {
	e := *fault.From(err)
	e.Host = ""
	e.Message = "jump host " + via.name + ": " + e.Message
	return &e
}

// jumpHosts shares one connection to each jump host among all targets behind
// it, and closes it with the last of them.
type jumpHosts struct {
	mu    sync.Mutex
	hosts map[string]*jumpHost
}

type jumpHost struct {
	ready  chan struct{} // closed when client or err is set
	client *Client
	err    error
	users  int // guarded by jumpHosts.mu
}

// get returns the shared connection, opened by the first who asks. Those who
// wait for it share its failure, unless that was only the first one's own end.
func (j *jumpHosts) get(ctx context.Context, key string, dial func() (*Client, error)) (*Client, func(), error) {
	for {
		host, first := j.join(key)
		if first {
			host.client, host.err = dial()
			if host.err != nil {
				j.forget(key, host)
			}
			close(host.ready)
		}
		select {
		case <-host.ready:
		case <-ctx.Done():
			go j.leaveLater(key, host)
			return nil, nil, ended(ctx)
		}
		switch kind := fault.KindOf(host.err); {
		case host.err == nil:
			return host.client, sync.OnceFunc(func() { j.leave(key, host) }), nil
		case first || kind != fault.Cancelled && kind != fault.Timeout:
			return nil, nil, host.err
		}
	}
}

// join counts one more user of a jump host. One whose link is lost is replaced.
func (j *jumpHosts) join(key string) (host *jumpHost, first bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if host = j.hosts[key]; host != nil && !host.lost() {
		host.users++
		return host, false
	}
	if j.hosts == nil {
		j.hosts = map[string]*jumpHost{}
	}
	host = &jumpHost{ready: make(chan struct{}), users: 1}
	j.hosts[key] = host
	return host, true
}

func (h *jumpHost) lost() bool {
	select {
	case <-h.ready:
		return h.client == nil || h.client.Err() != nil
	default:
		return false
	}
}

// leave closes the connection after its last user.
func (j *jumpHosts) leave(key string, host *jumpHost) {
	j.mu.Lock()
	host.users--
	last := host.users == 0
	if last && j.hosts[key] == host {
		delete(j.hosts, key)
	}
	j.mu.Unlock()
	if last && host.client != nil {
		_ = host.client.Close()
	}
}

// leaveLater leaves a connection that is still being opened.
func (j *jumpHosts) leaveLater(key string, host *jumpHost) {
	<-host.ready
	j.leave(key, host)
}

func (j *jumpHosts) forget(key string, host *jumpHost) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.hosts[key] == host {
		delete(j.hosts, key)
	}
}
