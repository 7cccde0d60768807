package testenv

import (
	"os"
	"strings"
	"testing"
)

// doasConfig is read by doas(1), which takes no other file from users.
const doasConfig = "/etc/doas.conf"

// DoasUser makes an account that may run everything as everybody through
// doas(1), with its password or, when nopass is set, without one. It needs
// root; the account and its rule are removed when the test ends.
func DoasUser(t testing.TB, password string, nopass bool) User {
	t.Helper()
	Require(t, "doas")
	u := TempUser(t, password)
	rule := "permit " + u.Name + "\n"
	if nopass {
		rule = "permit nopass " + u.Name + "\n"
	}
	editDoas(t, func(rules string) string { return rules + rule })
	t.Cleanup(func() {
		editDoas(t, func(rules string) string { return strings.Replace(rules, rule, "", 1) })
	})
	return u
}

// editDoas replaces the rules in one step, since other tests may run doas.
func editDoas(t testing.TB, edit func(rules string) string) {
	t.Helper()
	defer lockAccounts(t)()
	old, err := os.ReadFile(doasConfig)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	rules := edit(string(old))
	if rules == "" {
		_ = os.Remove(doasConfig)
		return
	}
	writeFile(t, doasConfig+".new", rules, 0o600)
	if err := os.Rename(doasConfig+".new", doasConfig); err != nil {
		t.Fatal(err)
	}
}
