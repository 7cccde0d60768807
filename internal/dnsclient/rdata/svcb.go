package rdata

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
)

// serviceKeys are the parameters of SVCB and HTTPS that have names.
var serviceKeys = map[int64]string{
	0: "mandatory", 1: "alpn", 2: "no-default-alpn", 3: "port", 4: "ipv4hint", 5: "ech", 6: "ipv6hint", 7: "dohpath", 8: "ohttp",
}

// serviceParams reads the parameters of SVCB and HTTPS. The names of the fields
// have underscores: no_default_alpn.
func serviceParams(r *reader) (string, any) {
	words, values := []string{}, map[string]any{}
	last := int64(-1)
	for r.left() > 0 {
		key := r.number(2)
		value := newReader(r.take(int(r.number(2))))
		if key <= last {
			r.fail()
			break
		}
		last = key
		name := keyName(key)
		text, typed := serviceValue(value, key)
		if value.short {
			r.fail()
			break
		}
		if text != "" {
			text = "=" + text
		}
		words = append(words, name+text)
		values[strings.ReplaceAll(name, "-", "_")] = typed
	}
	return strings.Join(words, " "), values
}

func keyName(key int64) string {
	if name, ok := serviceKeys[key]; ok {
		return name
	}
	return "key" + strconv.FormatInt(key, 10)
}

func serviceValue(r *reader, key int64) (text string, typed any) {
	switch key {
	case 0:
		list := []string{}
		for r.left() > 0 {
			list = append(list, keyName(r.number(2)))
		}
		return strings.Join(list, ","), list
	case 1:
		return protocols(r)
	case 2, 8:
		return "", true
	case 3:
		port := r.number(2)
		return strconv.FormatInt(port, 10), port
	case 4:
		return hints(r, 4)
	case 5:
		text := base64.StdEncoding.EncodeToString(r.all())
		return text, text
	case 6:
		return hints(r, 16)
	default:
		b := r.all()
		if len(b) == 0 {
			return "", ""
		}
		return quote(b), string(b)
	}
}

// protocols is alpn: its commas and backslashes are escaped twice, once for the
// list and once for the string.
func protocols(r *reader) (string, any) {
	list, escaped := []string{}, []string{}
	for r.left() > 0 {
		id := string(r.counted())
		list = append(list, id)
		escaped = append(escaped, strings.NewReplacer(`\`, `\\`, ",", `\,`).Replace(id))
	}
	return quote([]byte(strings.Join(escaped, ","))), list
}

func hints(r *reader, size int) (string, any) {
	list := []string{}
	for r.left() > 0 {
		b := r.take(size)
		if size == 4 {
			list = append(list, netip.AddrFrom4([4]byte(b)).String())
		} else {
			list = append(list, IPv6([16]byte(b)))
		}
	}
	return strings.Join(list, ","), list
}
