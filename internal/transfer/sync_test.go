package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/fault"
	"gofab/internal/testenv"
	"gofab/internal/transfer"
)

// snapshot describes everything below dir: type, mode, time, content.
func snapshot(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	found := map[string]string{}
	ok(tb, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		info, err := d.Info()
		ok(tb, err)
		what := fmt.Sprintf("%v %d", info.Mode(), info.ModTime().Unix())
		switch {
		case d.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			ok(tb, err)
			what = "-> " + target // SFTP cannot set the time of a link
		case d.Type().IsRegular():
			content, err := os.ReadFile(path)
			ok(tb, err)
			what += " " + string(content)
		}
		found[rel] = what
		return nil
	}))
	return found
}

var oddNames = []string{
	"a", "b", "c", "with space", "-rf", "*", "$HOME", "é", "日本", "quote'\"", "back\\slash", ".hidden", "~", "a.b.c", strings.Repeat("n", 180), "%41", "#x", "semi;colon",
}

// grow fills dir with a random tree; the same names come again with other
// types, contents and modes.
func grow(tb testing.TB, rng *rand.Rand, dir string, depth int) {
	tb.Helper()
	for range rng.IntN(6) {
		at := filepath.Join(dir, oddNames[rng.IntN(len(oddNames))])
		if _, err := os.Lstat(at); err == nil {
			continue
		}
		switch kind := rng.IntN(10); {
		case kind < 4 && depth > 0:
			ok(tb, os.Mkdir(at, 0o755))
			grow(tb, rng, at, depth-1)
			ok(tb, os.Chmod(at, []fs.FileMode{0o755, 0o700, 0o711, 0o775}[rng.IntN(4)]))
		case kind < 6:
			ok(tb, os.Symlink(oddNames[rng.IntN(len(oddNames))], at))
			continue
		default:
			ok(tb, os.WriteFile(at, []byte(strings.Repeat("x", rng.IntN(3))+fmt.Sprint(rng.IntN(3))), 0o644))
			ok(tb, os.Chmod(at, []fs.FileMode{0o644, 0o600, 0o755, 0o400}[rng.IntN(4)]))
		}
		stamp := time.Unix(1_600_000_000+rng.Int64N(3), 0)
		ok(tb, os.Chtimes(at, stamp, stamp))
	}
}

// TestSyncAsRsync compares with rsync over generated trees: the resulting
// trees are equal, with and without deletion, and a second run does nothing.
func TestSyncAsRsync(t *testing.T) {
	testenv.Require(t, "rsync")
	runs := 60
	if testing.Short() {
		runs = 15
	}
	home := t.TempDir()
	side := host(t, home)
	for seed := range uint64(runs) {
		rng := rand.New(rand.NewPCG(seed, 31))
		base := t.TempDir()
		source, theirs, ours := filepath.Join(base, "source"), filepath.Join(base, "theirs"), filepath.Join(home, fmt.Sprint(seed))
		ok(t, os.Mkdir(source, 0o750))
		grow(t, rng, source, 3)
		ok(t, os.Mkdir(theirs, 0o755))
		grow(t, rng, theirs, 3)
		ok(t, exec.Command("cp", "-a", theirs, ours).Run())
		remove := rng.IntN(4) > 0
		args := []string{"-rlpt", source + "/", theirs}
		if remove {
			args = append(args, "--delete")
		}
		out, rsyncErr := exec.Command("rsync", args...).CombinedOutput()
		o := transfer.SyncOptions{From: transfer.Local(base), To: side, Source: "source", Target: fmt.Sprint(seed), Delete: remove}
		_, err := transfer.Sync(t.Context(), o)
		if (err != nil) != (rsyncErr != nil) {
			t.Fatalf("seed %d: %v, rsync %v %s", seed, err, rsyncErr, out)
		}
		if err != nil {
			continue
		}
		if diff := cmp.Diff(snapshot(t, theirs), snapshot(t, ours)); diff != "" {
			t.Fatalf("seed %d, delete %v: rsync - gofab +\n%s", seed, remove, diff)
		}
		again, err := transfer.Sync(t.Context(), o)
		ok(t, err)
		if again.Copied+again.Deleted+len(again.Entries) != 0 {
			t.Fatalf("seed %d: the second run did something: %+v", seed, again)
		}
	}
}

