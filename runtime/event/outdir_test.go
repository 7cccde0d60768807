package event

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "web1.out"), []byte("of an earlier run"), 0o644); err != nil {
		t.Fatal(err)
	}
	sink, err := NewOutDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	outside := "../../etc/passwd"
	play(t, sink, joined(
		answers(1, "web1", "x", 0, false, "one", "!oops", "caf\xe9 \x1b[31m"), answers(2, "web1", "y", 0, false, "two"),
		answers(3, "silent", "x", 0, false), answers(4, "", "x", 0, false, "here"), answers(5, outside, "x", 0, false, "x"),
		answers(6, "..", "x", 0, false, "x"), answers(7, strings.Repeat("long", 100), "x", 0, false, "x"),
		[]Event{
			CommandStart{ID: 8, Host: "hid", Hidden: true}, Output{ID: 8, Host: "hid", Line: "no", Hidden: true},
			Output{ID: 1, Host: "part", Stream: Stdout, Line: "half", Partial: true}, Output{ID: 1, Host: "part", Stream: Stdout, Line: " whole"},
			GroupResult{Groups: []Folded{{Hosts: []string{"g1", "g2"}, Output: "same"}}}, GroupResult{Hidden: true, Groups: []Folded{{Hosts: []string{"g3"}, Output: "x"}}},
		},
	))
	got := map[string]string{}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		name := f.Name()
		if strings.HasPrefix(name, "longlong") {
			name = "long"
		}
		got[name] = string(data)
	}
	if diff := cmp.Diff(map[string]string{
		"web1.out": "one\ncaf\xe9 \x1b[31m\ntwo\n", "web1.err": "oops\n", "silent.out": "", "local.out": "here\n",
		"%2E.%2F..%2Fetc%2Fpasswd.out": "x\n", "%2E..out": "x\n", "long": "x\n", "part.out": "half whole\n", "g1.out": "same\n", "g2.out": "same\n",
	}, got); diff != "" {
		t.Error(diff)
	}
}

// TestOutDirInTheWay: a folder that cannot be made, and one that goes away.
func TestOutDirInTheWay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := NewOutDir(filepath.Join(file, "x")); err == nil || !strings.Contains(err.Error(), "cannot make the folder") {
		t.Error(err)
	}
	dir := filepath.Join(t.TempDir(), "gone")
	sink, err := NewOutDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	_ = sink.Handle(Entry{Event: Output{Host: "a", Line: "x"}})
	if err := sink.Finish(); err == nil || !strings.Contains(err.Error(), "cannot write "+dir) {
		t.Error(err)
	}
}
