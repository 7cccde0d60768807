package expect_test

import (
	"bytes"
	"fmt"
	"net"
	"sync"
	"testing"

	"gofab/internal/expect"
)

// TestObserveMissesNothing begins to observe at any moment of a stream: what
// an observer sees is the end of the stream, without a gap.
func TestObserveMissesNothing(t *testing.T) {
	ours, theirs := net.Pipe()
	p := hold(t, ours, "stream")
	var all bytes.Buffer
	for i := range 40000 {
		fmt.Fprintf(&all, "%d\n", i)
	}
	go func() {
		for rest := all.Bytes(); len(rest) > 0; rest = rest[min(777, len(rest)):] {
			_, _ = theirs.Write(rest[:min(777, len(rest))])
		}
		_ = theirs.Close()
	}()
	var mu sync.Mutex
	var seen [50]bytes.Buffer
	for i := range seen {
		defer p.Observe(func(_ expect.Direction, piece []byte) {
			mu.Lock()
			defer mu.Unlock()
			seen[i].Write(piece)
		})()
		if _, err := p.Read(t.Context(), 4000, 0); err != nil {
			t.Fatal(err)
		}
	}
	wait(t, p, expect.EOF)
	mu.Lock()
	defer mu.Unlock()
	for i := range seen {
		if !bytes.HasSuffix(all.Bytes(), seen[i].Bytes()) || seen[i].Len() == 0 {
			t.Errorf("observer %d saw something else", i)
		}
	}
	if !bytes.Equal(all.Bytes(), seen[0].Bytes()) {
		t.Error("the first one did not see all")
	}
}
