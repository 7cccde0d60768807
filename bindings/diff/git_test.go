package diff

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// repository is a folder of files with a history in git.
type repository struct {
	t      *testing.T
	dir    string
	random *rand.Rand
}

func (r *repository) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=false"}, args...)...)
	cmd.Dir = r.dir
	out, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("git %v: %v", args, err)
	}
	return string(out)
}

// Names that git quotes, that look like headers, and of folders that come and go.
var names = []string{"a.txt", "b c.txt", "d/e.txt", "d/f/g.txt", "ü.txt", `q"uote`, "tab\tx", `back\s`, "-dash", "new\nline", "x", "x/y", "x/z/w"}

// text is a file: often empty, with lines that look like those of a patch.
func (r *repository) text() string {
	eol := []string{"\n", "\n", "\r\n"}[r.random.IntN(3)]
	var b strings.Builder
	for range []int{0, 1, 3, 30}[r.random.IntN(4)] {
		b.WriteString([]string{"alpha", "", "  x", "-- y", "+++ z", "@@ w", `\ No newline`, "diff --git a/x b/x"}[r.random.IntN(8)])
		b.WriteString(strings.Repeat("!", r.random.IntN(6)) + eol)
	}
	if r.random.IntN(3) == 0 {
		return strings.TrimSuffix(b.String(), eol)
	}
	return b.String()
}

// change does something to one file, when it can be done.
func (r *repository) change(name string) {
	path := filepath.Join(r.dir, name)
	info, err := os.Stat(path)
	switch what := r.random.IntN(8); {
	case err != nil && what < 3:
		r.write(name, r.text())
	case err != nil || info.IsDir() && what > 0:
	case what == 0:
		_ = os.RemoveAll(path)
	case what == 1:
		_ = os.Rename(path, filepath.Join(r.dir, "moved "+filepath.Base(name)))
	case what == 2:
		_ = os.Chmod(path, info.Mode().Perm()^0o111)
	default:
		data, _ := os.ReadFile(path)
		lines := strings.SplitAfter(string(data), "\n")
		lines[r.random.IntN(len(lines))] += "changed\n"
		r.write(name, strings.Join(lines, ""))
	}
}

func (r *repository) write(name, text string) {
	path := filepath.Join(r.dir, name)
	_ = os.MkdirAll(filepath.Dir(path), 0o755) // a file may be in the way
	_ = os.WriteFile(path, []byte(text), 0o644)
}

// commit changes some files and tells whether anything came of it.
func (r *repository) commit() {
	for _, name := range names {
		if r.random.IntN(3) > 0 {
			r.change(name)
		}
	}
	r.git("add", "-A")
	r.git("commit", "-qm", "a change", "--allow-empty")
}

// tree is what there is below a folder: x in front of what may be executed.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && e.Name() == ".git":
			return fs.SkipDir
		case e.IsDir():
			return nil
		}
		info, err := e.Info()
		data, _ := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		if files[name] = string(data); err == nil && info.Mode()&0o100 != 0 {
			files[name] = "x " + files[name]
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// What git diff and git log write leads from one state to the other, and back:
// with renames, modes, empty files, and folders that become files.
func TestAppliesWhatGitWrites(t *testing.T) {
	testenv.Require(t, "git")
	seed := testenv.Seed(t)
	for round := range testenv.Rounds(t, 40) {
		r := &repository{t, t.TempDir(), rand.New(rand.NewPCG(seed, uint64(round)))}
		r.git("init", "-q")
		r.commit()
		before, copied := tree(t, r.dir), t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(r.dir)); err != nil {
			t.Fatal(err)
		}
		commits := 1 + r.random.IntN(2)
		for range commits {
			r.commit()
		}
		patch := r.git("log", "-p", "-M", "--reverse", "-n", []string{"1", "2"}[commits-1])
		if _, err := applyFiles(call(), patching(copied, patch)); err != nil && strings.Contains(patch, "diff --git") {
			t.Fatalf("round %d: %v\n%s", round, err, patch)
		}
		if diff := cmp.Diff(tree(t, r.dir), tree(t, copied)); diff != "" {
			t.Fatalf("round %d: -git +gofab\n%s\n%s", round, diff, patch)
		}
		if commits > 1 {
			continue
		}
		back := patching(copied, patch)
		back.Reverse = true
		if _, err := applyFiles(call(), back); err != nil && strings.Contains(patch, "diff --git") {
			t.Fatalf("round %d: back: %v\n%s", round, err, patch)
		}
		if diff := cmp.Diff(before, tree(t, copied)); diff != "" {
			t.Fatalf("round %d: back: -git +gofab\n%s\n%s", round, diff, patch)
		}
	}
}

