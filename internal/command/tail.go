package command

import (
	"context"
	"slices"
	"sync"
)

// The most that a Tail keeps.
const (
	tailLines = 10_000
	tailBytes = 1 << 20
)

// Tail is the end of a command's output, line by line, both streams together.
// The zero value is empty and goes on.
type Tail struct {
	mu    sync.Mutex
	lines []string
	first int64 // number of lines[0], counted from 0
	bytes int
	over  bool
	news  chan struct{} // closed at the next change; nil when nobody waits
}

func (t *Tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line)
	t.bytes += len(line)
	drop := 0
	for len(t.lines)-drop > tailLines || t.bytes > tailBytes && len(t.lines)-drop > 1 {
		t.bytes -= len(t.lines[drop])
		drop++
	}
	t.lines, t.first = t.lines[drop:], t.first+int64(drop)
	t.tell()
}

func (t *Tail) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	t.tell()
}

func (t *Tail) tell() {
	if t.news != nil {
		close(t.news)
		t.news = nil
	}
}

// Last gives the last n lines so far.
func (t *Tail) Last(n int) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.lines[max(0, len(t.lines)-n):])
}

// Next gives the line with a number, or the first one after it that is still
// kept, and the number to go on with. It waits for one that is still to come;
// ok is false when none does.
func (t *Tail) Next(ctx context.Context, number int64) (line string, next int64, ok bool, err error) {
	for {
		t.mu.Lock()
		number = max(number, t.first)
		if at := number - t.first; at < int64(len(t.lines)) {
			line = t.lines[at]
			t.mu.Unlock()
			return line, number + 1, true, nil
		}
		if t.over {
			t.mu.Unlock()
			return "", number, false, nil
		}
		if t.news == nil {
			t.news = make(chan struct{})
		}
		news := t.news
		t.mu.Unlock()
		select {
		case <-news:
		case <-ctx.Done():
			return "", number, false, context.Cause(ctx)
		}
	}
}
