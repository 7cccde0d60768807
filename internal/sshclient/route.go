package sshclient

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"time"

	"gofab/internal/fault"
)

// route is the way to the port of one sshd.
type route struct {
	gate    string // logins with the same gate are limited together
	dial    func(ctx context.Context) (net.Conn, error)
	release func() // gives back what the route holds; called once
}

// route finds the way to o: through jump hosts, through a command, or direct.
func (d *Dialer) route(ctx context.Context, o *options, hosts []*options) (*route, error) {
	switch {
	case len(hosts) > 0:
		return d.jumpRoute(ctx, o, hosts)
	case o.proxyCommand != "":
		return commandRoute(o), nil
	default:
		return tcpRoute(ctx, o)
	}
}

// tcpRoute resolves the name of o once for all attempts.
func tcpRoute(ctx context.Context, o *options) (*route, error) {
	dialer, err := o.tcpDialer()
	if err != nil {
		return nil, err
	}
	addresses, err := resolve(ctx, o)
	if err != nil {
		return nil, err
	}
	return &route{
		gate:    addresses[0].String(),
		release: func() {},
		dial: func(ctx context.Context) (net.Conn, error) {
			limited, cancel := context.WithTimeout(ctx, o.connectTimeout)
			defer cancel()
			conn, err := connect(limited, dialer, addresses)
			if err != nil && ctx.Err() != nil {
				return nil, ended(ctx)
			}
			return conn, err
		},
	}, nil
}

// resolve asks for the addresses of o in the order of RFC 6724.
func resolve(ctx context.Context, o *options) ([]netip.AddrPort, error) {
	limited, cancel := context.WithTimeout(ctx, o.connectTimeout)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(limited, o.ipNetwork(), o.host)
	switch {
	case ctx.Err() != nil:
		return nil, ended(ctx)
	case err != nil:
		return nil, fault.New(fault.Unreachable, "cannot resolve %s: %s", o.host, lookupReason(err)).WithHint("%s", nameHint(o.host))
	case len(found) == 0:
		return nil, fault.New(fault.Unreachable, "%s has no address", o.host)
	}
	addresses := make([]netip.AddrPort, len(found))
	for i, ip := range found {
		addresses[i] = netip.AddrPortFrom(ip.Unmap(), uint16(o.port))
	}
	return addresses, nil
}

// nameHint says what to try about a name without an address. As in ssh, a name
// is no place for a port.
func nameHint(name string) string {
	if host, port, err := net.SplitHostPort(name); err == nil {
		return "a port is not part of the name: give it as port, or write ssh://" + net.JoinHostPort(host, port)
	}
	return "check the name, or set HostName in the ssh configuration"
}

func lookupReason(err error) string {
	var dns *net.DNSError
	switch {
	case !errors.As(err, &dns):
		return err.Error()
	case dns.IsTimeout:
		return "the name server did not answer in time"
	default:
		return dns.Err
	}
}

// headStart is how long an address is waited for before the next one is tried
// beside it (RFC 8305, section 5).
const headStart = 300 * time.Millisecond

// connect gives the first connection of any address. The error lists them all.
func connect(ctx context.Context, dialer *net.Dialer, addresses []netip.AddrPort) (net.Conn, error) {
	if len(addresses) == 1 {
		conn, err := dialer.DialContext(ctx, "tcp", addresses[0].String())
		return conn, connectError(ctx, addresses, []error{err})
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the others once one has won
	type outcome struct {
		index int
		conn  net.Conn
		err   error
	}
	outcomes := make(chan outcome)
	start := func(i int) {
		conn, err := dialer.DialContext(ctx, "tcp", addresses[i].String())
		select {
		case outcomes <- outcome{i, conn, err}:
		case <-ctx.Done():
			if conn != nil {
				conn.Close()
			}
		}
	}
	failed := make([]error, len(addresses))
	next := time.NewTimer(0)
	defer next.Stop()
	for started, ended := 0, 0; ended < len(addresses); {
		select {
		case <-next.C:
			if started < len(addresses) {
				go start(started)
				started++
				next.Reset(headStart)
			}
		case o := <-outcomes:
			if o.err == nil {
				return o.conn, nil
			}
			failed[o.index] = o.err
			ended++
			next.Reset(0)
		case <-ctx.Done():
			return nil, connectError(ctx, addresses, failed)
		}
	}
	return nil, connectError(ctx, addresses, failed)
}

// connectError says for each address why it failed; nil if the only one did not.
func connectError(ctx context.Context, addresses []netip.AddrPort, failed []error) error {
	if len(failed) == 1 && failed[0] == nil {
		return nil
	}
	text := ""
	for i, err := range failed {
		if i > 0 {
			text += "; "
		}
		text += addresses[i].String() + ": " + dialReason(ctx, err)
	}
	return fault.Wrap(fault.Unreachable, &quiet{errors.Join(failed...)}, "cannot connect to %s", text).
		WithHint("is the address right, sshd running on that port and no firewall in between?")
}

// dialReason is the part of a dial error that is not the address again.
func dialReason(ctx context.Context, err error) string {
	var op *net.OpError
	var timeout net.Error
	switch {
	case err == nil || ctx.Err() != nil && errors.Is(err, context.Canceled):
		return "not reached in time"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.As(err, &op):
		return sysReason(op.Err)
	default:
		return err.Error()
	}
}

// quiet keeps a cause for errors.Is without repeating its text.
type quiet struct{ error }

func (q *quiet) Error() string { return "" }
func (q *quiet) Unwrap() error { return q.error }

// hostPort joins a host and a port, with brackets around an IPv6 address.
func hostPort(host string, port int) string {
	return net.JoinHostPort(host, strconv.Itoa(port))
}
