package rdata

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
)

// Forms of one type alone.

// typeWindows is the list of types of NSEC, NSEC3 and CSYNC.
func typeWindows(r *reader) (string, any) {
	names := []string{}
	last := -1
	for r.left() > 0 {
		window, bits := int(r.number(1)), r.counted()
		if window <= last || len(bits) == 0 || len(bits) > 32 {
			r.fail()
			break
		}
		last = window
		names = append(names, setBits(bits, window<<8)...)
	}
	return strings.Join(names, " "), names
}

// typeBits is the older list of types of NXT.
func typeBits(r *reader) (string, any) {
	names := setBits(r.all(), 0)
	return strings.Join(names, " "), names
}

func setBits(bits []byte, base int) []string {
	names := []string{}
	for i, b := range bits {
		for bit := range 8 {
			if b&(0x80>>bit) != 0 {
				names = append(names, TypeName(uint16(base+i*8+bit)))
			}
		}
	}
	return names
}

// ports is the bit map of WKS.
func ports(r *reader) (string, any) {
	words := []string{}
	for i, b := range r.all() {
		for bit := range 8 {
			if b&(0x80>>bit) != 0 {
				words = append(words, strconv.Itoa(i*8+bit))
			}
		}
	}
	return strings.Join(words, " "), words
}

func atma(r *reader) (string, any) {
	format, rest := r.number(1), r.all()
	if format == 1 {
		return same("+" + string(rest))
	}
	return same(hex.EncodeToString(rest))
}

// a6 is an address whose first bits are found under another name.
func a6(r *reader) (string, any) {
	prefix := int(r.number(1))
	if prefix > 128 {
		r.fail()
		return "", nil
	}
	var address [16]byte
	suffix := r.take((128 - prefix + 7) / 8)
	copy(address[16-len(suffix):], suffix)
	words := []string{strconv.Itoa(prefix)}
	if prefix < 128 {
		words = append(words, IPv6(address))
	}
	if prefix > 0 {
		words = append(words, r.name())
	}
	return strings.Join(words, " "), words
}

// location is LOC (RFC 1876).
func location(r *reader) (string, any) {
	if r.left() > 0 && r.msg[r.at] != 0 { // a version of the future
		d := unknown(r.all())
		return d.Text, map[string]any{"data": d.Fields[0].Value}
	}
	r.take(1)
	size, horizontal, vertical := r.centimetres(), r.centimetres(), r.centimetres()
	latitude, longitude := r.number(4)-1<<31, r.number(4)-1<<31
	altitude := r.number(4) - 10000000
	text := fmt.Sprintf("%s %s %s %s %s %s", angle(latitude, "N", "S"), angle(longitude, "E", "W"),
		metres(altitude)+"m", size, horizontal, vertical)
	return text, map[string]any{
		"latitude": float64(latitude) / 3.6e6, "longitude": float64(longitude) / 3.6e6, "altitude": float64(altitude) / 100,
	}
}

func angle(thousandths int64, positive, negative string) string {
	side := positive
	if thousandths < 0 {
		thousandths, side = -thousandths, negative
	}
	ms := thousandths % 60000
	return fmt.Sprintf("%d %d %d.%03d %s", thousandths/3600000, thousandths/60000%60, ms/1000, ms%1000, side)
}

func metres(centimetres int64) string {
	sign := ""
	if centimetres < 0 {
		sign, centimetres = "-", -centimetres
	}
	return fmt.Sprintf("%s%d.%02d", sign, centimetres/100, centimetres%100)
}

// centimetres takes a length: a digit and a power of ten in one byte.
func (r *reader) centimetres() string {
	b := r.number(1)
	mantissa, power := b>>4, b&15
	if mantissa > 9 || power > 9 {
		r.fail()
		return ""
	}
	cm := mantissa * int64(math.Pow10(int(power)))
	if power < 2 {
		return metres(cm) + "m"
	}
	return strconv.FormatInt(cm/100, 10) + "m"
}

// prefixes is APL: lists of networks.
func prefixes(r *reader) (string, any) {
	items := []string{}
	for r.left() > 0 {
		family, bits, length := r.number(2), r.number(1), r.number(1)
		negated := length&0x80 != 0
		item, ok := network(family, int(bits), r.take(int(length&0x7f)))
		if !ok {
			r.fail()
			break
		}
		if negated {
			item = "!" + item
		}
		items = append(items, item)
	}
	return strings.Join(items, " "), items
}

func network(family int64, bits int, part []byte) (string, bool) {
	switch {
	case family == 1 && bits <= 32 && len(part) <= 4:
		var b [4]byte
		copy(b[:], part)
		return fmt.Sprintf("1:%s/%d", netip.AddrFrom4(b), bits), true
	case family == 2 && bits <= 128 && len(part) <= 16:
		var b [16]byte
		copy(b[:], part)
		return fmt.Sprintf("2:%s/%d", IPv6(b), bits), true
	default:
		return "", false
	}
}

// gateway takes none, an address or a name, as IPSECKEY and AMTRELAY have it.
func (r *reader) gateway(kind int64) string {
	switch kind {
	case 0:
		return "."
	case 1:
		return netip.AddrFrom4([4]byte(r.take(4))).String()
	case 2:
		return IPv6([16]byte(r.take(16)))
	case 3:
		return r.name()
	default:
		r.fail()
		return ""
	}
}

func ipsecGateway(r *reader) (string, any) {
	kind, algorithm := r.number(1), r.number(1)
	gateway := r.gateway(kind)
	return fmt.Sprintf("%d %d %s", kind, algorithm, gateway),
		map[string]any{"gateway_type": kind, "algorithm": algorithm, "gateway": gateway}
}

func relay(r *reader) (string, any) {
	b := r.number(1)
	discovery, kind := b>>7, b&0x7f
	gateway := r.gateway(kind)
	return fmt.Sprintf("%d %d %s", discovery, kind, gateway),
		map[string]any{"discovery_optional": discovery == 1, "relay_type": kind, "relay": gateway}
}

func hip(r *reader) (string, any) {
	hitLength, algorithm, keyLength := r.number(1), r.number(1), r.number(2)
	hit := upperHex(r.take(int(hitLength)))
	key := base64.StdEncoding.EncodeToString(r.take(int(keyLength)))
	servers := []string{}
	for r.left() > 0 {
		servers = append(servers, r.name())
	}
	text := strings.Join(append([]string{strconv.FormatInt(algorithm, 10), hit, key}, servers...), " ")
	return text, map[string]any{"algorithm": algorithm, "hit": hit, "key": key, "servers": servers}
}
