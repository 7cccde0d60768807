package sshconfig

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// The oracle is the installed OpenSSH: what `ssh -G` prints must be what
// Resolve gives, and what it refuses must be refused.

// oracle runs ssh, which the test needs.
type oracle struct {
	program string
	kexes   map[string]bool // that the installed ssh knows
	dir     string
	home    string // for Resolve, if it is not that of the user database
	refused atomic.Int64
}

func newOracle(t *testing.T) *oracle {
	t.Helper()
	program, err := exec.LookPath("ssh")
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv("GOFAB_REQUIRE"), ","), "ssh") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	known, err := exec.Command(program, "-Q", "kex").Output()
	if err != nil {
		t.Fatal(err)
	}
	return &oracle{program: program, kexes: wordSet(string(known)), dir: t.TempDir()}
}

// write makes a configuration file.
func (o *oracle) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ask gives the sorted lines of `ssh -G`, or what ssh complained of.
func (o *oracle) ask(path, name string, overrides [][2]string) (lines []string, complaint string) {
	args := []string{"-G"}
	if path != "" {
		args = append(args, "-F", path)
	}
	for _, pair := range overrides {
		args = append(args, "-o", pair[0]+"="+pair[1])
	}
	c := exec.Command(o.program, append(args, name)...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		return nil, err.Error() + ": " + stderr.String()
	}
	for _, line := range strings.Split(strings.TrimRight(stdout.String(), "\n"), "\n") {
		key, value, _ := strings.Cut(line, " ")
		lines = append(lines, strings.ToLower(key)+" "+value)
	}
	return lines, ""
}

// compare gives the differences between ssh and Resolve, "" if there are none.
// Without a path both read the user's and the system's files.
func (o *oracle) compare(path, name string, overrides [][2]string) string {
	want, complaint := o.ask(path, name, overrides)
	options := Options{Overrides: overrides, Home: o.home, Show: true}
	if path != "" {
		options.Files = []string{path}
	}
	settings, err := Resolve(context.Background(), name, options)
	if complaint != "" {
		o.refused.Add(1)
	}
	switch {
	case complaint != "" && err == nil:
		return "ssh refuses it, we do not: " + complaint
	case complaint == "" && err != nil:
		return "we refuse it, ssh does not: " + err.Error()
	case err != nil:
		return ""
	}
	got := o.known(settings.Lines())
	if account, err := user.LookupId(strconv.Itoa(os.Getuid())); err == nil && o.home != "" {
		for i := range got { // ssh takes HOME for Include alone
			got[i] = strings.ReplaceAll(got[i], o.home+"/", account.HomeDir+"/")
		}
	}
	var text strings.Builder
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			fmt.Fprintf(&text, "ssh:   %s\ngofab: %s\n", at(want, i), at(got, i))
			break
		}
	}
	return text.String()
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end)"
}

// known takes out what is newer than the installed ssh.
func (o *oracle) known(lines []string) []string {
	for i, line := range lines {
		list, ok := strings.CutPrefix(line, "kexalgorithms ")
		if !ok {
			continue
		}
		names := slices.DeleteFunc(strings.Split(list, ","), func(name string) bool { return !o.kexes[name] })
		lines[i] = "kexalgorithms " + strings.Join(names, ",")
	}
	return lines
}
