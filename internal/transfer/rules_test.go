package transfer_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// TestWhereACopyGoes is the table of the package comment. The host's home
// holds what "there" says; HOME stands for its path.
func TestWhereACopyGoes(t *testing.T) {
	file := map[string]string{"f": "new"}
	tree := map[string]string{"dist/index": "new", "dist/sub/x": "new"}
	cases := []struct {
		name           string
		local, there   map[string]string
		source, target string
		want           map[string]string // in the home, folders left out
		kind           fault.Kind
	}{
		{"new file", file, nil, "f", "g", map[string]string{"g": "new"}, ""},
		{"file over a file", file, map[string]string{"g": "old"}, "f", "g", map[string]string{"g": "new"}, ""},
		{"file into a folder that is there", file, map[string]string{"d/": ""}, "f", "d", map[string]string{"d/f": "new"}, ""},
		{"file into a folder with a slash", file, nil, "f", "d/", map[string]string{"d/f": "new"}, ""},
		{"parents are made", file, nil, "f", "a/b/c/g", map[string]string{"a/b/c/g": "new"}, ""},
		{"file to ~", file, nil, "f", "~", map[string]string{"f": "new"}, ""},
		{"file to ~/", file, nil, "f", "~/", map[string]string{"f": "new"}, ""},
		{"file to ~/g", file, nil, "f", "~/g", map[string]string{"g": "new"}, ""},
		{"file to .", file, nil, "f", ".", map[string]string{"f": "new"}, ""},
		{"file to an absolute path", file, nil, "f", "HOME/x/g", map[string]string{"x/g": "new"}, ""},
		{"file below a file", file, map[string]string{"g": "old"}, "f", "g/h", map[string]string{"g": "old"}, fault.Exists},
		{"file into a file with a slash", file, map[string]string{"g": "old"}, "f", "g/", map[string]string{"g": "old"}, fault.Exists},
		{"somebody's home", file, nil, "f", "~bob/x", nil, fault.Usage},
		{"empty target", file, nil, "f", "", nil, fault.Usage},
		{"no such source", file, nil, "nosuch", "g", nil, fault.NotFound},

		{"folder becomes the target", tree, nil, "dist", "app", map[string]string{"app/index": "new", "app/sub/x": "new"}, ""},
		{"again, into what is there", tree, map[string]string{"app/old": "old", "app/index": "old"}, "dist", "app",
			map[string]string{"app/index": "new", "app/sub/x": "new", "app/old": "old"}, ""},
		{"folder inside, with a slash", tree, nil, "dist", "app/", map[string]string{"app/dist/index": "new", "app/dist/sub/x": "new"}, ""},
		{"the same when it is there", tree, map[string]string{"app/": ""}, "dist", "app/",
			map[string]string{"app/dist/index": "new", "app/dist/sub/x": "new"}, ""},
		{"what is in a folder", tree, nil, "dist/", "app/", map[string]string{"app/index": "new", "app/sub/x": "new"}, ""},
		{"what is in a folder, no slash", tree, nil, "dist/", "app", map[string]string{"app/index": "new", "app/sub/x": "new"}, ""},
		{"folder to ~", tree, nil, "dist", "~", map[string]string{"dist/index": "new", "dist/sub/x": "new"}, ""},
		{"folder to .", tree, nil, "dist", ".", map[string]string{"dist/index": "new", "dist/sub/x": "new"}, ""},
		{"what is in a folder to ~", tree, nil, "dist/", "~", map[string]string{"index": "new", "sub/x": "new"}, ""},
		{"dot of a folder", tree, nil, "dist/.", "app/", map[string]string{"app/index": "new", "app/sub/x": "new"}, ""},
		{"folder over a file", tree, map[string]string{"app": "old"}, "dist", "app", map[string]string{"app": "old"}, fault.Exists},
		{"file of a tree over a folder", tree, map[string]string{"app/index/": ""}, "dist/", "app", map[string]string{}, fault.Exists},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			local, home := t.TempDir(), t.TempDir()
			write(t, local, c.local)
			write(t, home, c.there)
			_, err := transfer.Put(t.Context(), transfer.PutOptions{
				From: transfer.Local("/nonexistent").In(local), To: host(t, home),
				Source: c.source, Target: strings.ReplaceAll(c.target, "HOME", home),
			})
			wantKind(t, err, c.kind)
			got := read(t, home)
			maps.DeleteFunc(got, func(name, content string) bool { return content == "/" })
			if c.want == nil {
				c.want = map[string]string{}
			}
			if c.kind != fault.Exists || c.local["f"] != "" { // a tree may have begun
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestWhereAGetGoes(t *testing.T) {
	cases := []struct {
		name, source, target string
		want                 map[string]string
		kind                 fault.Kind
	}{
		{"default", "log", "{host}/", map[string]string{"web1": "/", "web1/log": "x"}, ""},
		{"by name", "log", "logs/{host}-{basename}", map[string]string{"logs": "/", "logs/web1-log": "x"}, ""},
		{"folder per host", "d", "{host}/", map[string]string{"web1": "/", "web1/d": "/", "web1/d/y": "y"}, ""},
		{"what is in a folder", "d/", "{host}", map[string]string{"web1": "/", "web1/y": "y"}, ""},
		{"unknown placeholder", "log", "{hots}/", map[string]string{}, fault.Usage},
		{"no placeholder", "log", "{}", map[string]string{"{}": "x"}, ""},
		{"missing", "nosuch", "{host}/", map[string]string{}, fault.NotFound},
		{"empty", "", "{host}/", map[string]string{}, fault.Usage},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			local, home := t.TempDir(), t.TempDir()
			write(t, home, map[string]string{"log": "x", "d/y": "y"})
			_, err := transfer.Get(t.Context(), transfer.GetOptions{
				From: host(t, home), To: transfer.Local(local),
				Source: c.source, Target: c.target, Names: map[string]string{"host": "web1"},
			})
			wantKind(t, err, c.kind)
			if diff := cmp.Diff(c.want, read(t, local)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, name := range []string{"..", "a/b", "", "x\x1b"} {
		_, err := transfer.Get(t.Context(), transfer.GetOptions{
			From: transfer.Local(t.TempDir()), To: transfer.Local(t.TempDir()),
			Source: "f", Target: "{host}/", Names: map[string]string{"host": name},
		})
		wantKind(t, err, fault.Usage)
	}
}

func TestModes(t *testing.T) {
	content := "text"
	cases := []struct {
		name          string
		source, there os.FileMode // 0: content, nothing there
		mode          string
		want          os.FileMode
	}{
		{"of the source", 0o751, 0, "", 0o751},
		{"of the source, not of the old file", 0o640, 0o600, "", 0o640},
		{"set-user-ID is not copied", 0o755 | os.ModeSetuid, 0, "", 0o755},
		{"given", 0o644, 0o644, "0600", 0o600},
		{"given, with the set-group-ID bit", 0o644, 0, "2750", 0o750 | os.ModeSetgid},
		{"content", 0, 0, "", 0o644},
		{"content over an old file", 0, 0o600, "", 0o600},
		{"content, given", 0, 0o600, "640", 0o640},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			local, home := t.TempDir(), t.TempDir()
			o := transfer.PutOptions{From: transfer.Local(local), To: host(t, home), Target: "g", Mode: c.mode}
			if c.source == 0 {
				o.Content = &content
			} else {
				write(t, local, map[string]string{"f": content})
				ok(t, os.Chmod(filepath.Join(local, "f"), c.source))
				o.Source = "f"
			}
			if c.there != 0 {
				write(t, home, map[string]string{"g": "old"})
				ok(t, os.Chmod(filepath.Join(home, "g"), c.there))
			}
			put(t, o)
			info, err := os.Stat(filepath.Join(home, "g"))
			ok(t, err)
			if info.Mode() != c.want {
				t.Errorf("mode %v, want %v", info.Mode(), c.want)
			}
		})
	}
}

func TestMisuse(t *testing.T) {
	text, local := "x", transfer.Local(t.TempDir())
	cases := map[string]transfer.PutOptions{
		"mode":            {Source: "f", Target: "g", Mode: "rw"},
		"both":            {Source: "f", Target: "g", Content: &text},
		"content, folder": {Target: "d/", Content: &text},
		"symlinks":        {Source: "f", Target: "g", TreeOptions: transfer.TreeOptions{Symlinks: "copy"}},
		"pattern":         {Source: "f", Target: "g", TreeOptions: transfer.TreeOptions{Exclude: []string{"[a"}}},
		"NUL":             {Source: "f\x00", Target: "g"},
	}
	for name, o := range cases {
		o.From, o.To = local, local
		_, err := transfer.Put(t.Context(), o)
		if fault.KindOf(err) != fault.Usage {
			t.Errorf("%s: %v", name, err)
		}
	}
}
