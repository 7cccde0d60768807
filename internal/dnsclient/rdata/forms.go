package rdata

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// forms are the ways a field goes over the wire: each takes its bytes and gives
// the text and the value.
var forms map[string]func(*reader) (string, any)

func init() {
	forms = map[string]func(*reader) (string, any){
		"u8": number(1), "u16": number(2), "u32": number(4), "u48": number(6),
		"name":    func(r *reader) (string, any) { return same(r.name()) },
		"ipv4":    func(r *reader) (string, any) { return same(netip.AddrFrom4([4]byte(r.take(4))).String()) },
		"ipv6":    func(r *reader) (string, any) { return same(IPv6([16]byte(r.take(16)))) },
		"string":  func(r *reader) (string, any) { s := r.counted(); return quote(s), string(s) },
		"quoted":  func(r *reader) (string, any) { s := r.all(); return quote(s), string(s) },
		"word":    func(r *reader) (string, any) { return same(string(r.counted())) },
		"base64":  func(r *reader) (string, any) { return same(base64.StdEncoding.EncodeToString(r.all())) },
		"hex":     func(r *reader) (string, any) { return same(upperHex(r.all())) },
		"type":    func(r *reader) (string, any) { return same(TypeName(uint16(r.number(2)))) },
		"node":    func(r *reader) (string, any) { return same(node(r.take(8))) },
		"eui48":   func(r *reader) (string, any) { return same(eui(r.take(6))) },
		"eui64":   func(r *reader) (string, any) { return same(eui(r.take(8))) },
		"nsap":    func(r *reader) (string, any) { return same("0x" + hex.EncodeToString(r.all())) },
		"content": content, "opaque": opaque, "optional": optional, "strings": stringList, "time": timestamp, "salt": salt, "hash": hash,
		"types": typeWindows, "bits": typeBits, "ports": ports, "sized": sized, "atma": atma, "a6": a6,
		"certtype": mnemonic(2, certificateTypes), "secalg": mnemonic(1, algorithms),
		"loc": location, "apl": prefixes, "ipseckey": ipsecGateway, "amtrelay": relay, "hip": hip, "params": serviceParams,
	}
}

// same is a field whose value is its text.
func same(text string) (string, any) { return text, text }

func number(size int) func(*reader) (string, any) {
	return func(r *reader) (string, any) {
		n := r.number(size)
		return strconv.FormatInt(n, 10), n
	}
}

// mnemonic is a number that has names.
func mnemonic(size int, names map[int64]string) func(*reader) (string, any) {
	return func(r *reader) (string, any) {
		n := r.number(size)
		if name, ok := names[n]; ok {
			return name, n
		}
		return strconv.FormatInt(n, 10), n
	}
}

var certificateTypes = map[int64]string{
	1: "PKIX", 2: "SPKI", 3: "PGP", 4: "IPKIX", 5: "ISPKI", 6: "IPGP", 7: "ACPKIX", 8: "IACPKIX", 253: "URI", 254: "OID",
}

var algorithms = map[int64]string{
	1: "RSAMD5", 2: "DH", 3: "DSA", 4: "ECC", 5: "RSASHA1", 6: "NSEC3DSA", 7: "NSEC3RSASHA1", 8: "RSASHA256",
	10: "RSASHA512", 12: "ECCGOST", 13: "ECDSAP256SHA256", 14: "ECDSAP384SHA384", 15: "ED25519", 16: "ED448",
	252: "INDIRECT", 253: "PRIVATEDNS", 254: "PRIVATEOID",
}

func upperHex(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// node writes 64 bits as half of an IPv6 address.
func node(b []byte) string {
	words := make([]string, 4)
	for i := range words {
		words[i] = strconv.FormatUint(uint64(binary.BigEndian.Uint16(b[2*i:])), 16)
	}
	return strings.Join(words, ":")
}

func eui(b []byte) string { return strings.ReplaceAll(net.HardwareAddr(b).String(), ":", "-") }

// quote writes a character string as zone files do.
func quote(s []byte) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03d`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// IPv6 writes an address; one that holds an IPv4 address shows it.
func IPv6(b [16]byte) string {
	a := netip.AddrFrom16(b)
	compatible := [12]byte(b[:12]) == [12]byte{} && (b[12] != 0 || b[13] != 0)
	if compatible {
		return "::" + netip.AddrFrom4([4]byte(b[12:])).String()
	}
	return a.String()
}

func opaque(r *reader) (string, any) {
	d := unknown(r.all())
	return d.Text, d.Fields[0].Value
}

func optional(r *reader) (string, any) {
	if r.left() == 0 {
		return "", nil
	}
	s := r.counted()
	return quote(s), string(s)
}

func stringList(r *reader) (string, any) {
	list, words := []string{}, []string{}
	for r.left() > 0 {
		s := r.counted()
		list, words = append(list, string(s)), append(words, quote(s))
	}
	return strings.Join(words, " "), list
}

// timestamp is a second in 32 bits, written as the date nearest to today
// (RFC 4034, 3.1.5).
func timestamp(r *reader) (string, any) {
	n := r.number(4)
	now := time.Now().Unix()
	seconds := now + int64(int32(uint32(n)-uint32(now)))
	return time.Unix(seconds, 0).UTC().Format("20060102150405"), n
}

// content is base64, or a dash for none.
func content(r *reader) (string, any) {
	if r.left() == 0 {
		return "-", ""
	}
	return same(base64.StdEncoding.EncodeToString(r.all()))
}

func salt(r *reader) (string, any) {
	s := upperHex(r.counted())
	if s == "" {
		return "-", ""
	}
	return same(s)
}

func hash(r *reader) (string, any) {
	return same(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(r.counted()))
}

// sized is data with its length in two bytes before it.
func sized(r *reader) (string, any) {
	b := r.take(int(r.number(2)))
	text := base64.StdEncoding.EncodeToString(b)
	return strings.TrimSpace(strconv.Itoa(len(b)) + " " + text), text
}
