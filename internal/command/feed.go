package command

import (
	"io"
	"sync"
)

// feed is the standard input of one attempt: texts one behind the other, as
// they become known. Adding never waits for the reader, because those who add
// are those who read the command's output.
type feed struct {
	mu    sync.Mutex
	more  sync.Cond
	queue []io.Reader
	ended bool
}

func newFeed() *feed {
	f := &feed{}
	f.more.L = &f.mu
	return f
}

func (f *feed) add(r io.Reader) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.ended {
		f.queue = append(f.queue, r)
		f.more.Signal()
	}
}

// end is the end of the input, after what has been added.
func (f *feed) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	f.more.Broadcast()
}

// stop drops what has not been read and ends the input.
func (f *feed) stop() {
	f.mu.Lock()
	f.queue = nil
	f.mu.Unlock()
	f.end()
}

// Read gives what is next; it waits until there is something.
func (f *feed) Read(p []byte) (int, error) {
	for {
		r := f.first()
		if r == nil {
			return 0, io.EOF
		}
		n, err := r.Read(p)
		if err == io.EOF {
			f.drop(r)
			err = nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (f *feed) first() io.Reader {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.queue) == 0 && !f.ended {
		f.more.Wait()
	}
	if len(f.queue) == 0 {
		return nil
	}
	return f.queue[0]
}

func (f *feed) drop(r io.Reader) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) > 0 && f.queue[0] == r {
		f.queue = f.queue[1:]
	}
}
