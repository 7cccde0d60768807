package sftpfs

import "sync"

// bell wakes those that wait for room on any channel of an FS.
type bell struct {
	mu   sync.Mutex
	next chan struct{} // nil while nobody waits
}

// wait gives what is closed when the bell rings next.
func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}
