package knownhosts

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// parseLine reads one line: an optional marker, names, type of key, key, and a
// comment, which is ignored. An empty line or a comment gives nil.
func parseLine(line string) (*Entry, error) {
	line = strings.TrimLeft(strings.TrimRight(line, "\r"), " \t")
	line, _, _ = strings.Cut(line, "\x00")
	if line == "" || line[0] == '#' {
		return nil, nil
	}
	entry := &Entry{}
	if line[0] == '@' {
		marker, rest := field(line[1:])
		if marker != authority && marker != revoked {
			return nil, fmt.Errorf("unknown marker @%.40s", marker)
		}
		entry.Marker, line = marker, rest
	}
	hosts, line := field(line)
	kind, line := field(line)
	blob, _ := field(line)
	if hosts == "" || kind == "" || blob == "" || blob[0] == '#' {
		return nil, errors.New("not of the form: names type key")
	}
	if hosts[0] == '|' {
		if _, _, err := parseHash(hosts); err != nil {
			return nil, err
		}
	}
	entry.Hosts = hosts
	key, err := parseKey(kind, blob)
	if err != nil {
		return nil, err
	}
	entry.Key = key
	return entry, nil
}

// field takes the first field off a line; fields end at blanks and tabs.
func field(line string) (first, rest string) {
	end := strings.IndexAny(line, " \t")
	if end < 0 {
		return line, ""
	}
	return line[:end], strings.TrimLeft(line[end:], " \t")
}

// parseKey reads a key in the form of RFC 4253, section 6.6, in base64. Its own
// type must be the one that stands before it.
func parseKey(kind, text string) (ssh.PublicKey, error) {
	blob, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("the key is not in base64")
	}
	key, err := ssh.ParsePublicKey(blob)
	switch {
	case err != nil:
		return nil, fmt.Errorf("not a key of a supported type (%.60s)", kind)
	case key.Type() != kind:
		return nil, fmt.Errorf("the type %.60s does not fit the key", kind)
	}
	return key, nil
}
