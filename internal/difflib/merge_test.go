package difflib

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// distinct is a file in which no line occurs twice, so that every way of
// comparing finds the same changes.
func distinct(n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf("line %d\n", i)
	}
	return lines
}

// edit changes, removes and adds lines; what it adds is new.
func edit(r *rand.Rand, lines []string, mark string) []string {
	out := []string{}
	for i, l := range lines {
		switch r.IntN(9) {
		case 0:
		case 1:
			out = append(out, l, fmt.Sprintf("%s added %d\n", mark, i))
		case 2:
			out = append(out, fmt.Sprintf("%s changed %d\n", pick(r, mark, "both"), i))
		default:
			out = append(out, l)
		}
	}
	return out
}

// Merges end as those of diff3.
func TestMergesAsDiff3(t *testing.T) {
	program := testenv.Require(t, "diff3")
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(5, 5))
	conflicts := 0
	for i := range 800 {
		base := distinct(1 + r.IntN(12))
		ours, theirs := edit(r, base, "ours"), edit(r, base, "theirs")
		got, err := Merge(context.Background(), base, ours, theirs, Marks{Ours: "ours", Theirs: "theirs"})
		if err != nil {
			t.Fatal(err)
		}
		want := diff3(t, program, dir, ours, base, theirs)
		if strings.Join(got.Lines, "") != want || got.Conflicts != strings.Count(want, "<<<<<<< ") {
			t.Fatalf("case %d: base %q, ours %q, theirs %q\nhere\n%s\ndiff3\n%s", i, base, ours, theirs, strings.Join(got.Lines, ""), want)
		}
		conflicts += got.Conflicts
	}
	if conflicts == 0 {
		t.Error("no case had a conflict")
	}
}

func diff3(t *testing.T, program, dir string, ours, base, theirs []string) string {
	t.Helper()
	args := []string{"-m", "-E", "-L", "ours", "-L", "base", "-L", "theirs"}
	for i, lines := range [][]string{ours, base, theirs} {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	cmd := exec.Command(program, args...)
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() != 1 {
		t.Fatal(err)
	}
	return string(out)
}

// A side that changed nothing takes over all of the other's changes, and both
// may have changed the same.
func TestMergeOfOneSide(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for range 500 {
		base := file(text(r, 20))
		changed := file(mutate(r, base))
		for _, pair := range [][2][]string{{base, changed}, {changed, base}, {changed, changed}} {
			m, err := Merge(context.Background(), base, pair[0], pair[1], Marks{})
			if err != nil || m.Conflicts > 0 || !slices.Equal(m.Lines, changed) {
				t.Fatalf("base %q, %q: got %q, %d conflicts, %v", base, pair, m.Lines, m.Conflicts, err)
			}
		}
	}
}
