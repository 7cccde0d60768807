package transport

import "errors"

// unreached marks the error of a connection that was not made, so that a script
// which could not connect to something else is told from a host that is not
// there.
type unreached struct {
	host  string
	cause error
}

func (u *unreached) Unwrap() error { return u.cause }

func (u *unreached) Error() string {
	if u.cause == nil {
		return ""
	}
	return u.cause.Error()
}

// Unreached tells which host an error says that no connection could be made to;
// "" for all other errors.
func Unreached(err error) string {
	var u *unreached
	if errors.As(err, &u) {
		return u.host
	}
	return ""
}
