package command

import (
	"io"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/transform"

	"gofab/internal/fault"
)

// decoder makes UTF-8 of what is written to it. Characters that arrive in
// pieces are put together; Close writes what is left. An empty name decodes
// nothing and gives nil.
func decoder(name string, to io.Writer) (*transform.Writer, error) {
	if name == "" {
		return nil, nil
	}
	encoding, err := ianaindex.MIME.Encoding(name)
	if err != nil || encoding == nil {
		encoding, err = htmlindex.Get(name) // knows cp1252 and the like
	}
	if err != nil {
		return nil, fault.New(fault.Usage, "encoding: %q is not known", name).WithHint("names are those of IANA, such as latin1, windows-1252, shift_jis")
	}
	return transform.NewWriter(to, encoding.NewDecoder()), nil
}
