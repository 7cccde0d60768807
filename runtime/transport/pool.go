package transport

import (
	"context"
	"errors"
	"sync"
	"syscall"

	"gofab/internal/fault"
	"gofab/runtime/inventory"
)

// DefaultRoom is how many connections are kept open, unless the files of the
// process are fewer. Each takes some 50 KB of memory.
const DefaultRoom = 2000

// Pool keeps one connection per host, and no more than there is room for.
type Pool struct {
	dial Dial

	mu      sync.Mutex
	room    int // connections that may be open
	slots   map[string]*slot
	open    []*slot       // that have a connection or open one, in no order
	last    *slot         // used last outside of all visits; its user may be at work
	changed chan struct{} // closed when a connection may have become free
	closed  bool
}

// slot is the place of one host's connection. Its channel is a lock that a
// context can give up waiting for.
type slot struct {
	busy    chan struct{}
	conn    Conn
	place   int // among those that take room; -1 for none
	holders map[*visit]bool
}

// NewPool makes a pool that opens connections with dial.
func NewPool(dial Dial) *Pool {
	return &Pool{dial: dial, room: DefaultRoom, slots: map[string]*slot{}, changed: make(chan struct{})}
}

// SetRoom says how many connections may be open at a time.
func (p *Pool) SetRoom(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.room = max(n, 1)
}

// Room is how many connections may be open at a time: it is no use to work on
// more hosts at once.
func (p *Pool) Room() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.room
}

// Get gives the host's connection, opening it when there is none. It stays open
// at least until the visit that ctx belongs to ends.
func (p *Pool) Get(ctx context.Context, h *inventory.Host) (Conn, error) {
	if err := checkDialing(ctx, h.Name); err != nil {
		return nil, err
	}
	s, err := p.slot(h.Name)
	if err != nil {
		return nil, err
	}
	v := visitOf(ctx)
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if p.alive(s, v) {
		return s.conn, nil
	}
	conn, err := p.connect(ctx, h, s, v)
	if err != nil {
		return nil, named(err, h.Name)
	}
	return conn, nil
}

// alive tells whether the slot has a connection that works, and notes its use.
func (p *Pool) alive(s *slot, v *visit) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.conn == nil {
		return false
	}
	if ended(s.conn) {
		p.vacate(s)
		return false
	}
	p.use(s, v)
	return true
}

// connect opens the connection of a slot. When the process may open no more
// files, it waits for one to become free, as long as there is hope.
func (p *Pool) connect(ctx context.Context, h *inventory.Host, s *slot, v *visit) (Conn, error) {
	takesRoom := h.Transport != inventory.Local
	for {
		if takesRoom {
			if err := p.makeRoom(ctx, s, v); err != nil {
				return nil, err
			}
		}
		conn, err := p.dial(ctx, h)
		p.mu.Lock()
		if err == nil {
			s.conn = conn
			p.use(s, v)
			p.mu.Unlock()
			return conn, nil
		}
		again := p.tooMany(err)
		p.vacate(s)
		p.mu.Unlock()
		if !again {
			return nil, err
		}
	}
}

// use needs the lock.
func (p *Pool) use(s *slot, v *visit) {
	if v == nil {
		p.last = s
		return
	}
	s.holders[v] = true
	v.held[s] = true
}

// vacate gives a slot's room back. It needs the lock.
func (p *Pool) vacate(s *slot) {
	s.conn = nil
	if s.place >= 0 {
		last := p.open[len(p.open)-1]
		p.open[s.place], last.place = last, s.place
		p.open = p.open[:len(p.open)-1]
		s.place = -1
	}
	p.tell()
}

// tell wakes those who wait for room. It needs the lock.
func (p *Pool) tell() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func ended(c interface{ Done() <-chan struct{} }) bool {
	select {
	case <-c.Done():
		return true
	default:
		return false
	}
}

// named puts the host into an error. Whatever a login could not open for want
// of descriptors (a socket, known_hosts, a key), the remedy is the same.
func named(err error, host string) error {
	e := *fault.From(err)
	e.Host, e.Cause = host, &unreached{host, e.Cause}
	if errors.Is(err, syscall.EMFILE) {
		e.Hint = "each open connection takes a file of this machine's limit: raise it (ulimit -n)"
	}
	return &e
}

func (p *Pool) slot(name string) (*slot, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, fault.New(fault.Cancelled, "the run has ended")
	}
	s := p.slots[name]
	if s == nil {
		s = &slot{busy: make(chan struct{}, 1), place: -1, holders: map[*visit]bool{}}
		p.slots[name] = s
	}
	return s, nil
}

// Close closes all connections.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	slots := p.slots
	p.slots = map[string]*slot{}
	p.mu.Unlock()
	var errs []error
	for _, s := range slots {
		s.busy <- struct{}{}
		if s.conn != nil {
			errs = append(errs, s.conn.Close())
		}
		<-s.busy
	}
	return errors.Join(errs...)
}
