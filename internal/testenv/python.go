package testenv

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// debianPython is the interpreter that Debian's python3-* packages are for;
// another python3 in PATH does not see them.
const debianPython = "/usr/bin/python3"

// Python gives the interpreter that has these modules, as the original to
// compare with. When one is missing the test is skipped, or fails if
// GOFAB_REQUIRE names python3.
func Python(t testing.TB, modules ...string) string {
	t.Helper()
	args := append([]string{"-c", "import sys\nfor m in sys.argv[1:]: __import__(m)"}, modules...)
	out, err := exec.Command(debianPython, args...).CombinedOutput()
	if err == nil {
		return debianPython
	}
	if slices.Contains(strings.Split(os.Getenv("GOFAB_REQUIRE"), ","), "python3") {
		t.Fatalf("Python with %s is required by GOFAB_REQUIRE: %v\n%s", strings.Join(modules, ", "), err, out)
	}
	t.Skipf("no Python with %s on this system", strings.Join(modules, ", "))
	return ""
}
