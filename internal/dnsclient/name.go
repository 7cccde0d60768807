package dnsclient

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
	"golang.org/x/net/idna"

	"gofab/internal/dnsclient/rdata"
	"gofab/internal/fault"
)

// unicode maps names as browsers do (UTS 46, not transitional); underscores are
// allowed.
var unicode = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.VerifyDNSLength(false))

// ToASCII writes international labels as xn--; others stay.
func ToASCII(name string) (string, error) {
	if isASCII(name) {
		return name, nil
	}
	name = strings.NewReplacer("。", ".", "．", ".", "｡", ".").Replace(name)
	labels := strings.Split(name, ".")
	for i, label := range labels {
		if isASCII(label) {
			continue
		}
		ascii, err := unicode.ToASCII(label)
		if err != nil {
			return "", fault.New(fault.Usage, "%q is no domain name: %q cannot be written with letters of DNS", name, label)
		}
		labels[i] = ascii
	}
	return strings.Join(labels, "."), nil
}

// ToUnicode writes xn-- labels as people read them; what cannot be decoded
// stays.
func ToUnicode(name string) string {
	labels := strings.Split(name, ".")
	for i, label := range labels {
		if text, err := unicode.ToUnicode(label); err == nil && len(label) > 4 && strings.EqualFold(label[:4], "xn--") {
			labels[i] = text
		}
	}
	return strings.Join(labels, ".")
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// Absolute checks a name and writes it as answers have it, with the dot at the
// end.
func Absolute(name string) (string, error) {
	wire, err := packName(name)
	if err != nil {
		return "", err
	}
	text, _, _ := rdata.Name(wire, 0)
	return text, nil
}

func packName(name string) ([]byte, error) {
	ascii, err := ToASCII(name)
	if err != nil {
		return nil, err
	}
	var wire [256]byte
	end, err := dns.PackDomainName(dns.Fqdn(ascii), wire[:], 0, nil, false)
	if err != nil || ascii == "" {
		return nil, fault.New(fault.Usage, "%q is no domain name", name).
			WithHint("labels have 1 to 63 bytes, names 255 at most")
	}
	return slices.Clone(wire[:end]), nil
}

// key is what names are compared by.
func key(name string) string { return strings.ToLower(name) }

// SameName compares two absolute names.
func SameName(a, b string) bool { return strings.EqualFold(a, b) }

// Labels cuts an absolute name; the root has none.
func Labels(name string) []string { return dns.SplitDomainName(name) }

// Parent gives the name above; the root is its own.
func Parent(name string) string {
	labels := Labels(name)
	if len(labels) < 2 {
		return "."
	}
	return strings.Join(labels[1:], ".") + "."
}

// Within tells whether a name is below another, or is it.
func Within(name, above string) bool { return dns.IsSubDomain(key(above), key(name)) }

// ReverseName gives the name under which an address is looked up.
func ReverseName(address string) (string, error) {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "", fault.New(fault.Usage, "%q is no IP address", address)
	}
	name, err := dns.ReverseAddr(a.WithZone("").String())
	if a.Is4In6() { // the library writes these as IPv4
		name, err = reverse6(a.As16()), nil
	}
	return name, err
}

func reverse6(b [16]byte) string {
	const digits = "0123456789abcdef"
	var name strings.Builder
	for _, c := range slices.Backward(b[:]) {
		name.Write([]byte{digits[c&15], '.', digits[c>>4], '.'})
	}
	return name.String() + "ip6.arpa."
}

// ReverseAddress reads the address back from such a name.
func ReverseAddress(name string) (string, error) {
	labels := Labels(key(dns.Fqdn(name)))
	slices.Reverse(labels)
	joined := strings.Join(labels, ".")
	if rest, ok := strings.CutPrefix(joined, "arpa.in-addr."); ok && len(labels) == 6 {
		if a, err := netip.ParseAddr(rest); err == nil {
			return a.String(), nil
		}
	}
	if rest, ok := strings.CutPrefix(joined, "arpa.ip6."); ok && len(labels) == 34 && len(rest) == 63 {
		digits := strings.ReplaceAll(rest, ".", "")
		groups := make([]string, 8)
		for i := range groups {
			groups[i] = digits[min(4*i, len(digits)):min(4*i+4, len(digits))]
		}
		if a, err := netip.ParseAddr(strings.Join(groups, ":")); err == nil {
			return a.String(), nil
		}
	}
	return "", fault.New(fault.Usage, "%q is no reverse name of a whole address", name)
}

// ENUMName gives the name of a telephone number (RFC 6116).
func ENUMName(number string) (string, error) {
	var digits []string
	for _, c := range number {
		switch {
		case c >= '0' && c <= '9':
			digits = append(digits, string(c))
		case !strings.ContainsRune("+-. ()", c):
			return "", fault.New(fault.Usage, "%q is no telephone number", number)
		}
	}
	if len(digits) == 0 {
		return "", fault.New(fault.Usage, "%q is no telephone number", number)
	}
	slices.Reverse(digits)
	return strings.Join(digits, ".") + ".e164.arpa.", nil
}
