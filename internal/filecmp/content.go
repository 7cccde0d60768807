package filecmp

import (
	"bytes"
	"context"
	"io"
	"os"

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

func ended(err error) bool { return err == io.EOF || err == io.ErrUnexpectedEOF }
