package sshconfig

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestWrittenLikeSSH compares the cases of testdata/cases.txt.
func TestWrittenLikeSSH(t *testing.T) {
	o := newOracle(t)
	t.Setenv("SOCK", "/run/sock")
	if err := os.Unsetenv("EMPTY"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := strings.Split(string(text), "\n== ")[1:]
	for i, c := range cases {
		name, config, _ := strings.Cut(c, "\n")
		path := o.write(t, fmt.Sprintf("%d.conf", i), config)
		if diff := o.compare(path, name, nil); diff != "" {
			t.Errorf("case %d, name %s:\n%s--- file\n%s", i, name, diff, config)
		}
	}
	accepted := len(cases) - int(o.refused.Load())
	t.Logf("%d cases, ssh accepts %d of them", len(cases), accepted)
	if len(cases) < 200 || accepted < len(cases)/2 {
		t.Errorf("too few cases: %d, %d accepted", len(cases), accepted)
	}
}
