// Package knownhosts reads, checks and writes known_hosts files (sshd(8),
// section SSH_KNOWN_HOSTS FILE FORMAT).
//
// Rules:
//   - A line that makes no sense is a warning with file and line; it never hides
//     the others, and a file that is not there is an empty one.
//   - Names match as in OpenSSH: without regard to case, with '*', '?' and '!',
//     plain or hashed; a port other than 22 is part of the name: [host]:port.
//   - Without a line for [host]:port, one for the host alone can prove a key, but
//     never makes it a changed one.
//   - A revoked key is refused before anything else is looked at, whichever of
//     the two names the line has (OpenSSH asks for one of them only), also when
//     a tab follows the marker (OpenSSH then ignores the line).
//   - Additions lose no line: not one of another process that adds or removes at
//     the same time, nor a last line without its end.
package knownhosts

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"sync"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// DB is what a list of known_hosts files says. It does not change after Load and
// may be used from several goroutines.
type DB struct {
	files    []string
	entries  []Entry
	exact    map[string][]int // entries by their plain names
	others   []trial          // entries with patterns or hashes
	warnings []string

	mu    sync.Mutex
	found map[string][]int // answers by name: hashes are slow
}

// Entry is one line of a known_hosts file.
type Entry struct {
	File   string        // where it stands
	Line   int           // from 1
	Marker string        // "", "cert-authority" or "revoked"
	Hosts  string        // first field: names, patterns or a hash
	Key    ssh.PublicKey // the key of the host or of the authority
}

const (
	authority = "cert-authority"
	revoked   = "revoked"
)

// Load reads files in order. A file that does not exist is an empty one.
func Load(files ...string) (*DB, error) {
	db := &DB{files: files, exact: map[string][]int{}, found: map[string][]int{}}
	for _, file := range files {
		content, err := os.ReadFile(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, fault.OS(err, "cannot read the known hosts in %s", file)
		default:
			db.read(file, content)
		}
	}
	return db, nil
}

// Warnings are the lines that were not understood, as "file:line: reason".
func (db *DB) Warnings() []string { return db.warnings }

func (db *DB) read(file string, content []byte) {
	for number := 1; len(content) > 0; number++ {
		line, rest, _ := bytes.Cut(content, []byte("\n"))
		content = rest
		entry, err := parseLine(string(line))
		if err != nil {
			db.warnings = append(db.warnings, file+":"+strconv.Itoa(number)+": "+err.Error())
		}
		if entry == nil {
			continue
		}
		entry.File, entry.Line = file, number
		db.index(len(db.entries), entry.Hosts)
		db.entries = append(db.entries, *entry)
	}
}

// Lookup gives the entries for a host, in the order of the files.
func (db *DB) Lookup(host string, port int) []Entry {
	found := db.find(Name(host, port))
	entries := make([]Entry, len(found))
	for i, n := range found {
		entries[i] = db.entries[n]
	}
	return entries
}
