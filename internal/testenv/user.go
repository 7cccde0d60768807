package testenv

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// User is a throw-away account of this system.
type User struct {
	Name, Password, Home string
}

// SudoUser makes an account that may run everything as everybody through
// sudo(8), with its password or, when nopasswd is set, without one. It needs
// root, and the account is removed when the test ends. A password logs in to
// StartSSHD(t, As(u.Name), Lines("PasswordAuthentication yes")).
func SudoUser(t testing.TB, password string, nopasswd bool) User {
	t.Helper()
	Require(t, "sudo")
	u := TempUser(t, password)
	tag := ""
	if nopasswd {
		tag = "NOPASSWD: "
	}
	rule := filepath.Join("/etc/sudoers.d", u.Name)
	writeFile(t, rule, fmt.Sprintf("%s ALL=(ALL:ALL) %sALL\n", u.Name, tag), 0o440)
	t.Cleanup(func() { _ = os.Remove(rule) })
	return u
}

// TempUser makes an account with a home and /bin/sh as login shell. It needs
// root, and the account is removed when the test ends.
func TempUser(t testing.TB, password string) User {
	t.Helper()
	Require(t, "root")
	useradd, chpasswd, userdel := Require(t, "useradd"), Require(t, "chpasswd"), Require(t, "userdel")
	u := User{Name: "gf" + strings.ToLower(rand.Text()[:10]), Password: password}
	defer lockAccounts(t)()
	run(t, "", useradd, "--create-home", "--shell", "/bin/sh", u.Name)
	t.Cleanup(func() {
		defer lockAccounts(t)()
		run(t, "", userdel, "--remove", "--force", u.Name)
	})
	run(t, u.Name+":"+password+"\n", chpasswd)
	account, err := user.Lookup(u.Name)
	if err != nil {
		t.Fatal(err)
	}
	u.Home = account.HomeDir
	return u
}

// lockAccounts keeps the tests of other packages from changing /etc/passwd at
// the same time, which useradd(8) answers with a failure.
func lockAccounts(t testing.TB) (unlock func()) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(os.TempDir(), "gofab-test-accounts.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return func() { _ = f.Close() }
}

// SetPassword gives an account another password.
func SetPassword(t testing.TB, u User, password string) {
	t.Helper()
	defer lockAccounts(t)()
	run(t, u.Name+":"+password+"\n", Require(t, "chpasswd"))
}