// TestSyncDown makes a local folder equal to one of a host.
func TestSyncDown(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 32))
		home, local := t.TempDir(), t.TempDir()
		ok(t, os.Mkdir(filepath.Join(home, "s"), 0o755))
		grow(t, rng, filepath.Join(home, "s"), 3)
		grow(t, rng, local, 3)
		o := transfer.SyncOptions{From: host(t, home), To: transfer.Local(t.TempDir()), Source: "s", Target: local, Delete: true, Checksum: true}
		_, err := transfer.Sync(t.Context(), o)
		ok(t, err)
		if diff := cmp.Diff(snapshot(t, filepath.Join(home, "s")), snapshot(t, local)); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}

func TestSyncDry(t *testing.T) {
	local, home := t.TempDir(), t.TempDir()
	write(t, local, map[string]string{"s/new": "12345", "s/same": "x", "s/changed": "longer", "s/d/e": "1"})
	write(t, home, map[string]string{"t/same": "x", "t/changed": "short", "t/old/deep": "1"})
	stamp := time.Unix(1_600_000_000, 0)
	ok(t, os.Chtimes(filepath.Join(local, "s/same"), stamp, stamp))
	ok(t, os.Chtimes(filepath.Join(home, "t/same"), stamp, stamp))
	before := snapshot(t, home)
	o := transfer.SyncOptions{From: transfer.Local(local), To: host(t, home), Source: "s", Target: "t", Delete: true, Dry: true}
	r, err := transfer.Sync(t.Context(), o)
	ok(t, err)
	if diff := cmp.Diff(before, snapshot(t, home)); diff != "" {
		t.Errorf("dry changed the target: %s", diff)
	}
	var list []string
	for _, e := range r.Entries {
		if e.Action != "mode" {
			list = append(list, fmt.Sprint(e.Action, " ", e.Path, " ", e.Bytes))
		}
	}
	want := []string{"update changed 6", "mkdir d 0", "create d/e 1", "create new 5", "delete old 0", "delete old/deep 0"}
	if !slices.Equal(list, want) || r.Copied != 4 || r.Deleted != 2 || r.Bytes != 12 || r.Unchanged < 1 {
		t.Errorf("%q\n%+v", list, r)
	}
	o.Dry = false
	real, err := transfer.Sync(t.Context(), o)
	ok(t, err)
	if real.Copied != r.Copied || real.Deleted != r.Deleted || real.Bytes != r.Bytes {
		t.Errorf("dry said %+v, it was %+v", r, real)
	}
}

// TestSyncDanger: what is too dear to be made equal to anything.
func TestSyncDanger(t *testing.T) {
	local, home := t.TempDir(), t.TempDir()
	write(t, local, map[string]string{"s/x": "1"})
	write(t, home, map[string]string{"keep": "me"})
	ok(t, os.Symlink(home, filepath.Join(home, "link")))
	ok(t, os.Symlink("/", filepath.Join(home, "root")))
	side := host(t, home)
	targets := []string{"/", "//", "/.", "", "~", "~/", ".", "./", home, home + "/", filepath.Dir(home), home + "/x/..", "link", "root", "..", "/../"}
	for _, target := range targets {
		for _, dry := range []bool{true, false} {
			_, err := transfer.Sync(t.Context(), transfer.SyncOptions{
				From: transfer.Local(local), To: side, Source: "s/", Target: target, Delete: true, Dry: dry,
			})
			if fault.KindOf(err) != fault.Usage {
				t.Errorf("%q: %v", target, err)
			}
		}
	}
	if got := read(t, home); got["keep"] != "me" || len(got) != 3 {
		t.Errorf("%q", got)
	}
}

