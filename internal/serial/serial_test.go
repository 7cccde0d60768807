package serial

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/creack/pty"

	"gofab/internal/fault"
)

// TestLine: every byte gets through as it is, whatever a terminal would make of
// it, and a read ends when the line is closed.
func TestLine(t *testing.T) {
	far, near, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	defer near.Close()
	line, err := Open(near.Name(), Options{Baud: 115200, Bits: 8, Parity: "even", Stop: 2, Flow: "software"})
	if err != nil {
		t.Fatal(err)
	}
	all := make([]byte, 0, 256)
	for b := range 256 {
		if b != 0x11 && b != 0x13 { // flow control
			all = append(all, byte(b))
		}
	}
	for _, way := range []struct{ from, to *os.File }{{far, line}, {line, far}} {
		if _, err := way.from.Write(all); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(all))
		if _, err := io.ReadFull(way.to, got); err != nil || !bytes.Equal(got, all) {
			t.Errorf("%q %v", got, err)
		}
	}
	if err := line.SetWriteDeadline(time.Now().Add(time.Hour)); err != nil {
		t.Error(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := line.Read(make([]byte, 1))
		ended <- err
	}()
	_ = line.Close()
	if err := <-ended; err == nil {
		t.Error("the read went on")
	}
}

func TestMistakes(t *testing.T) {
	far, near, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	defer near.Close()
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		o    Options
		kind fault.Kind
	}{
		{"/no/such/line", Options{}, fault.NotFound},
		{plain, Options{}, fault.Failed},
		{near.Name(), Options{Baud: 9601}, fault.Usage},
		{near.Name(), Options{Bits: 9}, fault.Usage},
		{near.Name(), Options{Stop: 3}, fault.Usage},
	} {
		if _, err := Open(c.path, c.o); fault.KindOf(err) != c.kind {
			t.Errorf("%s %+v: %v", c.path, c.o, err)
		}
	}
	if _, err := Descriptor(999); err == nil {
		t.Error("a descriptor that is not there")
	}
}

func TestDescriptor(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	number, err := dupOf(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
	file, err := Descriptor(number)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := w.WriteString("hello"); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 10)
	if n, err := file.Read(b); err != nil || string(b[:n]) != "hello" {
		t.Errorf("%q %v", b[:n], err)
	}
}
