package expect

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// introspection lists the public names of all of pexpect.
const introspection = `
import json, types, warnings
warnings.simplefilter("ignore")
import pexpect
from pexpect import pxssh, replwrap, fdpexpect, popen_spawn, screen, ANSI
names = set()
for cls in (pexpect.spawn, pxssh.pxssh, replwrap.REPLWrapper, fdpexpect.fdspawn, popen_spawn.PopenSpawn, screen.screen, ANSI.ANSI, ANSI.term):
    names |= {cls.__name__} | {n for n in dir(cls) if not n.startswith("_")}
child = pexpect.spawn("true")
names |= {n for n in vars(child) if not n.startswith("_")}
for module in (pexpect, replwrap):
    for n in dir(module):
        if not n.startswith("_") and not (isinstance(getattr(module, n), types.ModuleType) and n in ("sys", "os", "signal", "pexpect", "pxssh", "replwrap", "fdpexpect", "popen_spawn")):
            names.add(n)
print(json.dumps(sorted(names - {"basestring"})))
`

// TestEveryNameHasARow: the guide tells of each public name what it is here.
func TestEveryNameHasARow(t *testing.T) {
	out, err := exec.Command(testenv.Python(t, "pexpect"), "-c", introspection).Output()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	if err := json.Unmarshal(out, &names); err != nil || len(names) < 100 {
		t.Fatal(len(names), err)
	}
	guide, err := os.ReadFile("../../docs/guide/coming-from-pexpect.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder // the first cells of all rows
	for _, line := range strings.Split(string(guide), "\n") {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			rows.WriteString(cells[1])
		}
	}
	words := map[string]bool{}
	for _, word := range strings.FieldsFunc(rows.String(), func(r rune) bool { return r != '_' && (r < '0' || r > '9') && (r|32 < 'a' || r|32 > 'z') }) {
		words[word] = true
	}
	for _, name := range names {
		if !words[name] {
			t.Errorf("no row for %s", name)
		}
	}
}