// TestSyncStaysInside: links of the target are replaced or deleted, never gone
// through.
func TestSyncStaysInside(t *testing.T) {
	local, home := t.TempDir(), t.TempDir()
	write(t, local, map[string]string{"s/d/new": "1", "s/f": "2"})
	write(t, home, map[string]string{"outside/old": "1", "outside/f": "3", "t/": ""})
	ok(t, os.Symlink("../outside", filepath.Join(home, "t/d")))
	ok(t, os.Symlink("../outside", filepath.Join(home, "t/gone")))
	ok(t, os.Symlink("../outside/f", filepath.Join(home, "t/f")))
	_, err := transfer.Sync(t.Context(), transfer.SyncOptions{
		From: transfer.Local(local), To: host(t, home), Source: "s", Target: "t", Delete: true,
	})
	ok(t, err)
	want := map[string]string{
		"outside": "/", "outside/old": "1", "outside/f": "3", "t": "/", "t/d": "/", "t/d/new": "1", "t/f": "2",
	}
	if diff := cmp.Diff(want, read(t, home)); diff != "" {
		t.Error(diff)
	}
}

// TestSyncExclude: what is excluded is neither copied nor deleted.
func TestSyncExclude(t *testing.T) {
	local, home := t.TempDir(), t.TempDir()
	write(t, local, map[string]string{"s/a.go": "1", "s/a.tmp": "2", "s/build/x": "3"})
	write(t, home, map[string]string{"t/old.go": "1", "t/log/x.tmp": "2", "t/build/y": "3", "t/log/x": "4"})
	_, err := transfer.Sync(t.Context(), transfer.SyncOptions{
		From: transfer.Local(local), To: host(t, home), Source: "s", Target: "t", Delete: true, Exclude: []string{"*.tmp", "build/"},
	})
	ok(t, err)
	want := map[string]string{"t": "/", "t/a.go": "1", "t/log": "/", "t/log/x.tmp": "2", "t/build": "/", "t/build/y": "3"}
	if diff := cmp.Diff(want, read(t, home)); diff != "" {
		t.Error(diff)
	}
}

// TestSyncChecksum finds what size and time hide, with and without sums from
// the other side, also when those are wrong.
func TestSyncChecksum(t *testing.T) {
	stamp := time.Unix(1_600_000_000, 0)
	for name, sums := range map[string]transfer.Comparer{"read back": nil, "failing": failingSums, "wrong": wrongSums} {
		local, home := t.TempDir(), t.TempDir()
		write(t, local, map[string]string{"s/same": "abc", "s/other": "new"})
		write(t, home, map[string]string{"t/same": "abc", "t/other": "old"})
		for _, f := range []string{local + "/s/same", local + "/s/other", home + "/t/same", home + "/t/other"} {
			ok(t, os.Chtimes(f, stamp, stamp))
		}
		o := transfer.SyncOptions{From: transfer.Local(local), To: host(t, home), Source: "s", Target: "t"}
		r, err := transfer.Sync(t.Context(), o)
		ok(t, err)
		if r.Copied != 0 {
			t.Errorf("%s: copied %d without checksum", name, r.Copied)
		}
		o.Checksum, o.Compare = true, sums
		r, err = transfer.Sync(t.Context(), o)
		ok(t, err)
		if got := read(t, home); got["t/other"] != "new" || name != "wrong" && r.Copied != 1 {
			t.Errorf("%s: %q %+v", name, got, r)
		}
	}
}

func failingSums(context.Context, string, []string) (map[string]string, error) {
	return nil, errors.New("no such program")
}

func wrongSums(_ context.Context, _ string, files []string) (map[string]string, error) {
	sums := map[string]string{}
	for _, f := range files {
		sums[f] = strings.Repeat("0", 64)
	}
	return sums, nil
}
