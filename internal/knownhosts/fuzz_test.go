package knownhosts

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// FuzzLoad: whatever a file holds, it can be read, what is added to it is found,
// and removing takes away no more than the host.
func FuzzLoad(f *testing.F) {
	key := newKey(f, ssh.KeyAlgoED25519)
	f.Add("web1 ssh-ed25519 AAAA\n@revoked * x y")
	f.Add(keyLine("web*,!web1,[a]:22", key) + "\r\n|1|a|b c d\n#")
	f.Add("@cert-authority " + keyLine(Hash("web1"), key))
	f.Add("\x00\n\n |1||\n@")
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(t.TempDir(), "known_hosts")
		check(t, os.WriteFile(file, []byte(text), 0o600))
		db, err := Load(file)
		check(t, err)
		if lines := strings.Count(text, "\n") + 1; len(db.entries)+len(db.Warnings()) > lines {
			t.Fatalf("%d entries and %d warnings of %d lines", len(db.entries), len(db.Warnings()), lines)
		}
		if err := db.Check("web1", 2222, key); err == nil && len(db.entries) == 0 {
			t.Fatal("a key is known without a line")
		}
		check(t, Add(file, "added.example", 22, key, false))
		added, err := Load(file)
		check(t, err)
		if len(added.entries) != len(db.entries)+1 {
			t.Fatalf("%d entries, then %d", len(db.entries), len(added.entries))
		}
		gone := len(db.marked(db.find("web1"), ""))
		check(t, Remove(file, "web1", 22))
		rest, err := Load(file)
		check(t, err)
		if len(rest.entries) != len(added.entries)-gone {
			t.Fatalf("%d entries, %d after removing %d", len(added.entries), len(rest.entries), gone)
		}
	})
}

func benchmarkFile(b *testing.B, n int, name func(int) string) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintln(&text, keyLine(name(i), newKey(b, ssh.KeyAlgoED25519)))
	}
	return write(b, text.String())
}

// BenchmarkLoad reads a file of 10,000 lines.
func BenchmarkLoad(b *testing.B) {
	file := benchmarkFile(b, 10000, func(i int) string { return fmt.Sprintf("host%d.example.com", i) })
	for b.Loop() {
		_, err := Load(file)
		check(b, err)
	}
}

// BenchmarkCheckHashed asks 5,000 hashed lines for a host not asked for before.
func BenchmarkCheckHashed(b *testing.B) {
	file := benchmarkFile(b, 5000, func(i int) string { return Hash(fmt.Sprintf("host%d.example.com", i)) })
	db, err := Load(file)
	check(b, err)
	key := newKey(b, ssh.KeyAlgoED25519)
	n := 0
	for b.Loop() {
		n++
		_ = db.Check(fmt.Sprintf("new%d", n), 22, key)
	}
}

// BenchmarkAdd appends a hashed line.
func BenchmarkAdd(b *testing.B) {
	file := write(b, "")
	key := newKey(b, ssh.KeyAlgoED25519)
	for b.Loop() {
		check(b, Add(file, "web1", 22, key, true))
	}
}
