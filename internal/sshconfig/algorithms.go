package sshconfig

import (
	"slices"
	"strings"

	"gofab/internal/fault"
)

// family is one kind of algorithm: those that exist, and those that are offered
// when nothing is configured, both in the order of OpenSSH.
type family struct {
	what     string
	all      []string
	initial  []string
	wildcard bool     // a list may name patterns
	extra    []string // accepted in a list, stands for nothing
}

func names(text string) []string { return strings.Fields(text) }

var ciphers = family{
	what: "cipher",
	all: names(`3des-cbc aes128-cbc aes192-cbc aes256-cbc aes128-ctr aes192-ctr aes256-ctr
		aes128-gcm@openssh.com aes256-gcm@openssh.com chacha20-poly1305@openssh.com`),
	initial: names(`chacha20-poly1305@openssh.com aes128-ctr aes192-ctr aes256-ctr
		aes128-gcm@openssh.com aes256-gcm@openssh.com`),
}

var macs = family{
	what: "MAC",
	all: names(`hmac-sha1 hmac-sha1-96 hmac-sha2-256 hmac-sha2-512 hmac-md5 hmac-md5-96
		umac-64@openssh.com umac-128@openssh.com hmac-sha1-etm@openssh.com hmac-sha1-96-etm@openssh.com
		hmac-sha2-256-etm@openssh.com hmac-sha2-512-etm@openssh.com hmac-md5-etm@openssh.com
		hmac-md5-96-etm@openssh.com umac-64-etm@openssh.com umac-128-etm@openssh.com`),
	initial: names(`umac-64-etm@openssh.com umac-128-etm@openssh.com hmac-sha2-256-etm@openssh.com
		hmac-sha2-512-etm@openssh.com hmac-sha1-etm@openssh.com umac-64@openssh.com umac-128@openssh.com
		hmac-sha2-256 hmac-sha2-512 hmac-sha1`),
}

var kexes = family{
	what: "key exchange",
	all: names(`diffie-hellman-group1-sha1 diffie-hellman-group14-sha1 diffie-hellman-group14-sha256
		diffie-hellman-group16-sha512 diffie-hellman-group18-sha512 diffie-hellman-group-exchange-sha1
		diffie-hellman-group-exchange-sha256 ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521
		curve25519-sha256 curve25519-sha256@libssh.org sntrup761x25519-sha512
		sntrup761x25519-sha512@openssh.com mlkem768x25519-sha256`),
	initial: names(`mlkem768x25519-sha256 sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com
		curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384
		ecdh-sha2-nistp521 diffie-hellman-group-exchange-sha256 diffie-hellman-group16-sha512
		diffie-hellman-group18-sha512 diffie-hellman-group14-sha256`),
}

// keyNames are the short names of key types that a list may contain.
var keyNames = names("ED25519 ED25519-SK ECDSA ECDSA-SK DSA RSA")

var keyTypes = family{
	what:     "key type",
	wildcard: true,
	extra:    keyNames,
	all: names(`ssh-ed25519 ssh-ed25519-cert-v01@openssh.com sk-ssh-ed25519@openssh.com
		sk-ssh-ed25519-cert-v01@openssh.com ecdsa-sha2-nistp256 ecdsa-sha2-nistp256-cert-v01@openssh.com
		ecdsa-sha2-nistp384 ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521
		ecdsa-sha2-nistp521-cert-v01@openssh.com sk-ecdsa-sha2-nistp256@openssh.com
		sk-ecdsa-sha2-nistp256-cert-v01@openssh.com webauthn-sk-ecdsa-sha2-nistp256@openssh.com
		ssh-dss ssh-dss-cert-v01@openssh.com ssh-rsa ssh-rsa-cert-v01@openssh.com rsa-sha2-256
		rsa-sha2-256-cert-v01@openssh.com rsa-sha2-512 rsa-sha2-512-cert-v01@openssh.com`),
	initial: names(`ssh-ed25519-cert-v01@openssh.com ecdsa-sha2-nistp256-cert-v01@openssh.com
		ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521-cert-v01@openssh.com
		sk-ssh-ed25519-cert-v01@openssh.com sk-ecdsa-sha2-nistp256-cert-v01@openssh.com
		rsa-sha2-512-cert-v01@openssh.com rsa-sha2-256-cert-v01@openssh.com ssh-ed25519
		ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 sk-ssh-ed25519@openssh.com
		sk-ecdsa-sha2-nistp256@openssh.com rsa-sha2-512 rsa-sha2-256`),
}

