package filecmp

import (
	"bytes"
	"context"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"gofab/internal/fault"
)

// blockSize is how much of a file is read at once.
const blockSize = 128 << 10

// EqualFiles compares the content of two files of this machine.
func EqualFiles(ctx context.Context, left, right string) (bool, error) {
	a, err := os.Open(left)
	if err != nil {
		return false, fault.OS(err, "cannot compare %s", left)
	}
	defer a.Close()
	b, err := os.Open(right)
	if err != nil {
		return false, fault.OS(err, "cannot compare %s", right)
	}
	defer b.Close()
	return equalContent(ctx, a, b, make([]byte, 2*blockSize))
}

// equalContent reads both files side by side.
func equalContent(ctx context.Context, a, b io.Reader, buffer []byte) (bool, error) {
	half := len(buffer) / 2
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		n, errA := io.ReadFull(a, buffer[:half])
		m, errB := io.ReadFull(b, buffer[half:])
		if errA != nil && !ended(errA) {
			return false, errA
		}
		if errB != nil && !ended(errB) {
			return false, errB
		}
		if !bytes.Equal(buffer[:n], buffer[half:half+m]) {
			return false, nil
		}
		if n < half {
			return true, nil
		}
	}
}

// equalLocal compares two files of one size. Most files of a tree are small:
// each takes three system calls, and none to find its end. A file that has
// become shorter meanwhile differs.
func equalLocal(ctx context.Context, left, right string, size int64, buffer []byte) (bool, error) {
	a, err := openRaw(left)
	if err != nil {
		return false, err
	}
	defer a.close()
	b, err := openRaw(right)
	if err != nil {
		return false, err
	}
	defer b.close()
	half := int64(len(buffer) / 2)
	for done := int64(0); done < size; {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		step := min(half, size-done)
		n, err := a.fill(buffer[:step])
		if err != nil {
			return false, err
		}
		m, err := b.fill(buffer[half : half+step])
		if err != nil {
			return false, err
		}
		if n != int(step) || !bytes.Equal(buffer[:n], buffer[half:int(half)+m]) {
			return false, nil
		}
		done += step
	}
	return true, nil
}

// raw is a file that is read without the poller of the Go runtime, which has
// nothing to do for plain files and costs a system call for each.
type raw int

func openRaw(path string) (raw, error) {
	for {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
		if err != unix.EINTR {
			return raw(fd), err
		}
	}
}

func (r raw) close() { _ = unix.Close(int(r)) }

// fill reads until p is full or the file ends.
func (r raw) fill(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		m, err := unix.Read(int(r), p[n:])
		switch {
		case err == unix.EINTR:
		case err != nil:
			return n, err
		case m == 0:
			return n, nil
		default:
			n += m
		}
	}
	return n, nil
}

func ended(err error) bool { return err == io.EOF || err == io.ErrUnexpectedEOF }
