// Package fault is the one error type of gofab: what went wrong, where, on
// which host, and what to try.
//
// Rules: a message is lower case and has no full stop; it names the thing that
// failed, not the Go function; a hint is one thing an operator can do next.
// Every kind is listed here and nowhere else.
package fault

import (
	"context"
	"errors"
	"fmt"
)

// Kind classifies an error so that scripts can act on it.
type Kind string

// The closed list of kinds.
const (
	Usage       Kind = "usage"       // the call or the command line is wrong
	Script      Kind = "script"      // the fabfile itself failed: error(), a nil index, a syntax error
	Unreachable Kind = "unreachable" // no connection: name, route, port, handshake
	Auth        Kind = "auth"        // the login was refused
	HostKey     Kind = "hostkey"     // the host key is unknown, changed or revoked
	Timeout     Kind = "timeout"     // a limit was reached
	Exit        Kind = "exit"        // a command ended with a code that was not accepted
	Lost        Kind = "lost"        // the link broke; nobody knows whether the work was done
	NotFound    Kind = "notfound"    // no such file, host, task, name
	Exists      Kind = "exists"      // something is in the way
	Denied      Kind = "denied"      // permission refused
	NoSpace     Kind = "nospace"     // disk or quota is full
	Parse       Kind = "parse"       // data is not in its format
	Protocol    Kind = "protocol"    // the other side broke its protocol
	Cancelled   Kind = "cancelled"   // Ctrl-C, SIGTERM or the end of the run
	Skipped     Kind = "skipped"     // left out: by a rollout that stopped, or by request
	Unsupported Kind = "unsupported" // this system or build cannot do it
	Failed      Kind = "failed"      // anything else
)

// Kinds is the closed list in the order it is documented.
var Kinds = []Kind{
	Usage, Script, Unreachable, Auth, HostKey, Timeout, Exit, Lost, NotFound, Exists,
	Denied, NoSpace, Parse, Protocol, Cancelled, Skipped, Unsupported, Failed,
}

// Meanings says what each kind stands for, for the documentation.
var Meanings = map[Kind]string{
	Usage:       "The call or the command line is wrong.",
	Script:      "The fabfile itself failed: error(), a nil index, a syntax error.",
	Unreachable: "There was no connection: name, route, port or handshake.",
	Auth:        "The login was refused.",
	HostKey:     "The host key is unknown, changed or revoked.",
	Timeout:     "A limit was reached.",
	Exit:        "A command ended with a code that was not accepted; the result is in e.result.",
	Lost:        "The link broke; nobody knows whether the work was done.",
	NotFound:    "There is no such file, host, task or name.",
	Exists:      "Something is in the way.",
	Denied:      "Permission was refused.",
	NoSpace:     "The disk or the quota is full.",
	Parse:       "Data is not in its format.",
	Protocol:    "The other side broke its protocol.",
	Cancelled:   "Ctrl-C, SIGTERM or the end of the run.",
	Skipped:     "It was left out: a rollout had stopped, or the script asked for it.",
	Unsupported: "This system or build cannot do it.",
	Failed:      "Anything else.",
}

// Error is what every failing operation of gofab returns.
type Error struct {
	Kind    Kind
	Op      string   // the call that failed, as the user wrote it: "h:put", "ssh.connect"
	Message string   // what failed
	Hint    string   // what to try; may be empty
	Where   string   // file:line in the user's own script; filled in by the interpreter
	Host    string   // the managed host, if any
	Cause   error    // the underlying error, if any
	Result  any      // what there was of a result, e.g. output of a command that failed
	Trace   []string // the user's own lines that led here, innermost first
}

// New makes an error of one kind.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an error of one kind around a cause. The message is followed by
// the cause's own text.
func Wrap(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// WithHint returns e with what to try next.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// Error is the one-line form: where, host, op, message, cause. The hint is not
// part of it; renderers put it on a line of its own.
func (e *Error) Error() string {
	text := e.Text()
	if e.Host != "" {
		text = e.Host + ": " + text
	}
	if e.Where != "" {
		text = e.Where + ": " + text
	}
	return text
}

// Text is op, message and cause, without host and place.
func (e *Error) Text() string {
	text := e.Message
	if e.Op != "" {
		text = e.Op + ": " + text
	}
	if e.Cause != nil && e.Cause.Error() != "" {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf tells the kind of any error: that of the nearest *Error in its chain,
// cancelled and timeout for the context errors, failed for the rest, and ""
// for nil.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Kind
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	default:
		return Failed
	}
}

// From turns any error into an *Error, keeping one that already is.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := err.(*Error); ok {
		return e
	}
	var inner *Error
	if errors.As(err, &inner) {
		return &Error{Kind: inner.Kind, Message: err.Error(), Hint: inner.Hint, Host: inner.Host, Result: inner.Result}
	}
	return &Error{Kind: KindOf(err), Message: err.Error()}
}