const swap = `diff --git a/one b/two
similarity index 100%
rename from one
rename to two
diff --git a/two b/one
similarity index 100%
rename from two
rename to one
diff --git a/one b/three
similarity index 100%
copy from one
copy to three
`

func TestRenamesAndCopies(t *testing.T) {
	dir := folder(t, map[string]string{"one": "1\n", "two": "2\n"})
	changes, err := applyFiles(call(), patching(dir, swap))
	if err != nil || len(changes) != 3 || changes[0].Action != "renamed" || changes[0].From != "one" || changes[2].Action != "copied" {
		t.Fatal(changes, err)
	}
	if diff := cmp.Diff(map[string]string{"one": "2\n", "two": "1\n", "three": "1\n"}, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// A patch that would overwrite or lose something changes nothing.
func TestGitPatchesThatDoNotFit(t *testing.T) {
	for patch, want := range map[string]struct {
		text string
		kind fault.Kind
	}{
		"diff --git a/one b/two\nrename from one\nrename to two\n":        {"makes two, which is there already", fault.Exists},
		"diff --git a/one b/two\ncopy from one\ncopy to two\n":            {"makes two, which is there already", fault.Exists},
		"diff --git a/one b/one\nnew file mode 100644\n":                  {"creates one, which is there already", fault.Exists},
		"diff --git a/one b/one\ndeleted file mode 100644\n":              {"removes one as an empty file", fault.Failed},
		"diff --git a/none b/none\nold mode 100644\nnew mode 100755\n":    {"cannot patch none: no such file", fault.NotFound},
		"diff --git a/l b/l\nnew file mode 120000\n":                      {"link or a submodule", fault.Unsupported},
		"diff --git a/dir b/dir\nnew file mode 100644\n":                  {"a folder with dir/file in it", fault.Exists},
		"diff --git a/one b/../one\nrename from one\nrename to ../one\n":  {"lies outside of the folder", fault.Denied},
		"diff --git a/x b/x\nindex 1..2 100644\nBinary files differ\n":    {"a binary file cannot be patched", fault.Unsupported},
		"diff --git a/x b/x\nnew file mode 100644\nGIT binary patch\nx\n": {"a binary file cannot be patched", fault.Unsupported},
	} {
		files := map[string]string{"one": "1\n", "two": "2\n", "dir/file": "3\n"}
		dir := folder(t, files)
		_, err := applyFiles(call(), patching(dir, patch))
		if err == nil || !strings.Contains(err.Error(), want.text) || fault.KindOf(err) != want.kind {
			t.Errorf("%q: got %v (%s), want %q", patch, err, fault.KindOf(err), want.text)
		}
		if diff := cmp.Diff(files, tree(t, dir)); diff != "" {
			t.Errorf("%q: %s", patch, diff)
		}
	}
	dir := folder(t, map[string]string{"one": "1\n", "two": "1\n"})
	back := patching(dir, "diff --git a/one b/two\ncopy from one\ncopy to two\n")
	back.Reverse = true
	if _, err := applyFiles(call(), back); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("a copy is taken back: %v", err)
	}
}
