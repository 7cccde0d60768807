package sshconfig

import "testing"

// TestTablesAgree finds names in one table that another one does not have.
func TestTablesAgree(t *testing.T) {
	named := map[string]bool{}
	for alias, name := range aliases {
		named[name] = true
		if byName[name] == nil || silent[alias] || dropped[alias] {
			t.Errorf("alias %s of %s", alias, name)
		}
	}
	for key := range takesOneWord {
		named[key] = true
	}
	for key := range withoutEffect {
		named[key] = true
	}
	for key := range families {
		named[key] = true
	}
	for key := range named {
		if byName[key] == nil {
			t.Errorf("%s is no keyword", key)
		}
	}
	for _, k := range keywords {
		if k.read == nil && k.name != "host" {
			t.Errorf("%s cannot be read", k.name)
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		text, list string
		want       bool
	}{
		{"", "", true}, {"", "*", true}, {"", "?", false}, {"a", "", false},
		{"web1", "web*", true}, {"web", "web*", true}, {"web1", "*1", true}, {"web1", "*2", false},
		{"web1", "w*b?", true}, {"aaa", "a*a*a*a", false}, {"web1", "a,web1", true}, {"web1", "web*,!web1", false},
		{"web1", "!web1,web*", false}, {"web1", "!web2", false}, {"web1", "!web2,*", true}, {"a,b", "a,b", false},
	} {
		if got := matchList(c.text, c.list); got != c.want {
			t.Errorf("matchList(%q, %q) is %v", c.text, c.list, got)
		}
	}
}
