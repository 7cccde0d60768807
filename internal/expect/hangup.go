//go:build unix

package expect

import (
	"errors"
	"syscall"
)

// isHangup says that a terminal has nobody on its other side, or a pipe no
// reader.
func isHangup(err error) bool { return errors.Is(err, syscall.EIO) || errors.Is(err, syscall.EPIPE) }
