package transfer_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pkg/sftp"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// zeros is content without an end.
type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) { clear(p); return len(p), nil }

var badNames = []string{
	"../x", "../../x", "..", ".", "", "/", "/etc/passwd", "a/../../x", "x\x00y", "x\x1b[2Jy", "x\ny", "x\ry", "x\u0085y", "x\u009by",
	strings.Repeat("n", 300), "good", "d", "e", "l", "m", `a\..\..\x`, "C:x",
}

var badLinks = []string{
	"..", "../..", "../outside/victim", "/", "/etc", "good", "d", "d/..", "e/../..", "l/..", "m/../..", "./../x", "", "../d", "../../d/e", "x\x1b",
}

// TestHostileTrees takes generated trees with names and links that want out.
// Nothing outside of the target changes, and no link leads there.
func TestHostileTrees(t *testing.T) {
	runs := uint64(250)
	if testing.Short() {
		runs = 40
	}
	var came, refused int
	for seed := range runs {
		base := t.TempDir()
		write(t, base, map[string]string{"outside/victim": "old", "in/": ""})
		rng := &locked{rng: rand.New(rand.NewPCG(seed, 6))}
		l := &liar{
			list: rng.list,
			link: func(string) string { return badLinks[rng.intN(len(badLinks))] },
			open: func(string) io.ReaderAt { return strings.NewReader(strings.Repeat("evil", 10)) },
			stat: func(name string) os.FileInfo {
				if strings.Count(name, "/") <= 1 {
					return fake{path.Base(name), 0, fs.ModeDir | 0o755}
				}
				return fake{path.Base(name), 40, 0o644}
			},
		}
		o := transfer.GetOptions{From: l.start(t), To: transfer.Local(filepath.Join(base, "in")), Source: "tree", Target: "out"}
		o.MaxEntries = 200
		o.Symlinks = []string{"keep", "keep", "skip", "follow"}[rng.intN(4)]
		o.Exclude = []string{"n*", "?"}[:rng.intN(3)]
		_, err := transfer.Get(t.Context(), o)
		if seed%3 == 0 {
			_, err = transfer.Sync(t.Context(), transfer.SyncOptions{
				From: o.From, To: o.To, Source: o.Source, Target: o.Target, Delete: true, Symlinks: o.Symlinks, MaxEntries: 200,
			})
		}
		if err != nil {
			refused++
		} else {
			came++
		}
		inside(t, seed, base)
	}
	if came < 5 || refused < 5 {
		t.Errorf("%d came, %d refused: nothing was tried", came, refused)
	}
}

type locked struct {
	mu  sync.Mutex
	rng *rand.Rand
}

func (l *locked) intN(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rng.IntN(n)
}

func (l *locked) list(dir string) []os.FileInfo {
	var found []os.FileInfo
	for range l.intN(4) {
		f := fake{badNames[12+l.intN(len(badNames)-12)], 40, 0o644}
		if l.intN(6) == 0 {
			f.name = badNames[l.intN(len(badNames))]
		}
		switch l.intN(5) {
		case 0, 1:
			f.mode = fs.ModeDir | 0o755
		case 2:
			f.mode = fs.ModeSymlink | 0o777
		}
		found = append(found, f)
	}
	return found
}

// inside fails when something outside of in/out changed or a link leads there.
func inside(t *testing.T, seed uint64, base string) {
	t.Helper()
	top := filepath.Join(base, "in", "out")
	for name, content := range read(t, base) {
		switch {
		case name == "in" || name == "outside" || strings.HasPrefix(name, "in/out"):
		case name == "outside/victim" && content == "old":
		default:
			t.Errorf("seed %d: %q outside: %q", seed, name, content)
		}
		if !strings.HasPrefix(content, "-> ") {
			continue
		}
		real, err := filepath.EvalSymlinks(filepath.Join(base, name))
		if err == nil && real != top && !strings.HasPrefix(real, top+"/") {
			t.Errorf("seed %d: %s %s leads to %s", seed, name, content, real)
		}
	}
}

