package testenv

import (
	"io"
	"net"
	"sync"
	"time"
)

const (
	chunkSize  = 32 << 10
	chunkQueue = 2048 // chunks on their way while delayed
)

// link is one connection through the proxy.
type link struct {
	proxy          *FaultProxy
	client, server *net.TCPConn
	done           chan struct{}
	once           sync.Once
}

// chunk is a piece of a stream and when it may go on.
type chunk struct {
	data []byte
	due  time.Time
}

func (p *FaultProxy) relay(client *net.TCPConn) {
	if f, _ := p.now(); f.reset {
		_ = client.SetLinger(0)
		_ = client.Close()
		return
	}
	conn, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = client.Close()
		return
	}
	l := &link{proxy: p, client: client, server: conn.(*net.TCPConn), done: make(chan struct{})}
	if !p.add(l) {
		return
	}
	defer p.remove(l)
	var wg sync.WaitGroup
	wg.Go(func() { l.pump(Up, l.server, l.client) })
	wg.Go(func() { l.pump(Down, l.client, l.server) })
	wg.Wait()
	l.close()
}

// add notes a link, or closes it when the proxy is already closed.
func (p *FaultProxy) add(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		l.close()
		return false
	}
	p.links[l] = struct{}{}
	return true
}

func (p *FaultProxy) remove(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

func (l *link) close() {
	l.once.Do(func() {
		close(l.done)
		_ = l.client.Close()
		_ = l.server.Close()
	})
}

// reset closes both sides with RST instead of FIN.
func (l *link) reset() {
	_ = l.client.SetLinger(0)
	_ = l.server.SetLinger(0)
	l.close()
}

// pump relays one direction. Reading and writing are apart, so that a delay
// holds bytes back without slowing their rate.
func (l *link) pump(dir Direction, to, from *net.TCPConn) {
	queue := make(chan chunk, chunkQueue)
	go func() {
		defer close(queue)
		l.read(from, queue)
	}()
	if l.write(dir, to, queue) {
		_ = to.CloseWrite()
	} else {
		l.close()
	}
	for range queue { // lets the reader end
	}
}

func (l *link) read(from *net.TCPConn, queue chan<- chunk) {
	for {
		buffer := make([]byte, chunkSize)
		n, err := from.Read(buffer)
		if n > 0 {
			f, _ := l.proxy.now()
			select {
			case queue <- chunk{buffer[:n], time.Now().Add(f.delay)}:
			case <-l.done:
				return
			}
		}
		if err != nil {
			if err != io.EOF {
				l.close()
			}
			return
		}
	}
}

// write passes the chunks on and reports whether the stream ended by itself.
func (l *link) write(dir Direction, to *net.TCPConn, queue <-chan chunk) bool {
	var passed int64
	for c := range queue {
		if !l.wait(c.due) {
			return false
		}
		data, goOn := l.spoil(dir, c.data, passed)
		n, err := to.Write(data)
		passed += int64(n)
		l.proxy.bytes[dir].Add(int64(n))
		if err != nil {
			return false
		}
		if !goOn {
			l.endHere()
			return false
		}
	}
	return true
}

// endHere does what is to be done at the place of a fault.
func (l *link) endHere() {
	switch f, _ := l.proxy.now(); f.end {
	case endReset:
		l.reset()
	case endHeld:
		<-l.done
	case endClosed:
	}
}

// wait holds a chunk back until it is due and no black hole is in the way. It
// is false when the link was closed.
func (l *link) wait(due time.Time) bool {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.done:
		return false
	}
	for {
		f, changed := l.proxy.now()
		if !f.stalled {
			return true
		}
		select {
		case <-changed:
		case <-l.done:
			return false
		}
	}
}

// spoil applies the faults that depend on the place in the stream. goOn is
// false when the connection is to end behind data.
func (l *link) spoil(dir Direction, data []byte, passed int64) (_ []byte, goOn bool) {
	f, _ := l.proxy.now()
	if f.dir != dir {
		return data, true
	}
	if at := f.flip - passed; f.flip >= 0 && at >= 0 && at < int64(len(data)) {
		data[at] ^= 1
	}
	if left := f.endAt - passed; f.endAt >= 0 && left <= int64(len(data)) {
		return data[:max(left, 0)], false
	}
	return data, true
}
