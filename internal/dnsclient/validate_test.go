package dnsclient_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gofab/internal/dnsclient"
	"gofab/internal/testenv"
)

// TestValidateAsDelv validates answers of a tree of signed zones, and compares
// with what BIND's delv says of them.
func TestValidateAsDelv(t *testing.T) {
	for name, nsec3 := range map[string]bool{"nsec": false, "nsec3": true} {
		t.Run(name, func(t *testing.T) { validateAsDelv(t, startTree(t, nsec3)) })
	}
}

func validateAsDelv(t *testing.T, lab tree) {
	anchor, err := dnsclient.ParseRecord(lab.anchor, ".", 0)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(anchor.Text)
	anchors := filepath.Join(t.TempDir(), "anchors")
	write(t, anchors, fmt.Sprintf("trust-anchors { \".\" static-ds %s %s %s %q; };\n", words[0], words[1], words[2], words[3]))
	r := resolver(t, lab.Addr, nil)
	for question, want := range map[string]string{
		"www.example.test A":          "secure",
		"alias.example.test A":        "secure",
		"away.example.test A":         "insecure",
		"mail.example.test MX":        "secure",
		"x.y.wild.example.test TXT":   "secure",
		"wild.example.test TXT":       "secure nodata",
		"x.wild.example.test A":       "secure nodata",
		"empty.example.test A":        "secure nodata",
		"www.example.test MX":         "secure nodata",
		"example.test DNSKEY":         "secure",
		"example.test DS":             "secure",
		"island.test DS":              "secure nodata",
		"nobody.example.test A":       "secure nxdomain",
		"a.b.nobody.example.test A":   "secure nxdomain",
		"nobody.test A":               "secure nxdomain",
		"zzz A":                       "secure nxdomain",
		"www.island.test A":           "insecure",
		"nobody.island.test A":        "insecure nxdomain",
		"www.bad.example.test A":      "bogus",
		"nobody.bad.example.test A":   "secure nxdomain",
		". SOA":                       "secure",
		"test NS":                     "secure",
		"plain.deleg.example.test DS": "secure nodata",
	} {
		name, rtype, _ := strings.Cut(question, " ")
		code, _ := dnsclient.Type(rtype)
		a, err := r.Validate(t.Context(), name, code, []dnsclient.Record{anchor})
		if err != nil {
			t.Fatal(err)
		}
		got := a.Security
		if a.Status != dnsclient.StatusOK && a.Status != dnsclient.StatusBogus {
			got += " " + string(a.Status)
		}
		if got != want {
			t.Errorf("%s: %s, want %s: %s", question, got, want, a.Reason)
		}
		if name == "away.example.test" {
			continue // delv does not follow it to the other zone
		}
		if said := delv(t, lab, anchors, name, rtype); said != strings.Fields(want)[0] {
			t.Errorf("%s: delv says %s, want %s", question, said, want)
		}
	}
}

// delv asks BIND's validating client.
func delv(t *testing.T, lab tree, anchors, name, rtype string) string {
	out, _ := exec.Command(testenv.Require(t, "delv"), "@127.0.0.1", "-p", fmt.Sprint(lab.Port), "-a", anchors, "+root=.", name, rtype).CombinedOutput()
	switch text := string(out); {
	case strings.Contains(text, "fully validated"):
		return "secure"
	case strings.Contains(text, "unsigned answer"), strings.Contains(text, "negative response, unsigned"):
		return "insecure"
	case strings.Contains(text, "resolution failed"), strings.Contains(text, "RRSIG failed"), strings.Contains(text, "broken trust chain"):
		return "bogus"
	default:
		return text
	}
}

// TestAnchors: without an anchor above it nothing is secure, and with a wrong
// one all is bogus.
func TestAnchors(t *testing.T) {
	lab := startTree(t, false)
	r := resolver(t, lab.Addr, nil)
	for line, want := range map[string]string{
		"other. IN DS 1 13 2 AA": "insecure",
		". IN DS 1 13 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A": "bogus",
	} {
		anchor, err := dnsclient.ParseRecord(line, ".", 0)
		if err != nil {
			t.Fatal(err)
		}
		a, err := r.Validate(t.Context(), "www.example.test", 1, []dnsclient.Record{anchor})
		if err != nil || a.Security != want {
			t.Errorf("%s: %s, want %s, %v", line, a.Security, want, err)
		}
	}
}
