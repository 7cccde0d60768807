package ssh_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// introspection lists the public names of paramiko's client classes.
const introspection = `
import json, paramiko
sections = {}
for section, classes in {
    "SSHClient": ["SSHClient"], "Transport": ["Transport"], "Channel": ["Channel"], "ChannelFile": ["ChannelFile", "BufferedFile"],
    "SFTPClient": ["SFTPClient"], "SFTPFile": ["SFTPFile"], "SFTPAttributes": ["SFTPAttributes"],
    "Agent": ["Agent"], "AgentKey": ["AgentKey"], "PKey": ["PKey", "RSAKey", "ECDSAKey", "Ed25519Key", "DSSKey"],
    "HostKeys": ["HostKeys"], "Policies": ["MissingHostKeyPolicy", "AutoAddPolicy", "RejectPolicy", "WarningPolicy"],
    "ProxyCommand": ["ProxyCommand"], "SSHConfig": ["SSHConfig"], "SSHConfigDict": ["SSHConfigDict"],
}.items():
    names = set()
    for c in classes:
        names |= {n for n in dir(getattr(paramiko, c)) if not n.startswith("_") and callable(getattr(getattr(paramiko, c), n, None))}
    sections[section] = sorted(names)
sections["Policies"] += ["MissingHostKeyPolicy", "AutoAddPolicy", "RejectPolicy", "WarningPolicy"]
sections["Errors"] = sorted(n for n in dir(paramiko.ssh_exception) if isinstance(getattr(paramiko.ssh_exception, n), type)
    and issubclass(getattr(paramiko.ssh_exception, n), Exception)) + ["SFTPError"]
print(json.dumps(sections))
`

// The guide has a row for each public name of paramiko's client.
func TestGuideNamesAll(t *testing.T) {
	out, err := exec.Command(testenv.Python(t, "paramiko"), "-c", introspection).Output()
	check(t, err)
	var sections map[string][]string
	check(t, json.Unmarshal(out, &sections))
	text, err := os.ReadFile("../../docs/guide/coming-from-paramiko.md")
	check(t, err)
	count := 0
	for section, names := range sections {
		_, body, found := strings.Cut(string(text), "\n## "+section+"\n")
		if !found {
			t.Errorf("no section %s", section)
		}
		body, _, _ = strings.Cut(body, "\n## ")
		for _, name := range names {
			count++
			if !regexp.MustCompile("(?m)^\\|[^|]*`" + name + "[`(]").MatchString(body) {
				t.Errorf("%s: no row for %s", section, name)
			}
		}
	}
	if count < 250 {
		t.Errorf("only %d names seen", count)
	}
}
