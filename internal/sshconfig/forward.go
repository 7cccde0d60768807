package sshconfig

import (
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// field is a part of a forwarding between colons.
type field struct {
	text string
	path bool // it has a slash: a Unix socket
}

// parseForward reads the two words of LocalForward or RemoteForward, or the one
// of DynamicForward (to == "", then the other side is asked for by SOCKS), and
// gives them as ssh -G prints them. Port 0 lets the server choose.
func parseForward(from, to string, remote bool, getenv func(string) string) (string, error) {
	bad := fault.New(fault.Parse, "%q is no forwarding", strings.TrimSpace(from+" "+to)).
		WithHint("write [address:]port or a socket, and host:port or a socket")
	spec := from
	if to != "" {
		spec += ":" + to
	}
	spec, err := expand(spec, nil, getenv)
	if err != nil {
		return "", err
	}
	fields, ok := splitForward(strings.TrimLeft(spec, whitespace))
	if !ok {
		return "", bad
	}
	listen, rest, ok := takeSide(fields, to != "")
	if !ok || strings.HasSuffix(listen, ":0") && !remote || listen == "0" && !remote {
		return "", bad
	}
	if to == "" {
		return listen, okOr(len(rest) == 0, bad)
	}
	connect, ok := connectSide(rest)
	return listen + " " + connect, okOr(ok, bad)
}

func okOr(ok bool, err error) error {
	if ok {
		return nil
	}
	return err
}

// takeSide takes the listening side off the fields: a socket, a port, or an
// address and a port. What follows must leave one field for a socket or two.
func takeSide(fields []field, more bool) (side string, rest []field, ok bool) {
	if len(fields) == 0 {
		return "", nil, false
	}
	if fields[0].path {
		return fields[0].text, fields[1:], true
	}
	after := 0 // fields of the other side
	if more {
		if after = 2; fields[len(fields)-1].path {
			after = 1
		}
	}
	switch len(fields) - after {
	case 1:
		port, err := parsePort(fields[0].text)
		return strconv.Itoa(port), fields[1:], err == nil
	case 2:
		port, err := parsePort(fields[1].text)
		return "[" + fields[0].text + "]:" + strconv.Itoa(port), fields[2:], err == nil
	default:
		return "", nil, false
	}
}

// connectSide reads the side to connect to.
func connectSide(fields []field) (string, bool) {
	switch {
	case len(fields) == 1 && fields[0].path:
		return fields[0].text, true
	case len(fields) == 2:
		port, err := parsePort(fields[1].text)
		return "[" + fields[0].text + "]:" + strconv.Itoa(port), err == nil && port > 0
	default:
		return "", false
	}
}

// splitForward splits at colons. Brackets keep colons together, a backslash
// takes the next byte as it is. One colon may be left over at the end.
func splitForward(spec string) (fields []field, ok bool) {
	for len(fields) < 4 && spec != "" {
		var f field
		if f, spec, ok = cutField(spec); !ok {
			return nil, false
		}
		fields = append(fields, f)
	}
	return fields, spec == ""
}

func cutField(spec string) (f field, rest string, ok bool) {
	if spec[0] == '[' {
		inside, after, closed := strings.Cut(spec[1:], "]")
		if !closed || after != "" && after[0] != ':' {
			return f, "", false
		}
		return field{inside, strings.Contains(inside, "/")}, strings.TrimPrefix(after, ":"), true
	}
	var b strings.Builder
	for i := 0; i < len(spec); i++ {
		switch spec[i] {
		case '\\':
			if i++; i == len(spec) {
				return f, "", false
			}
		case '/':
			f.path = true
		case ':':
			f.text = b.String()
			return f, spec[i+1:], true
		}
		b.WriteByte(spec[i])
	}
	f.text = b.String()
	return f, "", true
}
