package knownhosts

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
)

const defaultPort = 22

// Name is what known_hosts calls a host: host, or [host]:port for a port other
// than 22 (0 is 22), in lower case.
func Name(host string, port int) string {
	host = strings.ToLower(host)
	if port == 0 || port == defaultPort {
		return host
	}
	return "[" + host + "]:" + strconv.Itoa(port)
}

// Hash hides a name as HashKnownHosts does: |1|salt|HMAC-SHA1(salt, name). The
// name of a host with a port is that of Name.
func Hash(host string) string {
	salt := make([]byte, sha1.Size)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	return "|1|" + base64.StdEncoding.EncodeToString(salt) + "|" +
		base64.StdEncoding.EncodeToString(digest(salt, strings.ToLower(host)))
}

func digest(salt []byte, name string) []byte {
	mac := hmac.New(sha1.New, salt)
	mac.Write([]byte(name))
	return mac.Sum(nil)
}

func parseHash(text string) (salt, sum []byte, err error) {
	parts := strings.Split(text, "|")
	if len(parts) != 4 || parts[0] != "" || parts[1] != "1" {
		return nil, nil, errors.New("a hashed name that is not of the form |1|salt|hash")
	}
	salt, err = base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(salt) != sha1.Size {
		return nil, nil, errors.New("a hashed name with a bad salt")
	}
	sum, err = base64.StdEncoding.Strict().DecodeString(parts[3])
	if err != nil || len(sum) != sha1.Size {
		return nil, nil, errors.New("a hashed name with a bad hash")
	}
	return salt, sum, nil
}

// index files an entry under its names, or among those that must be tried.
func (db *DB) index(n int, hosts string) {
	if hosts[0] == '|' || strings.ContainsAny(hosts, "*?!") {
		db.others = append(db.others, trial{n, readMatcher(hosts)})
		return
	}
	for _, name := range strings.Split(strings.ToLower(hosts), ",") {
		if list := db.exact[name]; name != "" && (len(list) == 0 || list[len(list)-1] != n) {
			db.exact[name] = append(list, n)
		}
	}
}

// trial is an entry that only a comparison tells to fit.
type trial struct {
	entry int
	matcher
}

// find gives the entries for a name, in the order of the files.
func (db *DB) find(name string) []int {
	db.mu.Lock()
	found, ok := db.found[name]
	db.mu.Unlock()
	if ok {
		return found
	}
	found = slices.Clone(db.exact[name])
	for _, t := range db.others {
		if t.fits(name) {
			found = append(found, t.entry)
		}
	}
	slices.Sort(found)
	db.mu.Lock()
	defer db.mu.Unlock()
	db.found[name] = found
	return found
}

// matcher is the first field of a line: names and patterns, or a hash.
type matcher struct {
	list      string
	salt, sum []byte
}

// readMatcher reads a field; a hash must be well formed.
func readMatcher(hosts string) matcher {
	if hosts[0] != '|' {
		return matcher{list: strings.ToLower(hosts)}
	}
	salt, sum, _ := parseHash(hosts)
	return matcher{salt: salt, sum: sum}
}

// fits tells whether the field names a host.
func (m matcher) fits(name string) bool {
	if m.sum == nil {
		return matchList(name, m.list)
	}
	return bytes.Equal(m.sum, digest(m.salt, name))
}

// matchList tells whether one pattern of a comma-separated list fits and no one
// with '!' in front.
func matchList(name, list string) bool {
	fits := false
	for _, pattern := range strings.Split(list, ",") {
		pattern, negated := strings.CutPrefix(pattern, "!")
		if matchPattern(name, pattern) {
			if negated {
				return false
			}
			fits = true
		}
	}
	return fits
}

// matchPattern tells whether all of name fits a pattern, where '*' is any text
// and '?' any byte.
func matchPattern(name, pattern string) bool {
	star, retry := -1, 0 // where the last '*' stands and where its text ends so far
	n, p := 0, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			n++
			p++
		case star >= 0:
			retry++
			n, p = retry, star+1
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// plainHost tells whether a text can stand for one host on a line: nothing in it
// may be a pattern, a list, a hash, a marker or a comment.
func plainHost(host string) bool {
	if host == "" || strings.ContainsAny(host, "*?!,|#@\"'`\\[]") {
		return false
	}
	for i := 0; i < len(host); i++ {
		if host[i] <= ' ' || host[i] == 127 {
			return false
		}
	}
	return !strings.Contains(host, ":") || isIPv6(host)
}

func isIPv6(host string) bool {
	host, _, _ = strings.Cut(host, "%")
	return net.ParseIP(host) != nil
}
