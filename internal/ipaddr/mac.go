package ipaddr

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"

	"gofab/internal/fault"
)

// MAC is a hardware address of 48 or 64 bits (EUI-48, EUI-64).
type MAC struct {
	value uint64
	bits  int
}

// ParseMAC reads a hardware address: with : or - between bytes, with . between
// pairs of bytes, or without anything.
func ParseMAC(text string) (MAC, error) {
	bad := fault.New(fault.Parse, "%q is not a hardware address", text).WithHint("as in 00:1b:77:49:54:fd, 001b.7749.54fd or 001b774954fd")
	digits := text
	for _, separator := range []string{":", "-", "."} {
		parts := strings.Split(text, separator)
		if len(parts) < 2 {
			continue
		}
		width := 2
		if separator == "." {
			width = 4
		}
		for i, part := range parts {
			if part == "" || len(part) > width {
				return MAC{}, bad
			}
			parts[i] = strings.Repeat("0", width-len(part)) + part
		}
		digits = strings.Join(parts, "")
		break
	}
	raw, err := hex.DecodeString(digits)
	if err != nil || len(raw) != 6 && len(raw) != 8 {
		return MAC{}, bad
	}
	m := MAC{bits: len(raw) * 8}
	for _, b := range raw {
		m.value = m.value<<8 | uint64(b)
	}
	return m, nil
}

// Bits is 48 or 64.
func (m MAC) Bits() int { return m.bits }

// Int is the address as a number.
func (m MAC) Int() uint64 { return m.value }

// String is how it prints.
func (m MAC) String() string { return m.words(8, ":", "%02x") }

// words writes the address in groups of bits.
func (m MAC) words(width int, separator, format string) string {
	var parts []string
	for shift := m.bits - width; shift >= 0; shift -= width {
		parts = append(parts, fmt.Sprintf(format, m.value>>shift&(1<<width-1)))
	}
	return strings.Join(parts, separator)
}

// Format writes it as other systems do: ieee (00-1B-77), unix (0:1b:77),
// expanded (00:1b:77), cisco (001b.7749), bare (001B77), pgsql (001b77:4954fd).
func (m MAC) Format(style string) (string, error) {
	switch style {
	case "ieee":
		return m.words(8, "-", "%02X"), nil
	case "unix":
		return m.words(8, ":", "%x"), nil
	case "expanded":
		return m.String(), nil
	case "cisco":
		return m.words(16, ".", "%04x"), nil
	case "bare":
		return m.words(8, "", "%02X"), nil
	case "pgsql":
		if m.bits == 64 {
			return m.words(32, ":", "%08x"), nil
		}
		return m.words(24, ":", "%06x"), nil
	}
	return "", fault.New(fault.Usage, "format: %q is not one of ieee, unix, expanded, cisco, bare, pgsql", style)
}

// OUI is the part that names the manufacturer.
func (m MAC) OUI() string { return m.words(8, "-", "%02X")[:8] }

// IsMulticast and IsLocal are the two flags of the first byte: for a group, and
// given by an administrator.
func (m MAC) IsMulticast() bool { return m.value>>(m.bits-8)&1 != 0 }
func (m MAC) IsLocal() bool     { return m.value>>(m.bits-8)&2 != 0 }

// EUI64 puts ff:fe into the middle of 48 bits.
func (m MAC) EUI64() MAC {
	if m.bits == 64 {
		return m
	}
	return MAC{m.value>>24<<40 | 0xfffe<<24 | m.value&0xffffff, 64}
}

// IPv6 is the address that an interface gives itself in a /64 (RFC 4291,
// appendix A).
func (m MAC) IPv6(n Network) (Address, error) {
	if n.Version() != 6 || n.Bits() > 64 {
		return Address{}, fault.New(fault.Usage, "%s has no room for the 64 bits of an interface", n)
	}
	b := n.Addr().As16()
	id := m.EUI64().value ^ 1<<57
	for i := range 8 {
		b[8+i] = byte(id >> (56 - 8*i))
	}
	return Address{netip.AddrFrom16(b)}, nil
}
