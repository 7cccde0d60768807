package filecmp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// planter makes two trees that have much in common.
type planter struct {
	t           *testing.T
	r           *rand.Rand
	left, right string
	odd         bool // also pipes, links, modes
}

func (p *planter) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

var treeNames = []string{"a", "b", "c d", "it's", `q"q`, "ünï", "new\nline", "tab\t", `back\slash`, "-dash", "*", "日本", "bad\xff", ".hidden", "tags", "z", "CVS"}

func (p *planter) plant(left, right string, depth int) {
	p.must(errors.Join(os.MkdirAll(left, 0o755), os.MkdirAll(right, 0o755)))
	names := slices.Clone(treeNames)
	p.r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names[:p.r.IntN(9)] {
		a, b := filepath.Join(left, name), filepath.Join(right, name)
		switch p.r.IntN(10) {
		case 0:
			p.file(a, "left", 1)
		case 1:
			p.file(b, "right", 2)
		case 2:
			p.file(a, "one", 1)
			p.file(b, "two", 2)
		case 3:
			p.file(a, "short", 1)
			p.file(b, "longer", 2)
		case 4, 5:
			if depth > 0 {
				p.plant(a, b, depth-1)
			}
		case 6:
			p.file(a, "x", 1)
			p.must(os.Mkdir(b, 0o755))
		case 7:
			if p.odd {
				p.must(errors.Join(os.Symlink("nowhere", a), os.Symlink([]string{"nowhere", "other"}[p.r.IntN(2)], b)))
			}
		case 8:
			p.must(os.Mkdir(a, 0o755))
			p.file(filepath.Join(a, "inside"), "x", 1)
		default:
			p.file(a, "same", 3)
			p.file(b, "same", 3)
		}
	}
}

// file writes a file with a time of its own, as shallow comparisons look at it.
func (p *planter) file(path, content string, hour int) {
	p.must(os.WriteFile(path, []byte(content), 0o644))
	at := time.Unix(1e9, 0).Add(time.Duration(hour) * time.Hour)
	p.must(os.Chtimes(path, at, at))
}

func trees(t *testing.T, r *rand.Rand, odd bool) (left, right string) {
	t.Helper()
	top := t.TempDir()
	p := &planter{t: t, r: r, left: filepath.Join(top, "l"), right: filepath.Join(top, "r"), odd: odd}
	p.plant(p.left, p.right, 3)
	return p.left, p.right
}

func compare(t testing.TB, left, right Side, o Options) *Result {
	t.Helper()
	r, err := Compare(context.Background(), left, right, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The reports are those of Python's dircmp, byte for byte, and so are the
// answers on content.
func TestReportsAsPython(t *testing.T) {
	oracle := testenv.Ask(t, testenv.Python(t, "filecmp"), "testdata/oracle.py")
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 250 {
		left, right := trees(t, r, true)
		var want struct {
			Full, Top       string
			Same, Different []string
		}
		oracle.Ask(map[string]any{"left": left, "right": right, "ignore": Ignored}, &want)
		o := Options{Ignore: Ignored, Shallow: true, Follow: true}
		got := compare(t, Local{left}, Local{right}, o)
		if full, top := got.Python(true), got.Python(false); sortedFolders(full) != sortedFolders(want.Full) || strings.ToValidUTF8(top, "\uFFFD") != want.Top {
			t.Fatalf("case %d:\n%s\npython:\n%s", i, full, want.Full)
		}
		o.Shallow, o.Top = false, true
		byContent := compare(t, Local{left}, Local{right}, o)
		if same := files(byContent, Same); !slices.Equal(same, utf8Names(want.Same)) {
			t.Fatalf("case %d: same %q, python %q", i, same, want.Same)
		}
	}
}

// sortedFolders puts the folders of a report in one order: Python follows its
// dictionary, which is by name as it decodes it.
func sortedFolders(report string) string {
	report = strings.ToValidUTF8(report, "\uFFFD") // as JSON carries it
	parts := strings.Split(strings.TrimSuffix(report, "\n"), "\n\n")
	slices.Sort(parts)
	return strings.Join(parts, "\n\n")
}

func files(r *Result, s State) []string {
	out := []string{}
	for _, i := range r.Items {
		if i.State == s && i.Left == File {
			out = append(out, i.Path)
		}
	}
	return utf8Names(out)
}

// utf8Names leaves out names that JSON cannot carry.
func utf8Names(names []string) []string {
	out := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return strings.Contains(n, "bad") })
	slices.Sort(out)
	return out
}

// What differs is what diff -rq says.
func TestDiffersAsDiff(t *testing.T) {
	program := testenv.Require(t, "diff")
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 200 {
		left, right := trees(t, r, true)
		cmd := exec.Command(program, "-rq", "--no-dereference", left, right)
		out, _ := cmd.Output() // 1 says that they differ
		if code := cmd.ProcessState.ExitCode(); code > 1 {
			t.Fatalf("diff: %s", out)
		}
		for _, hash := range []bool{false, true} {
			got := compare(t, Local{left}, Local{right}, Options{Hash: hash})
			n := 0
			for _, item := range got.Items {
				if item.State != Same && item.State != Common {
					n++
				}
			}
			if lines := strings.Count(strings.ReplaceAll(string(out), "new\nline", "x"), "\n"); n != lines || got.Equal() != (lines == 0) {
				t.Fatalf("case %d: %d differences, diff has %d\n%s\n%s", i, n, lines, got.Plain(), out)
			}
		}
	}
}

