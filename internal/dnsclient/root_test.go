package dnsclient

import (
	"os"
	"slices"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// What is known of the root is what Debian ships of it.
func TestRootIsDebians(t *testing.T) {
	testenv.Require(t, "named")
	anchors, err := os.ReadFile("/usr/share/dns/root.ds")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(anchors)); got != strings.Join(RootAnchors, "\n") {
		t.Errorf("the anchors differ from those of dns-root-data:\n%s", got)
	}
	hints, err := os.ReadFile("/usr/share/dns/root.hints")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, line := range strings.Split(string(hints), "\n") {
		if f := strings.Fields(line); len(f) == 4 && f[2] == "A" {
			want = append(want, strings.ToLower(f[0])+" "+f[3])
		}
	}
	var got []string
	for _, r := range Roots {
		got = append(got, r.Name+" "+r.Address)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("root servers\n%v\nwant\n%v", got, want)
	}
}