// TestEndlessTree: limits end it.
func TestEndlessTree(t *testing.T) {
	for name, c := range map[string]struct {
		wide int
		want string
	}{"deep": {1, "deeper than 64 folders"}, "wide": {50, "more than 1000 entries"}, "very wide": {5000, "more than 1000 entries"}} {
		t.Run(name, func(t *testing.T) {
			l := &liar{
				stat: func(name string) os.FileInfo { return fake{path.Base(name), 0, fs.ModeDir | 0o755} },
				list: func(string) (list []os.FileInfo) {
					for i := range c.wide {
						list = append(list, fake{fmt.Sprint(i), 0, fs.ModeDir | 0o755})
					}
					return list
				},
			}
			local := t.TempDir()
			o := transfer.GetOptions{From: l.start(t), To: transfer.Local(local), Source: "tree", Target: "out"}
			o.MaxEntries = 1000
			_, err := transfer.Get(t.Context(), o)
			if err == nil || !strings.Contains(err.Error(), c.want) || len(read(t, local)) != 0 {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestLyingSizes: the server claims one size and sends another.
func TestLyingSizes(t *testing.T) {
	for _, c := range []struct {
		name    string
		claimed int64
		content io.ReaderAt
		kind    fault.Kind
	}{
		{"shorter", 1 << 20, strings.NewReader("short"), fault.Failed},
		{"much larger than the disk", 1 << 60, zeros{}, fault.Failed},
		{"without a size, without an end", 0, zeros{}, fault.Failed},
		{"negative", -1, zeros{}, fault.Protocol},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &liar{
				stat: func(name string) os.FileInfo { return fake{path.Base(name), c.claimed, 0o644} },
				open: func(string) io.ReaderAt { return c.content },
			}
			local := t.TempDir()
			write(t, local, map[string]string{"f": "old"})
			o := transfer.GetOptions{From: l.start(t), To: transfer.Local(local), Source: "x", Target: "f", MaxBytes: 10 << 20}
			_, err := transfer.Get(t.Context(), o)
			wantKind(t, err, c.kind)
			if got := read(t, local); len(got) != 1 || got["f"] != "old" {
				t.Errorf("%d files", len(got))
			}
			_, err = transfer.Read(t.Context(), o.From, "x", 1<<20)
			wantKind(t, err, c.kind)
		})
	}
}

// filling is a disk that is full after some bytes.
type filling struct {
	mu   sync.Mutex
	left int
}

func (f *filling) WriteAt(p []byte, _ int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left -= len(p); f.left < 0 {
		return 0, errors.New("failure")
	}
	return len(p), nil
}

// TestFailureIsLookedInto: the server says no more than "failure" half-way.
func TestFailureIsLookedInto(t *testing.T) {
	l := &liar{
		stat:  func(name string) os.FileInfo { return fake{path.Base(name), 1 << 20, 0o644} },
		write: func(string) (io.WriterAt, error) { return &filling{left: 1 << 20}, nil },
	}
	text := string(make([]byte, 4<<20))
	_, err := transfer.Put(t.Context(), transfer.PutOptions{From: transfer.Local("/"), To: l.start(t), Content: &text, Target: "/srv/x"})
	if err == nil || err.Error() != "cannot write /srv/x: no space left on the device (0 bytes of 64 MB free)" {
		t.Error(err)
	}
	wantKind(t, err, fault.NoSpace)
}

// TestServerThatKeepsNothing says ok to every write and has another size.
func TestServerThatKeepsNothing(t *testing.T) {
	l := &liar{
		stat:  func(name string) os.FileInfo { return fake{path.Base(name), 3, 0o600} },
		write: func(string) (io.WriterAt, error) { return &filling{left: 1 << 30}, nil },
	}
	text := "four"
	_, err := transfer.Put(t.Context(), transfer.PutOptions{From: transfer.Local("/"), To: l.start(t), Content: &text, Target: "/srv/x"})
	if err == nil || err.Error() != "cannot write /srv/x: 4 bytes were written, but the file has 3" {
		t.Error(err)
	}
}

// spoiling keeps something else than it was given.
type spoiling struct{}

func (spoiling) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }

// TestVerify reads back what was written.
func TestVerify(t *testing.T) {
	text, removed := "right", false
	l := &liar{
		stat:  func(name string) os.FileInfo { return fake{path.Base(name), 5, 0o600} },
		write: func(string) (io.WriterAt, error) { return spoiling{}, nil },
		open:  func(string) io.ReaderAt { return strings.NewReader("wrong") },
		command: func(r *sftp.Request) {
			removed = removed || r.Method == "Remove" && strings.HasPrefix(r.Filepath, "/srv/.x.gofab-")
			if r.Method == "PosixRename" {
				t.Error("it was put in place")
			}
		},
	}
	o := transfer.PutOptions{From: transfer.Local("/"), To: l.start(t), Content: &text, Target: "/srv/x"}
	o.Verify = true
	_, err := transfer.Put(t.Context(), o)
	if err == nil || err.Error() != "cannot write /srv/x: the file that was written differs from its source" || !removed {
		t.Errorf("%v, removed %v", err, removed)
	}
}
