//go:build linux

package run_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The same work by gofab and by those whom people use for it now: a command, or
// four one after the other, on many hosts, with the same keys, the same number
// of hosts at once and the host keys checked (Fabric checks none). What counts
// is the processor time of the whole tree of processes.

const peerForks = 50

// peer is one way to run commands on hosts.
type peer struct {
	name    string
	program string // skipped by name when it is missing
	command func(f *street, times int) []string
}

var peers = []peer{
	{"gofab", "go", func(f *street, times int) []string {
		script := fmt.Sprintf(`local g = hosts(fs.read(%q)) for i = 1, %d do g:run("true", { hide = true }) end`, f.hosts, times)
		return []string{f.gofab, "-q", "-f", strconv.Itoa(peerForks), "--ssh-config", f.config, "-e", script}
	}},
	{"ssh and xargs", "ssh", func(f *street, times int) []string {
		return again(times, "xargs -P %d -a %s -I{} ssh -F %s {} true", peerForks, f.hosts, f.config)
	}},
	{"clush", "clush", func(f *street, times int) []string {
		return again(times, "clush -q -f %d --hostfile %s -o '-F %s' true", peerForks, f.hosts, f.config)
	}},
	{"parallel-ssh", "parallel-ssh", func(f *street, times int) []string {
		return again(times, "parallel-ssh -p %d -t 0 -h %s -x '-F %s' true", peerForks, f.hosts, f.config)
	}},
	{"fabric", "fab", func(f *street, times int) []string {
		return []string{"/usr/bin/python3", filepath.Join(f.dir, "by_fabric.py"), f.hosts, strconv.Itoa(times)}
	}},
	{"ansible", "ansible-playbook", func(f *street, times int) []string {
		return []string{"ansible-playbook", "-i", f.hosts, "-f", strconv.Itoa(peerForks), filepath.Join(f.dir, fmt.Sprintf("play%d.yml", times))}
	}},
}

// again is a shell that does something some times over.
func again(times int, format string, args ...any) []string {
	return []string{"/bin/sh", "-c", strings.TrimSuffix(strings.Repeat(fmt.Sprintf(format, args...)+" && ", times), " && ")}
}

// BenchmarkPeers is one run of each for 500 and for 2,000 hosts.
func BenchmarkPeers(b *testing.B) {
	for _, hosts := range []int{500, 2000} {
		f := openStreet(b, hosts)
		for _, times := range []int{1, 4} {
			var ours cost
			for _, p := range peers {
				b.Run(fmt.Sprintf("hosts=%d/commands=%d/%s", hosts, times, p.name), func(b *testing.B) {
					if _, err := exec.LookPath(p.program); err != nil {
						b.Skipf("no %s on this system", p.program)
					}
					var c cost
					for range b.N {
						c = c.add(f.measure(b, p.command(f, times)))
					}
					c.report(b, hosts)
					if p.name == "gofab" {
						ours = c.over(b.N)
					} else {
						b.ReportMetric(float64(c.over(b.N).cpu)/float64(ours.cpu), "times-gofab-cpu")
					}
				})
			}
		}
	}
}

// BenchmarkGrowth shows that a host costs the same, however many there are, and
// what ten thousand take at their peak.
func BenchmarkGrowth(b *testing.B) {
	for _, hosts := range []int{100, 500, 2000, 10_000} {
		forks := min(hosts/2, 500)
		b.Run(fmt.Sprintf("hosts=%d/forks=%d", hosts, forks), func(b *testing.B) {
			f := openStreet(b, hosts)
			script := fmt.Sprintf(`hosts(fs.read(%q)):run("true", { hide = true })`, f.hosts)
			var c cost
			for range b.N {
				c = c.add(f.measure(b, []string{f.gofab, "-q", "-f", strconv.Itoa(forks), "--ssh-config", f.config, "-e", script}))
			}
			c.report(b, hosts)
		})
	}
}

const fabricScript = `
import sys
from fabric import Connection, ThreadingGroup
dir = %q
hosts = open(sys.argv[1]).read().split()
def connect(h): return Connection(h, user="bench", port=%s, connect_kwargs={"key_filename": dir + "/id", "allow_agent": False, "look_for_keys": False})
for i in range(0, len(hosts), %d):
    with ThreadingGroup.from_connections([connect(h) for h in hosts[i:i+%d]]) as group:
        for _ in range(int(sys.argv[2])):
            group.run("true", hide=True)
`

// write is what the peers want to read.
func (f *street) write(name, text string) {
	must(os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600))
}

func (f *street) configurePeers() {
	f.write("by_fabric.py", fmt.Sprintf(fabricScript, f.dir, f.port, peerForks, peerForks))
	for _, times := range []int{1, 4} {
		f.write(fmt.Sprintf("play%d.yml", times), "- hosts: all\n  gather_facts: false\n  tasks:\n"+strings.Repeat("    - raw: 'true'\n", times))
	}
	f.write("ansible.cfg", fmt.Sprintf("[defaults]\nhost_key_checking = True\nlocal_tmp = %s/tmp\n[ssh_connection]\npipelining = True\n"+
		"ssh_args = -F %s -o ControlMaster=auto -o ControlPersist=60s\ncontrol_path_dir = %s/cp\n", f.dir, f.config, f.dir))
}