// signatures are what a certificate may be signed with. A list may name
// certificates as well, without effect.
var signatures = family{
	what:     "key type",
	wildcard: true,
	extra:    append(slices.Clone(keyNames), keyTypes.all...),
	all: names(`ssh-ed25519 sk-ssh-ed25519@openssh.com ecdsa-sha2-nistp256 ecdsa-sha2-nistp384
		ecdsa-sha2-nistp521 sk-ecdsa-sha2-nistp256@openssh.com webauthn-sk-ecdsa-sha2-nistp256@openssh.com
		ssh-dss ssh-rsa rsa-sha2-256 rsa-sha2-512`),
	initial: names(`ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521
		sk-ssh-ed25519@openssh.com sk-ecdsa-sha2-nistp256@openssh.com rsa-sha2-512 rsa-sha2-256`),
}

// families by the keyword that configures them.
var families = map[string]*family{
	"ciphers": &ciphers, "macs": &macs, "kexalgorithms": &kexes,
	"hostkeyalgorithms": &keyTypes, "hostbasedacceptedalgorithms": &keyTypes,
	"pubkeyacceptedalgorithms": &keyTypes, "casignaturealgorithms": &signatures,
}

// cutSign takes the sign off a list: '+' (append to the initial one), '-'
// (remove from it), '^' (put before it) or none, 0.
func cutSign(list string) (sign byte, rest string) {
	if list != "" && strings.IndexByte("+-^", list[0]) >= 0 {
		return list[0], list[1:]
	}
	return 0, list
}

// check refuses a list with a name that does not exist. Behind '-' stand
// patterns, which may match nothing.
func (f *family) check(list string) error {
	sign, rest := cutSign(list)
	if sign == '-' {
		return nil
	}
	if rest == "" {
		return fault.New(fault.Parse, "%q names no %s", list, f.what)
	}
	for _, name := range strings.Split(rest, ",") {
		if name == "" {
			return nil // ssh looks no further
		}
		if !f.known(name) {
			return fault.New(fault.Parse, "unknown %s %q", f.what, name)
		}
	}
	return nil
}

func (f *family) known(name string) bool {
	match := func(candidate string) bool {
		return candidate == name || f.wildcard && matchPattern(candidate, strings.TrimPrefix(name, "!"))
	}
	return slices.ContainsFunc(f.all, match) ||
		slices.ContainsFunc(f.extra, func(c string) bool { return match(c) || strings.EqualFold(c, name) })
}

// assemble gives the algorithms that a list stands for.
func (f *family) assemble(list string) ([]string, error) {
	sign, rest := cutSign(list)
	patterns := strings.Split(rest, ",")
	switch {
	case list == "":
		return f.initial, nil
	case sign == '-':
		return slices.DeleteFunc(slices.Clone(f.initial), func(name string) bool { return matchList(name, rest) }), nil
	case sign == '+':
		patterns = append(slices.Clone(f.initial), patterns...)
	case sign == '^':
		patterns = append(patterns, f.initial...)
	}
	var chosen []string
	for _, pattern := range patterns {
		if strings.HasPrefix(pattern, "!") {
			return nil, fault.New(fault.Parse, "%q: a list of algorithms cannot negate with '!'", list)
		}
		for _, name := range f.all {
			if matchPattern(name, pattern) && !slices.Contains(chosen, name) {
				chosen = append(chosen, name)
			}
		}
	}
	if len(chosen) == 0 {
		return nil, fault.New(fault.Parse, "%q names no %s", list, f.what)
	}
	return chosen, nil
}
