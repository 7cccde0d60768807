package fault

import (
	"errors"
	"io/fs"
	"syscall"
)

// OS makes an error of what the operating system said, with the kind that a
// script can act on. The system's own wording stays, without the Go call and
// the path in front: the message names the path.
func OS(err error, format string, args ...any) *Error {
	var path *fs.PathError
	cause := err
	if errors.As(err, &path) {
		cause = path.Err
	}
	return Wrap(osKind(err), cause, format, args...)
}

func osKind(err error) Kind {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return NotFound
	case errors.Is(err, fs.ErrExist), errors.Is(err, syscall.ENOTEMPTY), errors.Is(err, syscall.EISDIR), errors.Is(err, syscall.ENOTDIR):
		return Exists
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return Denied
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return NoSpace
	default:
		return KindOf(err)
	}
}
