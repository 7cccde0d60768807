package diff

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

func call() *kit.Call { return &kit.Call{Context: context.Background(), Env: &kit.Env{}} }

func pair(a, b string) pairArgs { return pairArgs{A: text{content: a}, B: text{content: b}} }

// What ndiff wrote gives both texts back, with and without a last line end.
func TestRestoreGivesBack(t *testing.T) {
	for _, texts := range [][2]string{{"a\nb\n", "a\nc\n"}, {"a", "b"}, {"a\nb", "a\nb\n"}, {"", "x"}, {"x\n\n", ""}} {
		delta, err := ndiff(call(), ndiffArgs{pairArgs: pair(texts[0], texts[1]), Marker: true})
		if err != nil {
			t.Fatal(err)
		}
		for side, want := range texts {
			got, err := restore(call(), restoreArgs{Delta: text{content: delta}, Which: side + 1})
			if err != nil || got != want {
				t.Errorf("%q: side %d: got %q, %v; delta %q", texts, side+1, got, err, delta)
			}
		}
	}
}

// folder makes files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func patching(dir, patch string) applyFilesArgs {
	return applyFilesArgs{Patch: text{content: patch}, Dir: dir, Strip: 1, applyOptions: applyOptions{Fuzz: 2}}
}

const three = `--- a/etc/app.conf
+++ b/etc/app.conf
@@ -1 +1 @@
-port = 80
+port = 81
--- /dev/null
+++ b/new/file
@@ -0,0 +1 @@
+fresh
--- a/old
+++ /dev/null
@@ -1 +0,0 @@
-gone
`

func TestApplyFiles(t *testing.T) {
	dir := folder(t, map[string]string{"etc/app.conf": "port = 80\n", "old": "gone\n"})
	changes, err := applyFiles(call(), patching(dir, three))
	if err != nil || len(changes) != 3 {
		t.Fatal(changes, err)
	}
	conf, _ := os.ReadFile(filepath.Join(dir, "etc/app.conf"))
	fresh, _ := os.ReadFile(filepath.Join(dir, "new/file"))
	info, _ := os.Stat(filepath.Join(dir, "etc/app.conf"))
	if _, err := os.Stat(filepath.Join(dir, "old")); err == nil || string(conf) != "port = 81\n" || string(fresh) != "fresh\n" || info.Mode().Perm() != 0o640 {
		t.Errorf("%q %q %v %v", conf, fresh, err, info.Mode())
	}
	back := patching(dir, three)
	back.Reverse = true
	if _, err := applyFiles(call(), back); err != nil {
		t.Fatal(err)
	}
	conf, _ = os.ReadFile(filepath.Join(dir, "etc/app.conf"))
	old, _ := os.ReadFile(filepath.Join(dir, "old"))
	if _, err := os.Stat(filepath.Join(dir, "new/file")); err == nil || string(conf) != "port = 80\n" || string(old) != "gone\n" {
		t.Errorf("back: %q %q %v", conf, old, err)
	}
}

// A patch of which a part does not fit changes nothing, nor does one whose
// names lead out of the folder.
func TestApplyFilesChangesAllOrNothing(t *testing.T) {
	for name, test := range map[string]struct {
		patch, want string
		kind        fault.Kind
	}{
		"last file differs": {strings.Replace(three, "-gone", "-other", 1), "1 of 1 changes do not fit old", fault.Failed},
		"parent":            {strings.ReplaceAll(three, "a/old", "a/../../old"), `names "../../old", which lies outside`, fault.Denied},
		"missing file":      {strings.ReplaceAll(three, "etc/app.conf", "etc/none"), "cannot patch etc/none", fault.NotFound},
		"created twice":     {strings.ReplaceAll(three, "b/new/file", "b/old"), "which is there already", fault.Exists},
		"short name":        {strings.ReplaceAll(three, "a/old", "old"), `strip = 1 leaves nothing of "old"`, fault.Usage},
	} {
		dir := folder(t, map[string]string{"etc/app.conf": "port = 80\n", "old": "gone\n"})
		_, err := applyFiles(call(), patching(dir, test.patch))
		if err == nil || !strings.Contains(err.Error(), test.want) || fault.KindOf(err) != test.kind {
			t.Errorf("%s: got %v (%s), want %q", name, err, fault.KindOf(err), test.want)
		}
		if conf, _ := os.ReadFile(filepath.Join(dir, "etc/app.conf")); string(conf) != "port = 80\n" {
			t.Errorf("%s: the first file was changed", name)
		}
	}
}

// A link in the folder does not lead a patch out of it.
func TestApplyFilesDoesNotFollowLinksOut(t *testing.T) {
	outside := folder(t, map[string]string{"secret": "port = 80\n"})
	dir := folder(t, map[string]string{"old": "gone\n"})
	if err := os.Symlink(outside, filepath.Join(dir, "etc")); err != nil {
		t.Fatal(err)
	}
	_, err := applyFiles(call(), patching(dir, strings.ReplaceAll(three, "app.conf", "secret")))
	if data, _ := os.ReadFile(filepath.Join(outside, "secret")); err == nil || string(data) != "port = 80\n" {
		t.Errorf("%v, outside is now %q", err, data)
	}
}

// An applied patch that is applied again says so.
func TestApplyTwiceIsExplained(t *testing.T) {
	a := applyArgs{Text: text{content: "b\n"}, Patch: text{content: "--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\n"}, Check: true}
	_, err := apply(call(), a)
	if err == nil || !strings.Contains(fault.From(err).Hint, "applied already") {
		t.Errorf("got %v, hint %q", err, fault.From(err).Hint)
	}
}
