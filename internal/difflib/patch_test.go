package difflib

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

func unified(t testing.TB, a, b []string, n int) string {
	t.Helper()
	m, err := Compare(context.Background(), a, b, Options[string]{})
	if err != nil {
		t.Fatal(err)
	}
	return Unified(m, a, b, Format{From: "a", To: "b", Context: n, Marker: true})
}

// mustParse reads a patch of one file.
func mustParse(t testing.TB, text string) Patch {
	t.Helper()
	patches, err := ParsePatch(text)
	if err != nil || len(patches) != 1 {
		t.Fatalf("%d patches, %v in\n%s", len(patches), err, text)
	}
	return patches[0]
}

// file cuts generated lines as a file would be.
func file(lines []string) []string { return Lines(strings.Join(lines, "")) }

// A patch made of two texts leads from the one to the other and back, and its
// own text is what it was read from.
func TestPatchLeadsThereAndBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		a := file(text(r, 20))
		b := file(mutate(r, a))
		if slices.Equal(a, b) {
			continue
		}
		written := unified(t, a, b, r.IntN(4))
		p := mustParse(t, written)
		there, back := p.Apply(a, 0), p.Reverse().Apply(b, 0)
		if !slices.Equal(there.Lines, b) || !slices.Equal(back.Lines, a) || p.Text() != written {
			t.Fatalf("from %q to %q: there %q, back %q with\n%s", a, b, there.Lines, back.Lines, written)
		}
	}
}

// Patches on files that have moved on end as patch(1) ends them.
func TestAppliesAsPatchDoes(t *testing.T) {
	program := testenv.Require(t, "patch")
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(2, 2))
	rejectedOnce, fuzzyOnce := false, false
	for i := range 1500 {
		base := file(text(r, pick(r, 4, 12, 40)))
		target, other := file(mutate(r, base)), base
		for range r.IntN(3) {
			other = file(mutate(r, other))
		}
		if slices.Equal(base, target) {
			continue
		}
		written := unified(t, base, target, 3)
		fuzz := r.IntN(4)
		ours := mustParse(t, written).Apply(other, fuzz)
		theirs, rejects := runPatch(t, program, dir, other, written, fuzz)
		if got := strings.Join(ours.Lines, ""); got != theirs || len(ours.Rejected) != rejects {
			t.Fatalf("case %d, fuzz %d: rejected %d (patch: %d)\nfile %q\npatch\n%s\nours\n%s\npatch(1)\n%s",
				i, fuzz, len(ours.Rejected), rejects, other, written, got, theirs)
		}
		rejectedOnce = rejectedOnce || rejects > 0
		fuzzyOnce = fuzzyOnce || slices.ContainsFunc(ours.Placed, func(p Placed) bool { return p.Fuzz > 0 })
	}
	if !rejectedOnce || !fuzzyOnce {
		t.Errorf("the cases are too easy: rejects %v, fuzz %v", rejectedOnce, fuzzyOnce)
	}
}

// runPatch gives what patch(1) makes of a file, and how many hunks it rejects.
func runPatch(t *testing.T, program, dir string, content []string, patch string, fuzz int) (text string, rejects int) {
	t.Helper()
	in, out, rejected := filepath.Join(dir, "in"), filepath.Join(dir, "out"), filepath.Join(dir, "rejected")
	if err := os.WriteFile(in, []byte(strings.Join(content, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	os.Remove(out)
	os.Remove(rejected)
	cmd := exec.Command(program, "--force", "--silent", "--reject-format=unified", "--fuzz="+string(rune('0'+fuzz)), "-o", out, "-r", rejected, in)
	cmd.Stdin = strings.NewReader(patch)
	if message, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("patch: %v %s", err, message)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadFile(rejected)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data), strings.Count("\n"+string(left), "\n@@ ")
}

func TestRefusesWhatIsNoPatch(t *testing.T) {
	head := "--- a\n+++ b\n"
	for text, want := range map[string]string{
		"hello\n":                         "no unified diff",
		head + "nothing\n":                "line 2 of the patch: no change follows",
		head + "@@ -1 +1 @@\n-a\n":        "line 4 of the patch: the patch ends in the middle",
		head + "@@ -1 +1 @@\n-a\n*b\n":    `line 5 of the patch: "*b" is no line of a change`,
		head + "@@ -x +1 @@\n-a\n+b\n":    `"x" is not a range of lines`,
		head + "@@ -1,-2 +1 @@\n-a\n+b\n": `"1,-2" is not a range`,
		head + "@@ -1 @@\n-a\n+b\n":       "is not the head of a change",
		head + "@@ -1 +1,0 @@\n a\n":      "more lines than its header says",
		"Binary files a and b differ\n":   "line 1: a binary file cannot be patched",
		"*** a\n--- b\n***************\n": "line 3: the context format cannot be applied",
	} {
		_, err := ParsePatch(text)
		if err == nil || !strings.Contains(err.Error(), want) || fault.KindOf(err) == fault.Failed {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// What version control and mails put around a patch is passed over.
func TestReadsGitPatches(t *testing.T) {
	patches, err := ParsePatch(`From 1234 Mon Sep 17 00:00:00 2001
Subject: [PATCH] change

---
 a.txt | 2 +-
diff --git a/a.txt b/a.txt
index 123..456 100644
--- "a/na\303\257ve \"x\".txt"	2026-01-01
+++ b/a.txt
@@ -1 +1 @@ func main() {
-old
\ No newline at end of file
+new
diff --git a/gone b/gone
deleted file mode 100644
--- a/gone
+++ /dev/null
@@ -1 +0,0 @@
-x
-- 
2.30
`)
	if err != nil || len(patches) != 2 {
		t.Fatalf("%d patches, %v", len(patches), err)
	}
	if p := patches[0]; p.Old != `a/naïve "x".txt` || p.New != "b/a.txt" || !slices.Equal(p.Hunks[0].Lines, []string{"-old", "+new\n"}) {
		t.Errorf("first: %+v", p)
	}
	if p := patches[1]; p.New != "/dev/null" || len(p.Apply([]string{"x\n"}, 0).Lines) != 0 {
		t.Errorf("second: %+v", p)
	}
}

func FuzzParsePatch(f *testing.F) {
	f.Add("--- a\n+++ b\n@@ -1,2 +1 @@\n-a\n b\n\\ No newline at end of file\n", "a\nb")
	f.Add("--- a\n+++ b\n@@ -0,0 +1 @@\n+a\n", "")
	f.Fuzz(func(t *testing.T, patch, content string) {
		patches, err := ParsePatch(patch)
		if err != nil {
			return
		}
		for _, p := range patches {
			applied := p.Apply(Lines(content), 2)
			if len(applied.Placed)+len(applied.Rejected) != len(p.Hunks) {
				t.Errorf("%d placed, %d rejected of %d", len(applied.Placed), len(applied.Rejected), len(p.Hunks))
			}
		}
	})
}
