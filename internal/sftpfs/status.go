package sftpfs

import (
	"errors"
	"strconv"
	"strings"

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

// Codes that mean something here.
const (
	statusOK  = 0
	statusEOF = 1
)

// statusError is a status that is not OK.
type statusError struct {
	code uint32
	text string // as the server said it
}

func (e *statusError) Error() string { return e.fault().Error() }

// fault gives a status its kind. What the server said itself is quoted, since
// it may hold anything.
func (e *statusError) fault() *fault.Error {
	code, known := codes[e.code]
	if !known {
		code.kind, code.text = fault.Failed, "the server reports status "+strconv.FormatUint(uint64(e.code), 10)
	}
	if said := e.saying(); said != "" && code.kind == fault.Failed {
		code.text += " (" + said + ")"
	}
	return fault.New(code.kind, "%s", code.text)
}

// saying is the server's own text, when it says more than the code.
func (e *statusError) saying() string {
	if e.text == "" || strings.EqualFold(e.text, "failure") || strings.EqualFold(e.text, "bad message") {
		return ""
	}
	return strconv.Quote(e.text[:min(len(e.text), 200)])
}

// asFault says what could not be done in front of an error.
func asFault(err error, format string, args ...any) error {
	var inner *fault.Error
	var status *statusError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &status):
		inner = status.fault()
	case errors.As(err, &inner):
	default: // the end of a context
		return err
	}
	return fault.Wrap(inner.Kind, errors.New(inner.Text()), format, args...)
}

// noAnswer is a status of OK where something else is due.
func noAnswer(what string) error {
	return fault.New(fault.Protocol, "the sftp server says ok but sends no %s", what)
}
