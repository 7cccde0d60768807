package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gofab/internal/fault"
)

// because says what could not be done in front of the reason a file system
// gave. Paths that the file system put before the reason are dropped: the
// message has the path the operator knows.
func because(ctx context.Context, err error, format string, args ...any) *fault.Error {
	message := fmt.Sprintf(format, args...)
	if isStop(ctx, err) {
		return fault.Wrap(fault.KindOf(context.Cause(ctx)), context.Cause(ctx), "%s", message)
	}
	var inner *fault.Error
	if !errors.As(err, &inner) {
		return fault.Wrap(fault.Failed, err, "%s", message)
	}
	cause := inner.Cause
	if cause == nil {
		cause = errors.New(inner.Message)
	}
	return &fault.Error{Kind: inner.Kind, Message: message, Cause: cause, Hint: inner.Hint, Result: inner.Result}
}

// detail is because for a step of something larger: it survives another because
// around it.
func detail(ctx context.Context, err error, format string, args ...any) error {
	if isStop(ctx, err) {
		return err
	}
	e := because(ctx, err, format, args...)
	return fault.New(e.Kind, "%s", e.Text()).WithHint("%s", e.Hint)
}

// isStop tells an error that only says that ctx has ended.
func isStop(ctx context.Context, err error) bool {
	if ctx.Err() == nil {
		return false
	}
	kind := fault.KindOf(err)
	return kind == fault.Cancelled || kind == fault.Timeout || errors.Is(err, context.Cause(ctx))
}

// explain finds the reason of a failed write that the other side did not give:
// an SFTP server says no more than "failure" when the disk is full
// (draft-ietf-secsh-filexfer-02, section 7). need is how many bytes were still
// to come.
func explain(ctx context.Context, side FS, dir string, need int64, err error) error {
	kind := fault.KindOf(err)
	if ctx.Err() != nil || !slices.Contains([]fault.Kind{fault.Failed, fault.NoSpace, fault.Denied}, kind) {
		return err
	}
	spacer, ok := side.(Spacer)
	if !ok {
		return err
	}
	space, spaceErr := spacer.Space(ctx, dir)
	switch {
	case spaceErr != nil:
		return err
	case space.ReadOnly:
		return fault.New(fault.Denied, "the file system is read-only")
	case kind == fault.Denied:
		return err
	case space.Files > 0 && space.FilesFree == 0:
		return fault.New(fault.NoSpace, "no inode left on the device (%d in use)", space.Files)
	case space.Free < uint64(max(need, 1)):
		return noSpace(space)
	case kind == fault.NoSpace:
		return fault.New(kind, "quota or space used up (%s of %s free)", size(space.Free), size(space.Total))
	}
	return err
}

func noSpace(space Space) error {
	return fault.New(fault.NoSpace, "no space left on the device (%s of %s free)", size(space.Free), size(space.Total))
}

// size writes bytes for people, in units of 1024.
func size[N int64 | uint64](n N) string {
	value, units := float64(n), []string{"bytes", "KB", "MB", "GB", "TB", "PB", "EB"}
	for value >= 1024 && len(units) > 1 {
		value, units = value/1024, units[1:]
	}
	if value >= 10 || value == float64(int64(value)) {
		return fmt.Sprintf("%.0f %s", value, units[0])
	}
	return fmt.Sprintf("%.1f %s", value, units[0])
}
