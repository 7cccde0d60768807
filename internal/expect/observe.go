package expect

import "slices"

// recentSize is how much of the newest output is kept for observers that come
// late.
const recentSize = 64 << 10

// recent is the newest output, all of it up to recentSize.
type recent struct{ data []byte }

func (r *recent) add(piece []byte) {
	if len(piece) >= recentSize {
		r.data = append(r.data[:0], piece[len(piece)-recentSize:]...)
		return
	}
	if over := len(r.data) + len(piece) - 2*recentSize; over > 0 {
		r.data = r.data[:copy(r.data, r.data[len(r.data)-recentSize:])]
	}
	r.data = append(r.data, piece...)
}

func (r *recent) bytes() []byte { return r.data[max(len(r.data)-recentSize, 0):] }

// Observe is Tap for who comes late: fn is first given the newest output that
// there was, whoever took it, and nothing is missing or told twice after it.
func (p *Process) Observe(fn Tap) (remove func()) {
	p.taps.Lock()
	defer p.taps.Unlock()
	if old := p.recent.bytes(); len(old) > 0 {
		fn(Output, old)
	}
	return p.addTap(fn)
}

// addTap needs the lock.
func (p *Process) addTap(fn Tap) (remove func()) {
	entry := &fn
	p.tapList = append(p.tapList, entry)
	return func() {
		p.taps.Lock()
		defer p.taps.Unlock()
		p.tapList = slices.DeleteFunc(p.tapList, func(t *Tap) bool { return t == entry })
	}
}

// Tap lets fn see all bytes from now on, until remove is called. It is called
// by whoever moves the bytes and holds them up while it works.
func (p *Process) Tap(fn Tap) (remove func()) {
	p.taps.Lock()
	defer p.taps.Unlock()
	return p.addTap(fn)
}

func (p *Process) tell(d Direction, piece []byte) {
	p.taps.RLock()
	defer p.taps.RUnlock()
	if d == Output {
		p.recent.add(piece)
	}
	for _, t := range p.tapList {
		(*t)(d, piece)
	}
}
