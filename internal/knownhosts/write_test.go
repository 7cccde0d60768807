package knownhosts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

func TestAddMakesFolderAndFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".ssh", "known_hosts")
	key := newKey(t, ssh.KeyAlgoED25519)
	check(t, Add(file, "web1", 22, key, false))
	check(t, Add(file, "FE80::1", 2222, key, false))
	check(t, Add(file, "web2", 2222, key, true))
	for path, want := range map[string]os.FileMode{file: 0o600, filepath.Dir(file): 0o700} {
		info, err := os.Stat(path)
		check(t, err)
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
	}
	content, err := os.ReadFile(file)
	check(t, err)
	lines := strings.Split(string(content), "\n")
	if lines[0] != keyLine("web1", key) || lines[1] != keyLine("[fe80::1]:2222", key) || !strings.HasPrefix(lines[2], "|1|") || len(lines) != 4 {
		t.Errorf("%s", content)
	}
	db, err := Load(file)
	check(t, err)
	check(t, db.Check("web2", 2222, key))
}

// TestAddRefuses names that would be more than one host on a line.
func TestAddRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "known_hosts")
	key := newKey(t, ssh.KeyAlgoED25519)
	for _, host := range []string{"", "*", "web?", "!web", "a,b", "a b", "a\tb", "a\nb", "|1|x", "#a", "@revoked", "[a]", "a:b", "a\x00b"} {
		for _, hashed := range []bool{false, true} {
			if err := Add(file, host, 22, key, hashed); fault.KindOf(err) != fault.Usage {
				t.Errorf("%q: %v", host, err)
			}
		}
	}
	if err := Add(file, "web1", 70000, key, false); fault.KindOf(err) != fault.Usage {
		t.Errorf("port: %v", err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file was made")
	}
}

func TestWriteErrors(t *testing.T) {
	dir := t.TempDir()
	key := newKey(t, ssh.KeyAlgoED25519)
	if err := Add(dir, "web1", 22, key, false); err == nil {
		t.Error("added to a folder")
	}
	file := filepath.Join(dir, "file")
	check(t, os.WriteFile(file, nil, 0o600))
	if err := Add(filepath.Join(file, "known_hosts"), "web1", 22, key, false); err == nil {
		t.Error("added below a file")
	}
	check(t, Remove(filepath.Join(dir, "missing"), "web1", 22))
	if err := Remove(dir, "web1", 22); err == nil {
		t.Error("removed from a folder")
	}
}

// TestRemoveThroughLink: the file behind a symbolic link changes, the link stays.
func TestRemoveThroughLink(t *testing.T) {
	key := newKey(t, ssh.KeyAlgoED25519)
	file := write(t, keyLine("web1", key)+"\n"+keyLine("web2", key))
	link := filepath.Join(t.TempDir(), "link")
	check(t, os.Symlink(file, link))
	check(t, Remove(link, "web1", 22))
	check(t, Add(link, "web3", 22, key, false))
	content, err := os.ReadFile(file)
	check(t, err)
	if string(content) != keyLine("web2", key)+"\n"+keyLine("web3", key)+"\n" {
		t.Errorf("%s", content)
	}
}

const (
	adders       = 50
	linesOfAdder = 10
)

// TestConcurrentAdders: goroutines and other processes add lines while another
// host is removed again and again; no line is lost or torn.
func TestConcurrentAdders(t *testing.T) {
	key := newKey(t, ssh.KeyAlgoED25519)
	file := write(t, keyLine("first", key)) // without the end of the line
	var group sync.WaitGroup
	for i := range adders {
		group.Go(func() {
			if i%10 == 0 {
				addFromProcess(t, file, i)
				return
			}
			addLines(t, file, i, key)
		})
	}
	for range 4 {
		group.Go(func() {
			for range 10 {
				if err := Add(file, "gone", 22, key, true); err != nil {
					t.Error(err)
				}
				if err := Remove(file, "gone", 22); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	db, err := Load(file)
	check(t, err)
	if want := 1 + adders*linesOfAdder; len(db.entries) != want || len(db.Warnings()) > 0 {
		t.Errorf("%d lines, want %d; %v", len(db.entries), want, db.Warnings())
	}
	for i := range adders {
		for j := range linesOfAdder {
			if len(db.Lookup(fmt.Sprintf("web%d-%d", i, j), 22)) != 1 {
				t.Errorf("line %d of %d is lost", j, i)
			}
		}
	}
	if len(db.Lookup("gone", 22)) != 0 {
		t.Error("what was removed is there")
	}
}

func addLines(t *testing.T, file string, adder int, key ssh.PublicKey) {
	for j := range linesOfAdder {
		if err := Add(file, fmt.Sprintf("web%d-%d", adder, j), 22, key, j%2 == 0); err != nil {
			t.Error(err)
		}
	}
}

const adderVariable = "GOFAB_TEST_ADDER"

// addFromProcess runs TestAdderProcess of this binary in a process of its own.
func addFromProcess(t *testing.T, file string, adder int) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestAdderProcess$", "-test.v")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s", adderVariable, adder, file))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestAdderProcess(t *testing.T) {
	order := os.Getenv(adderVariable)
	if order == "" {
		return // only of use to TestConcurrentAdders
	}
	number, file, _ := strings.Cut(order, " ")
	var adder int
	_, err := fmt.Sscan(number, &adder)
	check(t, err)
	addLines(t, file, adder, newKey(t, ssh.KeyAlgoED25519))
}
