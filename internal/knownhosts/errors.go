package knownhosts

import (
	"fmt"
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
		WithHint("compare the fingerprint with the host's own; if it is the same, add the key: %s", db.addCommand(host, port, key))}
}

func (db *DB) changedError(host string, port int, key ssh.PublicKey, known []Entry) error {
	var old []string
	var remove string
	files := map[string]bool{}
	for _, e := range known {
		old = append(old, fmt.Sprintf("%s (%s:%d)", describe(e.Key), e.File, e.Line))
		if !files[e.File] {
			remove += "ssh-keygen -R " + quote(Name(host, port)) + " -f " + quote(e.File) + "; "
		}
		files[e.File] = true
	}
	err := fault.New(fault.HostKey, "the host key of %s changed: it is %s, known is %s",
		Name(host, port), describe(key), strings.Join(old, ", ")).
		WithHint("somebody may be listening in; if the host has new keys for a good reason: %s%s", remove, db.addCommand(host, port, key))
	return &ChangedError{err, known}
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
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	return key.Type() + " " + ssh.FingerprintSHA256(key)
}

// quote makes one word of a text for a shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
