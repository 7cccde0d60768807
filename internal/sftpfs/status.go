package sftpfs

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pkg/sftp"

	"gofab/internal/fault"
)

// Status codes: 1 to 8 of draft-ietf-secsh-filexfer-02, section 7; the others,
// which some servers send all the same, of -13, section 9.1.
var codes = map[uint32]struct {
	kind fault.Kind
	text string
}{
	1:  {fault.Failed, "end of file"},
	2:  {fault.NotFound, "no such file or directory"},
	3:  {fault.Denied, "permission denied"},
	4:  {fault.Failed, "the server reports a failure"},
	5:  {fault.Failed, "the server calls it a bad message, often a name that is too long"},
	6:  {fault.Lost, "no connection"},
	7:  {fault.Lost, "connection lost"},
	8:  {fault.Unsupported, "the server does not support it"},
	10: {fault.NotFound, "no such path"},
	11: {fault.Exists, "file exists"},
	12: {fault.Denied, "the file system is read-only"},
	13: {fault.Failed, "no medium in the drive"},
	14: {fault.NoSpace, "no space left on the device"},
	15: {fault.NoSpace, "the disk quota is used up"},
	16: {fault.NotFound, "unknown user or group"},
	17: {fault.Failed, "the file is locked"},
	18: {fault.Exists, "the directory is not empty"},
	19: {fault.Exists, "not a directory"},
	20: {fault.Failed, "the server refuses the file name"},
	21: {fault.Failed, "too many symbolic links"},
	22: {fault.Denied, "the file cannot be deleted"},
	24: {fault.Exists, "it is a directory"},
}

// asFault gives an error of the library its kind. What the server said itself
// is quoted, since it may hold anything.
func asFault(err error, format string, args ...any) error {
	var inner *fault.Error
	var status *sftp.StatusError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &inner):
		return fault.Wrap(inner.Kind, errors.New(inner.Text()), format, args...)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &status):
		return ofStatus(status, format, args)
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(fault.NotFound, errors.New(codes[2].text), format, args...)
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(fault.Denied, errors.New(codes[3].text), format, args...)
	case isLost(err):
		return fault.Wrap(fault.Lost, errors.New("the sftp channel ended"), format, args...)
	default:
		text := strconv.Quote(err.Error())
		return fault.Wrap(fault.Protocol, errors.New("the sftp server broke the protocol: "+text), format, args...)
	}
}

func isLost(err error) bool {
	return errors.Is(err, sftp.ErrSSHFxConnectionLost) || errors.Is(err, io.ErrClosedPipe) ||
		errors.Is(err, fs.ErrClosed) || strings.HasPrefix(err.Error(), "failed to send packet")
}

func ofStatus(status *sftp.StatusError, format string, args []any) error {
	code, known := codes[status.Code]
	if !known {
		code.kind, code.text = fault.Failed, "the server reports status "+strconv.FormatUint(uint64(status.Code), 10)
	}
	if said := saying(status); said != "" && code.kind == fault.Failed {
		code.text += " (" + said + ")"
	}
	return fault.Wrap(code.kind, errors.New(code.text), format, args...)
}

// saying is the server's own text, when it says more than the code. The
// library gives it only quoted, as part of its own text.
func saying(status *sftp.StatusError) string {
	text := strings.TrimPrefix(status.Error(), "sftp: ")
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return ""
	}
	plain, err := strconv.Unquote(quoted)
	if err != nil || plain == "" || strings.EqualFold(plain, "failure") || strings.EqualFold(plain, "bad message") {
		return ""
	}
	if len(plain) > 200 {
		plain = plain[:200]
	}
	return strconv.Quote(plain)
}

// noAnswer is a status of OK where something else is due.
func noAnswer(what string) error {
	return fault.New(fault.Protocol, "the sftp server says ok but sends no %s", what)
}
