package ipaddr

import (
	"fmt"
	"math/big"
	"net/netip"
	"strings"

	"gofab/internal/fault"
)

// Address is an IPv4 or IPv6 address.
type Address struct{ netip.Addr }

// ParseAddress reads one address.
func ParseAddress(text string) (Address, error) {
	a, err := netip.ParseAddr(text)
	if err == nil {
		return Address{a}, nil
	}
	e := fault.New(fault.Parse, "%q is not an IP address", text)
	switch {
	case strings.Contains(text, "/"):
		_ = e.WithHint("ip.net reads networks, ip.iface addresses with a prefix")
	case strings.Contains(err.Error(), "leading zero"):
		_ = e.WithHint("leading zeros are octal for some programs and decimal for others: leave them out")
	case strings.Count(text, ".") < 3 && !strings.Contains(text, ":"):
		_ = e.WithHint("four numbers are needed, as in 192.0.2.1")
	}
	return Address{}, e
}

// FromInt makes the address of a number; version 0 takes 4 where that is large
// enough.
func FromInt(n *big.Int, version int) (Address, error) {
	if version == 0 {
		version = 4
		if n.BitLen() > 32 {
			version = 6
		}
	}
	bytes := 16
	if version == 4 {
		bytes = 4
	}
	if n.Sign() < 0 || n.BitLen() > bytes*8 {
		return Address{}, fault.New(fault.Usage, "%s is not the number of an IPv%d address", n, version)
	}
	a, _ := netip.AddrFromSlice(n.FillBytes(make([]byte, bytes)))
	return Address{a}, nil
}

// Version is 4 or 6.
func (a Address) Version() int {
	if a.Is4() {
		return 4
	}
	return 6
}

// Int is the address as a number.
func (a Address) Int() *big.Int { return new(big.Int).SetBytes(a.AsSlice()) }

// Add gives the address so many further on; less than 0 goes back.
func (a Address) Add(n *big.Int) (Address, error) {
	sum := new(big.Int).Add(a.Int(), n)
	out, err := FromInt(sum, a.Version())
	if err != nil {
		return Address{}, fault.New(fault.Usage, "there is no address %s from %s", signed(n), a)
	}
	if zone := a.Zone(); zone != "" {
		out.Addr = out.WithZone(zone)
	}
	return out, nil
}

func signed(n *big.Int) string {
	if n.Sign() < 0 {
		return n.String()
	}
	return "+" + n.String()
}

// Full writes all digits, as Python's exploded.
func (a Address) Full() string {
	if a.Is4() {
		return a.String()
	}
	text := a.WithZone("").StringExpanded()
	if zone := a.Zone(); zone != "" {
		text += "%" + zone
	}
	return text
}

// Hex is the number in hexadecimal, without leading zeros.
func (a Address) Hex() string { return fmt.Sprintf("0x%x", a.Int()) }

// Bin is all bits.
func (a Address) Bin() string { return fmt.Sprintf("%0*b", a.BitLen(), a.Int()) }

// Reverse is the name under which PTR records are (RFC 1035, RFC 3596).
func (a Address) Reverse() string {
	var parts []string
	if a.Is4() {
		for _, b := range a.As4() {
			parts = append([]string{fmt.Sprint(b)}, parts...)
		}
		return strings.Join(parts, ".") + ".in-addr.arpa"
	}
	for _, b := range a.As16() {
		parts = append([]string{fmt.Sprintf("%x.%x", b&15, b>>4)}, parts...)
	}
	return strings.Join(parts, ".") + ".ip6.arpa"
}

// Mapped is the IPv4 address inside ::ffff:0:0/96.
func (a Address) Mapped() (Address, bool) {
	if !a.Is4In6() {
		return Address{}, false
	}
	return Address{a.Unmap()}, true
}

// SixToFour is the IPv4 address inside 2002::/16 (RFC 3056).
func (a Address) SixToFour() (Address, bool) {
	b := a.As16()
	if a.Is4() || b[0] != 0x20 || b[1] != 0x02 {
		return Address{}, false
	}
	return Address{netip.AddrFrom4([4]byte(b[2:6]))}, true
}

// Teredo is server and client inside 2001::/32 (RFC 4380).
func (a Address) Teredo() (server, client Address, ok bool) {
	b := a.As16()
	if a.Is4() || b[0] != 0x20 || b[1] != 0x01 || b[2] != 0 || b[3] != 0 {
		return Address{}, Address{}, false
	}
	var hidden [4]byte
	for i := range hidden {
		hidden[i] = ^b[12+i]
	}
	return Address{netip.AddrFrom4([4]byte(b[4:8]))}, Address{netip.AddrFrom4(hidden)}, true
}

// Distance is how many addresses b is behind a.
func (a Address) Distance(b Address) (*big.Int, error) {
	if a.Version() != b.Version() {
		return nil, fault.New(fault.Usage, "%s and %s are of different versions", a, b)
	}
	return new(big.Int).Sub(b.Int(), a.Int()), nil
}
