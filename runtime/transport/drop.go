package transport

import "context"

// Drop closes the connection of a host, if there is one. The next use opens
// another.
func (p *Pool) Drop(ctx context.Context, name string) error {
	s, err := p.slot(name)
	if err != nil {
		return err
	}
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if s.conn == nil {
		return nil
	}
	err = s.conn.Close()
	s.conn = nil
	return err
}

// Connected says that a host's connection is open. One that is being opened is
// not.
func (p *Pool) Connected(name string) bool {
	p.mu.Lock()
	s := p.slots[name]
	p.mu.Unlock()
	if s == nil {
		return false
	}
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	default:
		return false
	}
	return s.conn != nil && !ended(s.conn)
}
