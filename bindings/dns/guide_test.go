package dns_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// surface lists what dnspython offers: functions, classes, errors and methods.
const surface = `
import importlib, inspect
for m in "resolver query zone update tsigkeyring message name reversename rdatatype dnssec e164".split():
    m = importlib.import_module("dns." + m)
    for name, o in vars(m).items():
        if name.startswith("_") or getattr(o, "__module__", None) != m.__name__:
            continue
        if inspect.isclass(o):
            print(name)
            if not issubclass(o, Exception):
                for k in vars(o):
                    if not k.startswith("_") and inspect.isfunction(getattr(o, k, None)):
                        print(k)
        elif inspect.isfunction(o):
            print(name)
`

// TestGuideHasEveryCall: the guide says of everything in dnspython what it is
// here.
func TestGuideHasEveryCall(t *testing.T) {
	guide, err := os.ReadFile("../../docs/guide/coming-from-dnspython.md")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(testenv.Python(t, "dns.resolver"), "-c", surface).Output()
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(out))
	if len(names) < 200 {
		t.Fatalf("only %d names found", len(names))
	}
	for _, name := range names {
		if !strings.Contains(string(guide), name) {
			t.Errorf("the guide does not mention %s", name)
		}
	}
}
