package knownhosts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// HashAll against ssh-keygen -H: the same lines are hidden, and each name is
// found under the same keys as before.
func TestHashAllAsKeygen(t *testing.T) {
	keygen := testenv.Require(t, "ssh-keygen")
	var text strings.Builder
	var names []string
	for i := range 40 {
		key := testenv.NewKey(t, "ed25519").Public()
		name := fmt.Sprintf("Host%d.example", i)
		names = append(names, name, fmt.Sprintf("[10.0.0.%d]:2222", i))
		switch i % 5 {
		case 0:
			fmt.Fprintf(&text, "%s,[10.0.0.%d]:2222 %s comment %d\n", name, i, key, i)
		case 1:
			fmt.Fprintf(&text, "# a comment\n\n%s %s\n", name, key)
		case 2:
			fmt.Fprintf(&text, "*.pattern%d,!x %s\n", i, key)
		case 3:
			fmt.Fprintf(&text, "@revoked %s %s\n", name, key)
		case 4:
			fmt.Fprintf(&text, "%s %s\n", Hash(name), key)
		}
	}
	dir := t.TempDir()
	ours, theirs := filepath.Join(dir, "ours"), filepath.Join(dir, "theirs")
	for _, file := range []string{ours, theirs} {
		check(t, os.WriteFile(file, []byte(text.String()), 0o600))
	}
	n, err := HashAll(ours)
	check(t, err)
	if out, err := exec.Command(keygen, "-H", "-f", theirs).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if n != 24 {
		t.Errorf("%d names hidden", n)
	}
	if a, b := withoutSalt(t, ours), withoutSalt(t, theirs); !slices.Equal(a, b) {
		t.Errorf("ours\n%s\nssh-keygen's\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
	for _, name := range names {
		a, _ := exec.Command(keygen, "-F", name, "-l", "-f", ours).Output()
		b, _ := exec.Command(keygen, "-F", name, "-l", "-f", theirs).Output()
		if lastWords(a) != lastWords(b) {
			t.Errorf("%s: ssh-keygen -F finds %q and %q", name, a, b)
		}
	}
	if n, err := HashAll(ours); err != nil || n != 0 {
		t.Errorf("a second time: %d %v", n, err)
	}
}

// withoutSalt gives the lines with |1|... for each hash.
func withoutSalt(t *testing.T, file string) []string {
	content, err := os.ReadFile(file)
	check(t, err)
	lines := strings.Split(string(content), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "|1|") {
			_, rest, _ := strings.Cut(line, " ")
			lines[i] = "|1|... " + rest
		}
	}
	return lines
}

// lastWords leaves out the salted names that ssh-keygen -F -l prints.
func lastWords(out []byte) string {
	text := ""
	for _, line := range strings.Split(string(out), "\n") {
		if words := strings.Fields(line); len(words) > 2 && words[0] != "#" {
			text += strings.Join(words[1:3], " ") + "\n"
		}
	}
	return text
}

// Junk stays where ssh-keygen would give up.
func TestHashAllKeepsJunk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "known_hosts")
	key := testenv.NewKey(t, "ed25519").Public()
	check(t, os.WriteFile(file, []byte("what is this\nweb1 "+key+"\nweb2 ssh-rsa broken"), 0o640))
	n, err := HashAll(file)
	check(t, err)
	content, err := os.ReadFile(file)
	check(t, err)
	lines := strings.Split(string(content), "\n")
	if n != 1 || len(lines) != 3 || lines[0] != "what is this" || !strings.HasPrefix(lines[1], "|1|") || lines[2] != "web2 ssh-rsa broken" {
		t.Errorf("%d hidden: %q", n, content)
	}
	if removed, err := RemoveCounted(file, "web1", 22); err != nil || removed != 1 {
		t.Errorf("%d removed, %v", removed, err)
	}
	if removed, err := RemoveCounted(file, "web1", 22); err != nil || removed != 0 {
		t.Errorf("%d removed, %v", removed, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}
