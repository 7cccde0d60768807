package knownhosts

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"gofab/internal/testenv"
)

// Generated files are asked by ssh-keygen and by us; the answers must be the
// same.

func newRandom(t *testing.T) *rand.Rand {
	return rand.New(rand.NewPCG(testenv.Seed(t), 0))
}

type hostPort struct {
	host string
	port int
}

// queries are the hosts that are asked for.
var queries = []hostPort{
	{"web1", 22}, {"web10", 22}, {"web", 22}, {"web1", 2222}, {"db.example.com", 22}, {"db.example.com", 2222},
	{"10.0.0.1", 22}, {"10.0.0.1", 22022}, {"::1", 22}, {"fe80::1", 2222}, {"a,b", 22}, {"example.com", 22},
}

// generator makes files out of a few names, so that many lines fit.
type generator struct {
	*rand.Rand
	keys []ssh.PublicKey
}

func newGenerator(t *testing.T) *generator {
	g := &generator{Rand: newRandom(t)}
	for _, kind := range kinds {
		g.keys = append(g.keys, newKeys(t, kind)...)
	}
	return g
}

func pick[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

// name is one name or pattern of a line.
func (g *generator) name() string {
	q := pick(g, queries...)
	name := Name(q.host, q.port)
	switch g.IntN(8) {
	case 0:
		return strings.ToUpper(name)
	case 1:
		return pick(g, "*", "web*", "web?", "*.example.com", "*1", "??b*", "[web1]:*", "[*]:2222", "10.0.*.1", "web**", "*e*m*")
	case 2:
		return "!" + pick(g, name, "web*", "*.com", "WEB1", "[web1]:2222")
	case 3:
		return pick(g, "other", "[web1]:22", "[::1]:22", "", "web1.", "!", "?")
	default:
		return name
	}
}

// line is one line of a file, mostly a good one. hostile adds lines that make
// no sense.
func (g *generator) line(hostile bool) string {
	names := make([]string, 1+g.IntN(3))
	for i := range names {
		if names[i] = g.name(); names[i] == "" && !hostile {
			names[i] = "other" // ssh-keygen -H loses what follows an empty name
		}
	}
	hosts := strings.Join(names, ",")
	if g.IntN(4) == 0 {
		q := pick(g, queries...)
		hosts = Hash(Name(q.host, q.port))
	}
	if hosts == "" || strings.HasPrefix(hosts, "|") && strings.Contains(hosts, ",") {
		hosts = "other"
	}
	key := strings.SplitN(keyLine("x", pick(g, g.keys...)), " ", 2)[1]
	blank := func() string { return pick(g, " ", " ", " ", "\t", "  ", " \t ") }
	line := pick(g, "", "", "", "", "@cert-authority ", "@revoked ", "@revoked \t")
	line = pick(g, "", "", "", " ", "\t") + line + hosts + blank() + strings.Replace(key, " ", blank(), 1) + pick(g, "", "", " comment", "\ttwo words ", " # 1", "\r")
	switch n := g.IntN(12); {
	case n == 0:
		return pick(g, "", "# comment", "  # "+line, " \t", "#"+line)
	case n < 3 && hostile:
		return g.spoil(hosts, key)
	}
	return line
}

// spoil is a line that OpenSSH does not take.
func (g *generator) spoil(hosts, key string) string {
	kind, blob, _ := strings.Cut(key, " ")
	return pick(g,
		"@nothing "+hosts+" "+key, "@revoked"+hosts+" "+key, hosts+" "+kind+" ", hosts+" ssh-nothing "+blob,
		hosts+" "+kind+" "+blob[:len(blob)/2/4*4], hosts+" "+kind+" ????", hosts+" ssh-dss "+blob,
		"|1|AAAA|BBBB "+key, "|2|"+hosts+" "+key, hosts+" 1024 35 123456789", hosts+" "+kind+" # "+blob, "@ "+hosts+" "+key,
	)
}

func (g *generator) file(hostile bool) string {
	lines := make([]string, 1+g.IntN(25))
	for i := range lines {
		lines[i] = g.line(hostile)
	}
	return strings.Join(lines, "\n") + pick(g, "\n", "\n", "")
}

// keygen runs ssh-keygen, which ends with 1 when it finds nothing.
func keygen(t *testing.T, args ...string) string {
	t.Helper()
	var stderr strings.Builder
	cmd := exec.Command("ssh-keygen", args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() != 1 && cmd.ProcessState.ExitCode() != 255 {
		t.Fatalf("ssh-keygen %q: %v\n%s", args, err, stderr.String())
	}
	return string(out)
}

// found is which lines ssh-keygen -F finds, with their markers.
func found(t *testing.T, file, name string) []string {
	var lines []string
	for line := range strings.Lines(keygen(t, "-l", "-F", name, "-f", file)) {
		if _, rest, ok := strings.Cut(line, " found: line "); ok && strings.HasPrefix(line, "# Host ") {
			lines = append(lines, strings.TrimSpace(rest))
		}
	}
	return lines
}

// ours is the same by Lookup.
func ours(t *testing.T, file string, q hostPort) []string {
	db, err := Load(file)
	check(t, err)
	var lines []string
	for _, e := range db.Lookup(q.host, q.port) {
		marker := map[string]string{authority: " CA", revoked: " REVOKED"}[e.Marker]
		lines = append(lines, fmt.Sprintf("%d%s", e.Line, marker))
	}
	return lines
}

func rounds(many int) int {
	if testing.Short() {
		return many / 10
	}
	return many
}

func TestLookupIsThatOfSSHKeygen(t *testing.T) {
	testenv.Require(t, "ssh-keygen")
	g := newGenerator(t)
	file := filepath.Join(t.TempDir(), "known_hosts")
	hits := 0
	for range rounds(30) {
		text := g.file(true)
		check(t, os.WriteFile(file, []byte(text), 0o600))
		for _, q := range queries {
			want, got := found(t, file, Name(q.host, q.port)), ours(t, file, q)
			hits += len(want)
			if !slices.Equal(want, got) {
				t.Fatalf("%s: ssh-keygen finds %q, we find %q in\n%s", Name(q.host, q.port), want, got, text)
			}
		}
	}
	t.Logf("%d lines found", hits)
}

func TestRemoveIsThatOfSSHKeygen(t *testing.T) {
	testenv.Require(t, "ssh-keygen")
	g := newGenerator(t)
	dir := t.TempDir()
	theirs, own := filepath.Join(dir, "theirs"), filepath.Join(dir, "own")
	for range rounds(120) {
		text := g.file(false)
		q := pick(g, queries...)
		check(t, os.WriteFile(theirs, []byte(text), 0o640))
		check(t, os.WriteFile(own, []byte(text), 0o640))
		keygen(t, "-q", "-R", Name(q.host, q.port), "-f", theirs)
		check(t, Remove(own, q.host, q.port))
		want, err := os.ReadFile(theirs)
		check(t, err)
		got, err := os.ReadFile(own)
		check(t, err)
		// ssh-keygen ends the last line when it writes the file anew.
		if strings.TrimSuffix(string(want), "\n") != strings.TrimSuffix(string(got), "\n") {
			t.Fatalf("-R %s of\n%s\nssh-keygen leaves\n%s\nwe leave\n%s", Name(q.host, q.port), text, want, got)
		}
		info, err := os.Stat(own)
		check(t, err)
		if info.Mode().Perm() != 0o640 {
			t.Fatalf("mode %v", info.Mode())
		}
	}
}

func TestHashedFilesOfSSHKeygen(t *testing.T) {
	testenv.Require(t, "ssh-keygen")
	g := newGenerator(t)
	file := filepath.Join(t.TempDir(), "known_hosts")
	for range rounds(60) {
		text := g.file(false)
		check(t, os.WriteFile(file, []byte(text), 0o600))
		before, err := Load(file)
		check(t, err)
		keygen(t, "-q", "-H", "-f", file)
		after, err := Load(file)
		check(t, err)
		for _, q := range queries {
			want, got := keysOf(before.Lookup(q.host, q.port)), keysOf(after.Lookup(q.host, q.port))
			if !slices.Equal(want, got) {
				t.Fatalf("%s: %q before ssh-keygen -H, %q after, in\n%s", Name(q.host, q.port), want, got, text)
			}
		}
	}
}

func keysOf(entries []Entry) []string {
	var keys []string
	for _, e := range entries {
		keys = append(keys, e.Marker+" "+describe(e.Key))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// TestAddedLinesAreFoundBySSHKeygen: what Add writes, ssh finds.
func TestAddedLinesAreFoundBySSHKeygen(t *testing.T) {
	testenv.Require(t, "ssh-keygen")
	g := newGenerator(t)
	dir := t.TempDir()
	for i := range rounds(50) {
		file := filepath.Join(dir, fmt.Sprint(i))
		check(t, os.WriteFile(file, []byte(g.file(true)), 0o600))
		q := pick(g, queries...)
		if q.host == "a,b" {
			continue
		}
		before := len(found(t, file, Name(q.host, q.port)))
		key := pick(g, g.keys...)
		check(t, Add(file, strings.ToUpper(q.host), q.port, key, i%2 == 0))
		after := keygen(t, "-l", "-F", Name(q.host, q.port), "-f", file)
		if strings.Count(after, " found: line ") != before+1 || !strings.Contains(after, ssh.FingerprintSHA256(key)) {
			t.Fatalf("%s not found:\n%s", Name(q.host, q.port), after)
		}
	}
}
