// Package knownhosts reads, checks and writes known_hosts files (sshd(8),
// section SSH_KNOWN_HOSTS FILE FORMAT).
package knownhosts

import "golang.org/x/crypto/ssh"

// DB is what a list of known_hosts files says.
type DB struct{}

// Entry is one line of a known_hosts file.
type Entry struct {
	File   string        // where it stands
	Line   int           // from 1
	Marker string        // "", "cert-authority" or "revoked"
	Hosts  string        // first field: names, patterns or a hash
	Key    ssh.PublicKey // the key of the host or of the authority
}

// UnknownError says that no file has a key for the host.
type UnknownError struct{ error }

// ChangedError says that the host showed another key than the known ones.
type ChangedError struct {
	error
	Known []Entry
}

// RevokedError says that the key must not be accepted for any host.
type RevokedError struct {
	error
	Entry Entry
}

// Load reads files in order. A file that does not exist is an empty one.
func Load(files ...string) (*DB, error) { return &DB{}, nil }

// Warnings are the lines that were not understood, as "file:line: reason".
func (db *DB) Warnings() []string { return nil }

// Check tells whether key is the right one for host, or HostKeyAlias, at port.
func (db *DB) Check(host string, port int, key ssh.PublicKey) error { return nil }

// Algorithms are the host key algorithms to offer, those of known keys first.
func (db *DB) Algorithms(host string, port int) []string { return nil }

// Lookup gives the entries for a host.
func (db *DB) Lookup(host string, port int) []Entry { return nil }

// Add appends a key to a file.
func Add(file, host string, port int, key ssh.PublicKey, hashed bool) error { return nil }

// Remove takes all entries of a host out of a file.
func Remove(file, host string, port int) error { return nil }

// Hash hides a name as HashKnownHosts does.
func Hash(host string) string { return "" }
