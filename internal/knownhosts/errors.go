package knownhosts

import (
	"strings"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// UnknownError says that no file has a key for the host.
type UnknownError struct{ error }

// ChangedError says that the host showed another key than the known ones.
type ChangedError struct {
	error
	Known []Entry
}

// RevokedError says that the key must not be accepted for the host.
type RevokedError struct {
	error
	Entry Entry
}

// Unwrap gives the *fault.Error of kind HostKey.
func (e *UnknownError) Unwrap() error { return e.error }

// Unwrap gives the *fault.Error of kind HostKey.
func (e *ChangedError) Unwrap() error { return e.error }

// Unwrap gives the *fault.Error of kind HostKey.
func (e *RevokedError) Unwrap() error { return e.error }

func (db *DB) unknownError(host string, port int, key ssh.PublicKey) error {
	return &UnknownError{fault.New(fault.HostKey, "the host key of %s is not known: %s", Name(host, port), describe(key)).
		WithHint("if the host itself shows this fingerprint, add the key: %s", db.addCommand(host, port, key))}
}

// changedError names one of the known keys, of the same type if there is one:
// a message with three fingerprints is read by nobody.
func (db *DB) changedError(host string, port int, key ssh.PublicKey, known []Entry) error {
	old := known[0]
	for _, e := range known {
		if e.Key.Type() == plainType(key) {
			old = e
			break
		}
	}
	err := fault.New(fault.HostKey, "the host key of %s changed: it is %s, known is %s (%s:%d)",
		Name(host, port), describe(key), describe(old.Key), old.File, old.Line).
		WithHint("somebody may be in between; if the host has a new key for a good reason: %s%s",
			removeCommands(host, port, known), db.addCommand(host, port, key))
	return &ChangedError{err, known}
}

// removeCommands are shell commands that remove the keys of a host from each file.
func removeCommands(host string, port int, known []Entry) string {
	var commands string
	done := map[string]bool{}
	for _, e := range known {
		if !done[e.File] {
			commands += "ssh-keygen -R " + quote(Name(host, port)) + " -f " + quote(e.File) + "; "
		}
		done[e.File] = true
	}
	return commands
}

func revokedError(host string, port int, key ssh.PublicKey, entry Entry) error {
	err := fault.New(fault.HostKey, "the host key of %s is revoked (%s:%d): %s", Name(host, port), entry.File, entry.Line, describe(key)).
		WithHint("do not trust this host before it has a new key")
	return &RevokedError{err, entry}
}

// addCommand is a shell command that adds the key.
func (db *DB) addCommand(host string, port int, key ssh.PublicKey) string {
	file := "~/.ssh/known_hosts"
	if len(db.files) > 0 {
		file = quote(db.files[0])
	}
	return "echo " + quote(keyLine(Name(host, port), key)) + " >> " + file
}

// describe names a key the way ssh-keygen -l does; of a certificate the key
// inside.
func describe(key ssh.PublicKey) string {
	key = plainKey(key)
	return key.Type() + " " + ssh.FingerprintSHA256(key)
}

func plainType(key ssh.PublicKey) string { return plainKey(key).Type() }

// plainKey is the key inside a certificate.
func plainKey(key ssh.PublicKey) ssh.PublicKey {
	if cert, ok := key.(*ssh.Certificate); ok {
		return cert.Key
	}
	return key
}

// quote makes one word of a text for a shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
