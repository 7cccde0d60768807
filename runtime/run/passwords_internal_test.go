package run

import (
	"bytes"
	"strings"
	"testing"

	"gofab/runtime/world"
)

// A command that fails to print the login password is told, once for all hosts:
// what a host then says is about another way to log in.
func TestPasswordCommandFails(t *testing.T) {
	w := world.Process()
	var out, errs bytes.Buffer
	w.Out, w.Err = &out, &errs
	r, err := Open(t.Context(), Options{World: w, Passwords: PasswordOptions{Command: "echo locked >&2; exit 2"}})
	if err != nil {
		t.Fatal(err)
	}
	login := r.newPasswords().login()
	for range 3 {
		if password, known := login("web1"); known || password != "" {
			t.Errorf("password %q", password)
		}
	}
	if err := r.Finish(); err != nil {
		t.Error(err)
	}
	r.Close()
	const want = "warning: there is no login password: cannot get a secret: command exited with 2"
	if got := errs.String(); strings.Count(got, want) != 1 || !strings.Contains(got, "locked") {
		t.Errorf("stderr %q", got)
	}
}
