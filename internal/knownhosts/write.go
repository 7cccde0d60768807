package knownhosts

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// keyLine is a line without its end.
func keyLine(hosts string, key ssh.PublicKey) string {
	return hosts + " " + key.Type() + " " + base64.StdEncoding.EncodeToString(key.Marshal())
}

// Add appends a key to a file. The file is made with mode 0600, its folder with
// 0700.
func Add(file, host string, port int, key ssh.PublicKey, hashed bool) error {
	if !plainHost(host) || port < 0 || port > 65535 {
		return fault.New(fault.Usage, "%q at port %d cannot be written into %s: it is no host", host, port, file)
	}
	name := Name(host, port)
	if hashed {
		name = Hash(name)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fault.OS(err, "cannot make the folder of %s", file)
	}
	f, err := lock(file, os.O_RDWR|os.O_APPEND|os.O_CREATE)
	if err == nil {
		err = errors.Join(appendLine(f, keyLine(name, key)), f.Close())
	}
	if err != nil {
		return fault.OS(err, "cannot add a host key to %s", file)
	}
	return nil
}

// appendLine writes a line in one piece, and first ends the last one if needed.
func appendLine(f *os.File, line string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	last := []byte{'\n'}
	if info.Size() > 0 {
		if _, err := f.ReadAt(last, info.Size()-1); err != nil {
			return err
		}
	}
	if last[0] != '\n' {
		line = "\n" + line
	}
	_, err = f.WriteString(line + "\n")
	return err
}

// Remove takes all keys of a host out of a file. Authorities and revoked keys
// stay, as with ssh-keygen -R; so do lines that make no sense.
func Remove(file, host string, port int) error {
	_, err := RemoveCounted(file, host, port)
	return err
}

// without leaves out the lines for a name.
func without(content []byte, name string) []byte {
	var kept []byte
	for line := range bytes.Lines(content) {
		entry, _ := parseLine(string(bytes.TrimSuffix(line, []byte("\n"))))
		if entry == nil || entry.Marker != "" || !readMatcher(entry.Hosts).fits(name) {
			kept = append(kept, line...)
		}
	}
	return kept
}
