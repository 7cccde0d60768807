package knownhosts

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"

	"gofab/internal/atomicfile"
	"gofab/internal/fault"
)

// Entries are all lines that were understood, in the order of the files.
func (db *DB) Entries() []Entry { return db.entries }

// HashAll hides all names in a file, as ssh-keygen -H does, and tells how many.
// Patterns, authorities and revoked keys stay readable; so do lines that make no
// sense, where ssh-keygen leaves the whole file alone.
func HashAll(file string) (int, error) {
	hashed := 0
	err := rewrite(file, func(content []byte) []byte {
		var out []byte
		for line := range bytes.Lines(content) {
			text := string(bytes.TrimRight(line, "\r\n"))
			entry, _ := parseLine(text)
			if entry == nil || entry.Marker != "" || entry.Hosts[0] == '|' || strings.ContainsAny(entry.Hosts, "*?!") {
				out = append(out, line...)
				continue
			}
			_, rest := field(strings.TrimLeft(text, " \t"))
			for _, name := range strings.Split(entry.Hosts, ",") {
				if name != "" {
					out = append(out, Hash(name)+" "+rest+"\n"...)
					hashed++
				}
			}
		}
		return out
	})
	return hashed, err
}

// RemoveCounted is Remove that tells how many lines it took out.
func RemoveCounted(file, host string, port int) (int, error) {
	removed := 0
	err := rewrite(file, func(content []byte) []byte {
		kept := without(content, Name(host, port))
		removed = countLines(content) - countLines(kept)
		return kept
	})
	return removed, err
}

// countLines counts a last line without its end too.
func countLines(content []byte) int {
	n := bytes.Count(content, []byte("\n"))
	if len(content) > 0 && content[len(content)-1] != '\n' {
		n++
	}
	return n
}

// rewrite replaces a file while no one else changes it; one that is not there
// stays so.
func rewrite(file string, change func(content []byte) []byte) error {
	f, err := lock(file, os.O_RDWR)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.OS(err, "cannot open %s", file)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fault.OS(err, "cannot read %s", file)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return fault.OS(err, "cannot read %s", file)
	}
	changed := change(content)
	if bytes.Equal(changed, content) {
		return nil
	}
	if err := atomicfile.Write(file, changed, info.Mode().Perm()); err != nil {
		return fault.OS(err, "cannot write %s", file)
	}
	return nil
}
