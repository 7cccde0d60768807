package mailer

import (
	"net/mail"
	"strings"

	"golang.org/x/net/idna"

	"gofab/internal/fault"
)

// Address is a mailbox with the name that is shown for it.
type Address struct {
	Name    string
	Mailbox string // local@domain, the domain in ASCII
}

// ParseAddresses reads "Name <box@domain>", several separated by commas.
func ParseAddresses(field, text string) ([]Address, error) {
	if strings.ContainsAny(text, "\r\n\x00") {
		return nil, fault.New(fault.Usage, "%s: an address has a line break", field)
	}
	list, err := mail.ParseAddressList(text)
	if err != nil {
		return nil, fault.New(fault.Usage, "%s: %q is not an address", field, text).WithHint("box@example.com or Name <box@example.com>")
	}
	out := make([]Address, len(list))
	for i, a := range list {
		if out[i], err = newAddress(field, a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func newAddress(field string, a *mail.Address) (Address, error) {
	at := strings.LastIndexByte(a.Address, '@')
	local, domain := a.Address[:at], a.Address[at+1:]
	if strings.ContainsAny(a.Name+local, "\r\n\x00") {
		return Address{}, fault.New(fault.Usage, "%s: an address has a line break", field)
	}
	if !strings.HasPrefix(domain, "[") { // an address literal stays as it is
		ascii, err := idna.Lookup.ToASCII(domain)
		if err != nil {
			return Address{}, fault.New(fault.Usage, "%s: %q is not a domain", field, domain)
		}
		domain = ascii
	}
	return Address{Name: a.Name, Mailbox: quotedLocal(local) + "@" + domain}, nil
}

// quotedLocal quotes what is no plain local part (RFC 5321, 4.1.2).
func quotedLocal(local string) string {
	plain := local != "" && !strings.HasPrefix(local, ".") && !strings.HasSuffix(local, ".") && !strings.Contains(local, "..")
	for _, r := range local {
		plain = plain && (r > 0x7f || strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.", r))
	}
	if plain {
		return local
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"`
}

// ascii says that an address can be written without SMTPUTF8.
func (a Address) ascii() bool { return isASCII(a.Mailbox) }

// header is the address as a header field holds it.
func (a Address) header() string {
	if a.Name == "" {
		return a.Mailbox
	}
	return phrase(a.Name) + " <" + a.Mailbox + ">"
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] > 0x7e || text[i] < ' ' && text[i] != '\t' {
			return false
		}
	}
	return true
}
