package transfer_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// TestTreeRoundTrip sends a tree with everything to a host and back and
// compares it, modes and times included.
func TestTreeRoundTrip(t *testing.T) {
	local, home, back := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, local, map[string]string{
		"t/a": "a", "t/empty/": "", "t/d/big": strings.Repeat("big", 100_000), "t/d/e/f/g": "deep", "t/with space é": "x", "t/none": "",
	})
	link(t, local, "t/d/up", "../a")
	link(t, local, "t/here", "d/e")
	link(t, local, "t/broken", "nosuch")
	ok(t, os.Chmod(filepath.Join(local, "t/a"), 0o701))
	ok(t, os.Chmod(filepath.Join(local, "t/d/e"), 0o550))
	ok(t, os.Chmod(filepath.Join(local, "t/none"), 0o400))
	stamp := time.Unix(1_400_000_000, 0)
	for _, name := range []string{"t/a", "t/d/e/f", "t/d/e", "t/d", "t"} {
		ok(t, os.Chtimes(filepath.Join(local, name), stamp, stamp))
	}
	t.Cleanup(func() {
		for _, dir := range []string{filepath.Join(local, "t"), home + "/t", back + "/t"} {
			_ = os.Chmod(filepath.Join(dir, "d/e"), 0o755)
		}
	})
	side := host(t, home)
	options := transfer.TreeOptions{Preserve: true, Verify: true}
	r := put(t, transfer.PutOptions{From: transfer.Local(local), To: side, Source: "t", Target: "t", TreeOptions: options})
	if r.Files != 5 || r.Changed != 5+3+5 || r.Skipped != 0 || len(r.Notes) != 0 {
		t.Errorf("%+v", r)
	}
	_, err := transfer.Get(t.Context(), transfer.GetOptions{From: side, To: transfer.Local(back), Source: "t", Target: "t", TreeOptions: options})
	ok(t, err)
	for _, dir := range []string{home, back} {
		if diff := cmp.Diff(read(t, local), read(t, dir)); diff != "" {
			t.Error(diff)
		}
		for name := range read(t, local) {
			if diff := cmp.Diff(look(t, local, name), look(t, dir, name)); diff != "" {
				t.Error(name, diff)
			}
		}
	}
	options.Update = true
	r = put(t, transfer.PutOptions{From: transfer.Local(local), To: side, Source: "t", Target: "t", TreeOptions: options})
	if r.Changed != 0 || r.Bytes != 0 || r.Files != 5 {
		t.Errorf("again: %+v", r)
	}
}

func link(tb testing.TB, dir, name, target string) {
	tb.Helper()
	ok(tb, os.Symlink(target, filepath.Join(dir, name)))
}

// look gives mode and, except of links, time.
func look(tb testing.TB, dir, name string) string {
	tb.Helper()
	info, err := os.Lstat(filepath.Join(dir, name))
	ok(tb, err)
	if info.Mode()&os.ModeSymlink != 0 {
		return "link"
	}
	when := ""
	if info.ModTime().Unix() == 1_400_000_000 {
		when = " old"
	}
	return info.Mode().String() + when
}

