package transfer

import (
	"path"
	"path/filepath"
	"strings"
	"testing"
)

func FuzzNames(f *testing.F) {
	for _, name := range []string{"a", "..", "a/b", "", "x\x1b", "\u0085", "\xff", strings.Repeat("n", 256)} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if checkName(name) != nil {
			return
		}
		if path.Base(name) != name || !filepath.IsLocal(name) || path.Join("d", name) != "d/"+name || strings.ContainsAny(name, "/\x00\x1b\n\r\x7f") {
			t.Errorf("%q was accepted", name)
		}
		if temp := tempName("d/" + name); !isTemp(path.Base(temp)) || len(path.Base(temp)) > 255 || path.Dir(temp) != "d" {
			t.Errorf("temporary name %q", temp)
		}
	})
}

func FuzzLinks(f *testing.F) {
	f.Add("a/l", "../b")
	f.Add("l", "a/../..")
	f.Add("l", "/etc")
	f.Fuzz(func(t *testing.T, rel, link string) {
		if checkLink("at", rel, link) != nil || path.Clean("/"+rel) != "/"+rel {
			return
		}
		end := path.Join(path.Dir(rel), link)
		if path.IsAbs(link) || end == ".." || strings.HasPrefix(end, "../") {
			t.Errorf("%q -> %q was accepted, it ends at %q", rel, link, end)
		}
	})
}

func FuzzPlaceholders(f *testing.F) {
	f.Add("{host}/{basename}", "web1", "log")
	f.Add("{host}", "..", "{host}")
	f.Fuzz(func(t *testing.T, target, host, base string) {
		filled, err := fill(target, map[string]string{"host": host, "basename": base})
		if err == nil && strings.Count(filled, "/") != strings.Count(target, "/") {
			t.Errorf("%q became %q", target, filled)
		}
	})
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 bytes", 1: "1 bytes", 1023: "1023 bytes", 1024: "1 KB", 1536: "1.5 KB", 64 << 20: "64 MB", 10<<30 + 5: "10 GB", 1 << 62: "4 EB",
	} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