// Carrying the plan out makes the sides equal.
func TestPlanLeadsToEquality(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 200 {
		left, right := trees(t, r, true)
		fromRight := r.IntN(2) == 0
		source, target := left, right
		if fromRight {
			source, target = right, left
		}
		for _, step := range compare(t, Local{left}, Local{right}, Options{}).Plan(fromRight, true) {
			from, to := filepath.Join(source, step.Path), filepath.Join(target, step.Path)
			if step.Op == "delete" {
				if err := os.RemoveAll(to); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if out, err := exec.Command("cp", "-a", "--remove-destination", "-T", "--", from, to).CombinedOutput(); err != nil {
				t.Fatalf("%+v: %s", step, out)
			}
		}
		if after := compare(t, Local{left}, Local{right}, Options{}); !after.Equal() {
			t.Fatalf("case %d: %s", i, after.Plain())
		}
	}
}

// A loop of links is told, not walked.
func TestLoops(t *testing.T) {
	top := t.TempDir()
	for _, side := range []string{"l", "r"} {
		dir := filepath.Join(top, side)
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, "sub"), 0o755), os.Symlink("..", filepath.Join(dir, "sub", "up"))); err != nil {
			t.Fatal(err)
		}
	}
	r := compare(t, Local{filepath.Join(top, "l")}, Local{filepath.Join(top, "r")}, Options{Follow: true})
	if got := fmt.Sprint(r.Items); len(r.Items) != 2 || r.Items[1].State != Funny || !strings.Contains(r.Items[1].Why, "leads back") {
		t.Error(got)
	}
	if r = compare(t, Local{filepath.Join(top, "l")}, Local{filepath.Join(top, "r")}, Options{}); !r.Equal() {
		t.Errorf("as links: %s", r.Plain())
	}
}

func TestAttributes(t *testing.T) {
	top := t.TempDir()
	p := &planter{t: t}
	for i, side := range []string{"l", "r"} {
		p.must(os.Mkdir(filepath.Join(top, side), 0o755))
		p.file(filepath.Join(top, side, "f"), "x", i)
		p.must(os.Chmod(filepath.Join(top, side, "f"), []os.FileMode{0o644, 0o600}[i]))
	}
	a, b := Local{filepath.Join(top, "l")}, Local{filepath.Join(top, "r")}
	for want, o := range map[string]Options{"mode 0644 and 0600": {Mode: true}, "time 2001-09-09 01:46:40 and 2001-09-09 02:46:40": {Time: true}} {
		if r := compare(t, a, b, o); r.Items[0].State != Different || r.Items[0].Why != want {
			t.Errorf("%+v, want %s", r.Items, want)
		}
	}
	if r := compare(t, a, b, Options{Owner: true}); !r.Equal() {
		t.Errorf("owner: %s", r.Plain())
	}
}

func TestIgnore(t *testing.T) {
	top := t.TempDir()
	p := &planter{t: t}
	for _, name := range []string{"a/b/x.pyc", "a/x.py", "a/b/y", "log/1", "b/log/2"} {
		p.must(os.MkdirAll(filepath.Dir(filepath.Join(top, "l", name)), 0o755))
		p.file(filepath.Join(top, "l", name), "x", 1)
	}
	p.must(os.Mkdir(filepath.Join(top, "r"), 0o755))
	r := compare(t, Local{filepath.Join(top, "l")}, Local{filepath.Join(top, "l")}, Options{Ignore: []string{"*.pyc", "./log", "a/**/y"}})
	paths := []string{}
	for _, i := range r.Items {
		paths = append(paths, i.Path)
	}
	if want := []string{"a", "a/b", "a/x.py", "b", "b/log", "b/log/2"}; !slices.Equal(paths, want) {
		t.Errorf("got %q, want %q", paths, want)
	}
	_, err := Compare(context.Background(), Local{top}, Local{top}, Options{Ignore: []string{"[a"}})
	if fault.KindOf(err) != fault.Usage {
		t.Errorf("a bad pattern: %v", err)
	}
	_, err = Compare(context.Background(), Local{top}, Local{filepath.Join(top, "none")}, Options{})
	if fault.KindOf(err) != fault.NotFound {
		t.Errorf("a missing folder: %v", err)
	}
}

// A pipe is told, and never read.
func TestSpecialFiles(t *testing.T) {
	top := t.TempDir()
	for _, side := range []string{"l", "r"} {
		dir := filepath.Join(top, side)
		if err := errors.Join(os.Mkdir(dir, 0o755), syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	r := compare(t, Local{filepath.Join(top, "l")}, Local{filepath.Join(top, "r")}, Options{})
	if len(r.Items) != 1 || r.Items[0].State != Funny || r.Items[0].Left != Other {
		t.Errorf("%+v", r.Items)
	}
}
