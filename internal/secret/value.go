// Package secret holds values that must not be shown and hides them in texts.
//
// Rules: the text of a Value comes out through Reveal alone; every way of
// printing or encoding a Value gives stars, also when it sits in an unexported
// field of something that is printed. What has left a Value (a command's
// output, an error of a library) is covered by the Redactor, through which
// every text passes before it is shown or stored.
package secret

import (
	"fmt"
	"io"
	"log/slog"
	"unique"
)

// Mask is what is shown instead of a secret, whatever its length.
const Mask = "***"

// Value is one secret text. Values compare equal when their texts are equal;
// the zero Value is the empty text.
type Value struct {
	// A handle and not a string: fmt calls no methods on unexported fields, so
	// a string would be printed by "%v" of a struct around it; a handle prints
	// as an address.
	handle unique.Handle[string]
}

// New makes a secret of a text.
func New(text string) Value {
	if text == "" {
		return Value{}
	}
	return Value{unique.Make(text)}
}

// Reveal gives the text. Call it as late as possible, and never to print.
func (v Value) Reveal() string {
	if v.Empty() {
		return ""
	}
	return v.handle.Value()
}

// Empty tells whether the text is empty.
func (v Value) Empty() bool { return v == Value{} }

// String gives stars.
func (v Value) String() string { return Mask }

// GoString gives stars.
func (v Value) GoString() string { return Mask }

// Format writes stars for every verb.
func (v Value) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, Mask) }

// MarshalText gives stars.
func (v Value) MarshalText() ([]byte, error) { return []byte(Mask), nil }

// MarshalJSON gives stars.
func (v Value) MarshalJSON() ([]byte, error) { return []byte(`"` + Mask + `"`), nil }

// LogValue gives stars to log/slog.
func (v Value) LogValue() slog.Value { return slog.StringValue(Mask) }
