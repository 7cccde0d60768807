package reference_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// fabricSurface prints what Fabric and Invoke offer: classes and their methods,
// the arguments of the functions that people call, options of the programs and
// keys of the configuration.
const fabricSurface = `
import fabric, fabric.exceptions, fabric.transfer, inspect, invoke, invoke.exceptions, re, subprocess

def public(o): return [n for n in vars(o) if not n.startswith("_")]

names = set()
for module in (fabric.exceptions, invoke.exceptions):
    names |= {n for n, o in vars(module).items() if inspect.isclass(o)}
for c in (fabric.Connection, fabric.Group, fabric.GroupResult, fabric.transfer.Transfer, invoke.Collection, invoke.Context,
          invoke.MockContext, invoke.Result, invoke.Promise, invoke.Responder, invoke.Executor, invoke.Task):
    names |= {c.__name__} | set(public(c))
for f in (fabric.Connection.__init__, invoke.Task.__init__, invoke.Argument.__init__, invoke.Result.__init__,
          fabric.transfer.Transfer.get, fabric.transfer.Transfer.put, fabric.Connection.forward_local, fabric.Connection.forward_remote):
    names |= set(inspect.signature(f).parameters)
names |= set(fabric.Config.global_defaults()) | set(fabric.Config.global_defaults()["run"])
for program in ("fab", "invoke"):
    text = subprocess.run([program, "--help"], capture_output=True, text=True).stdout
    names |= set(re.findall(r"--([a-z-]+)", text)) - {"core-opts", "task", "help", "version"}
for n in sorted(names - {"self", "body", "kwargs", "args"}): print(n)
`

// TestFabricGuideNamesEverything holds the guide against the programs
// themselves.
func TestFabricGuideNamesEverything(t *testing.T) {
	testenv.Require(t, "fab")
	python := testenv.Python(t, "fabric")
	surface, err := exec.Command(python, "-c", fabricSurface).Output()
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile("../../docs/guide/coming-from-fabric.md")
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(surface))
	if len(names) < 150 {
		t.Fatalf("only %d names", len(names))
	}
	for _, name := range names {
		if !regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).Match(guide) {
			t.Errorf("the guide does not speak of %s", name)
		}
	}
}