func TestExclude(t *testing.T) {
	files := map[string]string{
		"t/a.pyc": "", "t/a.py": "", "t/d/b.pyc": "", "t/build/x": "", "t/d/build/x": "", "t/build.txt": "",
		"t/.f.gofab-abcdefghijklmno2": "", "t/d/node/deep/y": "",
	}
	cases := map[string]struct {
		patterns []string
		want     string
	}{
		"none":           {nil, "a.py a.pyc build build.txt build/x d d/b.pyc d/build d/build/x d/node d/node/deep d/node/deep/y"},
		"name":           {[]string{"*.pyc", "node"}, "a.py build build.txt build/x d d/build d/build/x"},
		"from the top":   {[]string{"/build", "d/b*"}, "a.py a.pyc build.txt d d/node d/node/deep d/node/deep/y"},
		"folders alone":  {[]string{"build*/", "node/"}, "a.py a.pyc build.txt d d/b.pyc"},
		"any depth":      {[]string{"**/deep/**", "build", "*.py?"}, "a.py build.txt d d/node"},
		"top of nothing": {[]string{"x"}, "a.py a.pyc build build.txt d d/b.pyc d/build d/node d/node/deep d/node/deep/y"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			local, home := t.TempDir(), t.TempDir()
			write(t, local, files)
			o := transfer.PutOptions{From: transfer.Local(local), To: host(t, home), Source: "t/", Target: "."}
			o.Exclude = c.patterns
			put(t, o)
			var got []string
			for name := range read(t, home) {
				got = append(got, name)
			}
			if diff := cmp.Diff(strings.Fields(c.want), sorted(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	cases := []struct {
		at, target string
		inside     bool
	}{
		{"l", "a", true}, {"l", "./d/../a", false}, {"l", "d/a", true}, {"l", "/etc/passwd", false}, {"l", "..", false}, {"l", "../t/a", false},
		{"d/l", "..", true}, {"d/l", "../a", true}, {"d/l", "../../a", false}, {"d/l", "../d/../../a", false}, {"d/l", "./.././a", true},
		{"l", "a\x1b[31m", false}, {"d/l", "a/../..", false},
	}
	for _, c := range cases {
		local, home := t.TempDir(), t.TempDir()
		write(t, local, map[string]string{"t/a": "a", "t/d/a": "a"})
		link(t, local, "t/"+c.at, c.target)
		o := transfer.PutOptions{From: transfer.Local(local), To: host(t, home), Source: "t", Target: "t"}
		_, err := transfer.Put(t.Context(), o)
		if got := read(t, home)["t/"+c.at]; c.inside != (err == nil) || c.inside != (got == "-> "+c.target) {
			t.Errorf("%s -> %q: %q, %v", c.at, c.target, got, err)
		}
		o.Symlinks = "skip"
		if r := put(t, o); r.Skipped != 1 {
			t.Errorf("skip: %+v", r)
		}
	}
	local, home := t.TempDir(), t.TempDir()
	write(t, local, map[string]string{"t/x": "x", "out/y": "y"})
	link(t, local, "t/dir", "../out")
	link(t, local, "t/file", "x")
	o := transfer.PutOptions{From: transfer.Local(local), To: host(t, home), Source: "t", Target: "t"}
	o.Symlinks = "follow"
	put(t, o)
	want := map[string]string{"t": "/", "t/x": "x", "t/dir": "/", "t/dir/y": "y", "t/file": "x"}
	if diff := cmp.Diff(want, read(t, home)); diff != "" {
		t.Error(diff)
	}
	link(t, local, "t/loop", ".")
	_, err := transfer.Put(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "symbolic links") { // the system's own limit comes first
		t.Errorf("a loop: %v", err)
	}
}

// TestReplacedKinds: links in the way of a tree's files are replaced, never
// followed, and a folder in the way is an error.
func TestReplacedKinds(t *testing.T) {
	local, home, out := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, local, map[string]string{"t/a": "new", "t/b": "new"})
	write(t, out, map[string]string{"victim": "old"})
	write(t, home, map[string]string{"t/": ""})
	link(t, home, "t/a", filepath.Join(out, "victim"))
	link(t, home, "t/b", filepath.Join(out, "nosuch"))
	for name, side := range hosts(t, home) {
		put(t, transfer.PutOptions{From: transfer.Local(local), To: side, Source: "t", Target: "t"})
		if got := read(t, home); got["t/a"] != "new" || got["t/b"] != "new" || len(read(t, out)) != 1 || read(t, out)["victim"] != "old" {
			t.Errorf("%s: %q, outside %q", name, got, read(t, out))
		}
	}
}

func TestSpecialFiles(t *testing.T) {
	local, home := t.TempDir(), t.TempDir()
	write(t, local, map[string]string{"t/a": "a"})
	ok(t, syscall.Mkfifo(filepath.Join(local, "t/pipe"), 0o644))
	r := put(t, transfer.PutOptions{From: transfer.Local(local), To: host(t, home), Source: "t", Target: "t"})
	if r.Skipped != 1 || len(r.Notes) != 1 || r.Notes[0] != "t/pipe: left out, it is a named pipe" {
		t.Errorf("%+v", r)
	}
	for _, side := range hosts(t, local) {
		_, err := transfer.Get(t.Context(), transfer.GetOptions{From: side, To: transfer.Local(home), Source: "t/pipe", Target: "x"})
		if err == nil || err.Error() != "cannot read t/pipe: it is a named pipe, not a file" {
			t.Errorf("one pipe: %v", err)
		}
	}
	_, err := transfer.Put(t.Context(), transfer.PutOptions{From: transfer.Local(local), To: host(t, local), Source: "t/a", Target: "t/pipe"})
	wantKind(t, err, fault.Exists)
}

func TestTreeLimits(t *testing.T) {
	local, home := t.TempDir(), t.TempDir()
	write(t, home, map[string]string{"t/a": "12345", "t/b/c": "67890", "t/b/d": ""})
	o := transfer.GetOptions{From: host(t, home), To: transfer.Local(local), Source: "t", Target: "t"}
	o.MaxEntries = 3
	_, err := transfer.Get(t.Context(), o)
	if err == nil || err.Error() != "t has more than 3 entries" {
		t.Error(err)
	}
	o.MaxEntries, o.MaxBytes = 4, 9
	_, err = transfer.Get(t.Context(), o)
	if err == nil || err.Error() != "cannot copy t: the source has 10 bytes, more than the limit of 9 bytes" {
		t.Error(err)
	}
	if got := read(t, local); len(got) != 0 {
		t.Errorf("something was written: %q", got)
	}
	o.MaxBytes = 10
	_, err = transfer.Get(t.Context(), o)
	ok(t, err)
}

// TestErrorOfATree: many files fail at once, and the result says what was done.
func TestErrorOfATree(t *testing.T) {
	local, home := t.TempDir(), t.TempDir()
	for i := range 200 {
		write(t, local, map[string]string{fmt.Sprintf("t/%03d", i): "new"})
		if i >= 50 {
			write(t, home, map[string]string{fmt.Sprintf("t/%03d/", i): ""})
		}
	}
	r, err := transfer.Put(t.Context(), transfer.PutOptions{From: transfer.Local(local), To: host(t, home), Source: "t", Target: "t"})
	wantKind(t, err, fault.Exists)
	if !regexp.MustCompile(`^cannot write t/(0[5-9]|1)\d+: it is a directory$`).MatchString(fmt.Sprint(err)) {
		t.Error(err)
	}
	if carried, is := fault.From(err).Result.(transfer.Result); !is || carried.Files != r.Files || r.Files > 50 {
		t.Errorf("result %+v, with the error %+v", r, fault.From(err).Result)
	}
	noTemps(t, home)
}

// TestRandomTrees compares copies of generated trees with their source.
func TestRandomTrees(t *testing.T) {
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 1))
		files := map[string]string{"t/": ""}
		for range 1 + rng.IntN(60) {
			path := "t"
			for range 1 + rng.IntN(5) {
				path += fmt.Sprintf("/n%d", rng.IntN(4))
			}
			files[path+[]string{"/", ".f", " f"}[rng.IntN(3)]] = strings.Repeat("z", rng.IntN(70_000))
		}
		local, home, back := t.TempDir(), t.TempDir(), t.TempDir()
		write(t, local, files)
		side := host(t, home)
		put(t, transfer.PutOptions{From: transfer.Local(local), To: side, Source: "t", Target: "t"})
		_, err := transfer.Get(t.Context(), transfer.GetOptions{From: side, To: transfer.Local(back), Source: "t", Target: "t"})
		ok(t, err)
		if diff := cmp.Diff(read(t, local), read(t, back)); diff != "" {
			t.Errorf("seed %d: %s", seed, diff)
		}
	}
}
