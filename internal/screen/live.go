package screen

import "sync"

// Live is a screen that a program writes to while others look at it.
type Live struct {
	mu      sync.Mutex
	screen  *Screen
	changed chan struct{} // closed at the next change
	answer  func([]byte)
	waiting []byte // answers for the program
	busy    bool   // they are being given
}

// NewLive makes a blank screen. What the program asks the terminal is answered
// by answer, which may block: it is called by a goroutine that lives as long.
func NewLive(cols, rows, lines int, answer func([]byte)) *Live {
	return &Live{screen: New(cols, rows, lines), changed: make(chan struct{}), answer: answer}
}

// Write shows output of the program.
func (l *Live) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.screen.Write(p)
	l.tell()
	if replies := l.screen.Replies(); len(replies) > 0 && len(l.waiting) < maxReplies {
		l.waiting = append(l.waiting, replies...)
		if !l.busy {
			l.busy = true
			go l.reply()
		}
	}
	return len(p), nil
}

// reply gives the answers until there are no more.
func (l *Live) reply() {
	for {
		l.mu.Lock()
		next := l.waiting
		l.waiting = nil
		l.busy = len(next) > 0
		l.mu.Unlock()
		if len(next) == 0 {
			return
		}
		l.answer(next)
	}
}

// Resize gives the screen another size.
func (l *Live) Resize(cols, rows int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.screen.Resize(cols, rows)
	l.tell()
}

func (l *Live) tell() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// Look has f look at the screen; f must not keep it. The result is closed when
// there is something else to be seen.
func (l *Live) Look(f func(*Screen)) (changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(l.screen)
	return l.changed
}
