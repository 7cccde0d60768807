// Package testenv is the real surroundings of tests: OpenSSH servers, users,
// faulty networks and hostile servers, all on loopback.
//
// Rules: only _test.go files import it. Everything it starts ends with the
// test that asked for it, together with the processes it started. Nothing
// listens on a fixed port, nothing waits by sleeping: readiness is read from
// the thing itself. A program that is missing skips the test, unless
// GOFAB_REQUIRE names it.
package testenv

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Require finds a program of the system and gives its path. When it is missing
// the test is skipped, or fails if the environment variable GOFAB_REQUIRE
// names it (a comma separated list). "root" asks for the superuser instead.
func Require(t testing.TB, program string) string {
	t.Helper()
	path, ok := find(program)
	if ok {
		return path
	}
	required := strings.Split(os.Getenv("GOFAB_REQUIRE"), ",")
	if slices.ContainsFunc(required, func(name string) bool { return strings.TrimSpace(name) == program }) {
		t.Fatalf("%s is required by GOFAB_REQUIRE and not there", program)
	}
	t.Skipf("no %s on this system", program)
	return ""
}

func find(program string) (path string, ok bool) {
	if program == "root" {
		return "", os.Geteuid() == 0
	}
	if path, err := exec.LookPath(program); err == nil {
		return path, true
	}
	for _, dir := range []string{"/usr/local/sbin", "/usr/sbin", "/sbin"} { // often missing in a user's PATH
		path := filepath.Join(dir, program)
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 {
			return path, true
		}
	}
	return "", false
}

// run runs a program to its end and fails the test when it fails.
func run(t testing.TB, stdin, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
}

func writeFile(t testing.TB, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// Buffer is a bytes.Buffer that several goroutines may use.
type Buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
