package ansibleinv

import (
	"fmt"
	"strings"
	"testing"

	"gofab/internal/datafile"
)

// outline writes what a file says.
func outline(inv *Inventory) string {
	var b strings.Builder
	for _, h := range inv.Hosts {
		fmt.Fprintf(&b, "%s:%d %v; ", h.Name, h.Line, h.Vars)
	}
	for _, g := range inv.Groups {
		if len(g.Hosts)+len(g.Children)+len(g.Vars) > 0 {
			fmt.Fprintf(&b, "[%s %d] %v %v %v; ", g.Name, g.Priority, g.Hosts, g.Children, g.Vars)
		}
	}
	return strings.TrimSuffix(b.String(), "; ")
}

func TestReadINI(t *testing.T) {
	got, err := ReadINI("hosts", []byte(`; comment
alone x=1 # one
[web] # group
w[1:2]:2200 a="b c"
[web:vars]
ansible_group_priority = 5
y = [1, 'z']
[site:children]
web
`))
	want := "alone:2 [{x 1 2}]; w1:4 [{ansible_port 2200 4} {a b c 4}]; w2:4 [{ansible_port 2200 4} {a b c 4}]; " +
		"[ungrouped 0] [alone] [] []; [web 5] [w1 w2] [] [{y [1 z] 7}]; [site 0] [] [web] []"
	if err != nil || outline(got) != want {
		t.Errorf("got  %s, %v\nwant %s", outline(got), err, want)
	}
}

func TestReadYAML(t *testing.T) {
	root, err := datafile.Read(datafile.YAML11, "hosts", []byte("all:\n  hosts:\n    a:\n  children:\n    web:\n      hosts:\n        w[1:2]: { on: yes }\n      vars: { p: 010 }\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadYAML("hosts", root)
	want := "a:3 []; w1:7 [{on true 7}]; w2:7 [{on true 7}]; [all 0] [a] [web] []; [web 0] [w1 w2] [] [{p 8 8}]"
	if err != nil || outline(got) != want {
		t.Errorf("got  %s, %v\nwant %s", outline(got), err, want)
	}
}

func TestRangesAreBounded(t *testing.T) {
	for _, pattern := range []string{"h[1:9999999]", "h[1:999]x[1:999]", "h" + strings.Repeat("[0:9]", 50), "h[1:9:0]", "h[0:99999999999999999999]"} {
		if names, _, err := expand(pattern); err == nil {
			t.Errorf("%s: %d names", pattern, len(names))
		}
	}
}

// FuzzReadINI: whatever the bytes are, there is an inventory or an error with
// a place.
func FuzzReadINI(f *testing.F) {
	f.Add("[web]\nw[1:3] a='b' # c\n[web:vars]\nx={'a': [1, (2,)]}\n[x:children]\nweb\n")
	f.Add("a:22 b=\"c\\\"d\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := ReadINI("f", []byte(text)); err != nil && !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("%v", err)
		}
	})
}
