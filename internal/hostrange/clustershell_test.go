package hostrange

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// ClusterShell is the original of ranges. Where both have the same grammar,
// they must expand alike; what either folds, the other must read.

type expansion struct {
	Text  string   `json:"text"`
	Names []string `json:"names"`
	Error string   `json:"error"`
}

func TestRangesAsClusterShellReadsThem(t *testing.T) {
	oracle := testenv.Ask(t, testenv.Python(t, "ClusterShell"), "testdata/nodeset.py")
	random := rand.New(rand.NewPCG(testenv.Seed(t), 1))
	for range 3000 {
		text := randomRange(random)
		var want expansion
		oracle.Ask(map[string]any{"text": text}, &want)
		got, err := Expand(text)
		if (err != nil) != (want.Error != "") {
			t.Errorf("%s: got %d names, %v; ClusterShell says %d names, %s", text, len(got), err, len(want.Names), want.Error)
		} else if err == nil && !sameNames(got, want.Names) {
			t.Errorf("%s: got %.300v, want %.300v", text, got, want.Names)
		}
	}
}

func sameNames(a, b []string) bool {
	return slices.Equal(slices.Compact(slices.Sorted(slices.Values(a))), slices.Compact(slices.Sorted(slices.Values(b))))
}

// randomRange writes names with brackets, right ones and some wrong ones.
func randomRange(r *rand.Rand) string {
	number := func() string { return fmt.Sprintf("%0*d", r.IntN(4), r.IntN(30)) }
	item := func() string {
		low, width := r.IntN(30), r.IntN(4)
		switch r.IntN(8) {
		case 0, 1:
			return number()
		case 2:
			return fmt.Sprintf("%0*d-%0*d/%d", width, low, width, low+r.IntN(30), 1+r.IntN(4))
		case 3:
			return [...]string{"9-1", "1-x", "", "1-", "1-2/0"}[r.IntN(5)]
		default:
			return fmt.Sprintf("%0*d-%0*d", width, low, width, low+r.IntN(12))
		}
	}
	bracket := func() string {
		items := []string{item()}
		for range r.IntN(3) {
			items = append(items, item())
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	var words []string
	for range 1 + r.IntN(3) {
		word := [...]string{"web", "r", "n-", "db.x"}[r.IntN(4)]
		for range r.IntN(3) {
			word += bracket() + [...]string{"-x", ".example", "n"}[r.IntN(3)] // it has no bracket behind a bracket
		}
		words = append(words, word)
	}
	return strings.Join(words, ",")
}

func TestFoldedNamesAreReadByClusterShell(t *testing.T) {
	oracle := testenv.Ask(t, testenv.Python(t, "ClusterShell"), "testdata/nodeset.py")
	random := rand.New(rand.NewPCG(testenv.Seed(t), 2))
	for range 1500 {
		names := generate(random)
		if len(names) == 0 {
			continue
		}
		var theirs, folded expansion
		oracle.Ask(map[string]any{"text": Fold(names)}, &folded)
		if folded.Error != "" || !sameNames(folded.Names, names) {
			t.Errorf("%q folds to %s, which ClusterShell reads as %v, %s", names, Fold(names), folded.Names, folded.Error)
		}
		oracle.Ask(map[string]any{"names": names}, &theirs)
		got, err := Expand(theirs.Text)
		if theirs.Error != "" || err != nil || !sameNames(got, names) {
			t.Errorf("ClusterShell folds %q to %s, which is read as %v, %v", names, theirs.Text, got, err)
		}
	}
}
