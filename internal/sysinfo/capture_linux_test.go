package sysinfo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gofab/internal/fault"
	"gofab/internal/testenv"
	"gofab/internal/transfer"
)

// shellMachine is this machine, reached as a host is: by lines for a shell.
type shellMachine struct{ words []string }

func (m shellMachine) Label() string { return "web1" }

func (m shellMachine) Output(ctx context.Context, line string, _ io.Reader, _ int64) ([]byte, error) {
	return exec.CommandContext(ctx, m.words[0], append(m.words[1:], line)...).Output()
}

func (m shellMachine) ReadFile(context.Context, string, int64) ([]byte, error) {
	return nil, fault.New(fault.Unsupported, "not needed")
}

func (m shellMachine) Files(context.Context) (transfer.FS, error) {
	return nil, fault.New(fault.Unsupported, "not needed")
}

var allParts = []Part{PartCPU, PartTopology, PartMemory, PartMounts, PartDisks, PartNetwork, PartInterfaces, PartConnections, PartSensors,
	PartUsers, PartHost, PartProcesses, PartProcessIO}

// userlands are what hosts have: GNU's programs, and those of small systems.
func userlands(t *testing.T) map[string]shellMachine {
	busybox, bin := testenv.Require(t, "busybox"), t.TempDir()
	for _, name := range []string{"sh", "grep", "sed", "ls", "df", "ip", "uname"} {
		if err := os.Symlink(busybox, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]shellMachine{
		"dash":    {[]string{testenv.Require(t, "dash"), "-c"}},
		"busybox": {[]string{testenv.Require(t, "env"), "PATH=" + bin, "sh", "-c"}},
	}
}

func capture(t *testing.T, m shellMachine) *System {
	t.Helper()
	s, err := Capture(context.Background(), m, allParts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// captured runs a test for each kind of host.
func captured(t *testing.T, test func(t *testing.T, far *System)) {
	for name, m := range userlands(t) {
		t.Run(name, func(t *testing.T) { test(t, capture(t, m)) })
	}
}

// A host tells the same as the machine itself.
func TestCaptureIsTheMachine(t *testing.T) { captured(t, testMachine) }

func testMachine(t *testing.T, far *System) {
	near := here(t)
	c := comparison{t, "captured"}
	n, f := must(near.Host()), must(far.Host())
	n.Uptime, f.Uptime = 0, 0
	c.same("host", f, n)
	nearDisks, farDisks := must(near.Partitions(true)), must(far.Partitions(true))
	c.same("partitions", farDisks, nearDisks)
	c.equal("total", float64(must(far.Memory()).Total), float64(must(near.Memory()).Total))
	nu, fu := must(near.Usage("/")), must(far.Usage("/"))
	c.equal("room", float64(fu.Total), float64(nu.Total))
	c.equal("inodes", float64(*fu.Inodes), float64(*nu.Inodes))
	c.same("users", far.Users(), near.Users())
	c.same("temperatures", len(far.Temperatures()), len(near.Temperatures()))
	nearLogical, _, err := near.CPUCount()
	farLogical, _, err2 := far.CPUCount()
	c.same("processors", fmt.Sprint(farLogical, err), fmt.Sprint(nearLogical, err2))
	compareLinks(c, must(near.Interfaces()), must(far.Interfaces()))
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func compareLinks(c comparison, near, far []Interface) {
	c.same("interfaces", len(far), len(near))
	for _, i := range far {
		at := slices.IndexFunc(near, func(n Interface) bool { return n.Name == i.Name })
		if at < 0 {
			c.t.Errorf("%s is not there", i.Name)
			continue
		}
		n := near[at]
		c.same(i.Name, fmt.Sprint(i.MTU, orNil(i.MAC), orNil(i.Speed), i.Up), fmt.Sprint(n.MTU, orNil(n.MAC), orNil(n.Speed), n.Up))
		text := func(list []Address) (rows []string) {
			for _, a := range list {
				rows = append(rows, fmt.Sprint(a.Family, a.Address, a.Prefix, a.Netmask, orNil(a.Broadcast), orNil(a.Peer)))
			}
			return rows
		}
		c.same(i.Name+" addresses", text(i.Addresses), text(n.Addresses))
	}
}

// Processes come through the capture as they are, whatever they call
// themselves.
func TestCapturedProcesses(t *testing.T) {
	odd := oddities(t)
	for _, p := range odd {
		settled(t, p)
	}
	fields := []string{"name", "ppid", "status", "username", "uids", "cmdline", "create_time", "nice", "num_threads", "rss", "terminal"}
	captured(t, func(t *testing.T, s *System) {
		list := must(s.Processes(context.Background(), fields, Filter{}))
		for _, i := range must(s.Processes(context.Background(), Fields(), Filter{})) {
			if i.Exe != nil || i.Cwd != nil || i.Environ != nil || i.FDs != nil || i.PSS != nil {
				t.Fatalf("known without being captured: %+v", i)
			}
		}
		for name, p := range odd {
			at := slices.IndexFunc(list, func(i *Info) bool { return i.PID == p.PID })
			if at < 0 {
				t.Errorf("%s was not captured", name)
				continue
			}
			near, far := must(p.Info(context.Background(), fields)), list[at]
			comparison{t, name}.same("captured", describe(far), describe(near))
		}
	})
}

func describe(i *Info) string {
	return fmt.Sprintf("%q", []any{*i.Name, *i.PPID, *i.Status, *i.User, *i.UIDs, *i.Cmdline, *i.Created, *i.Nice, *i.Threads, *i.RSS, orNil(i.Terminal)})
}

// Who has a socket open is known of a host as well.
func TestCapturedConnections(t *testing.T) {
	near := must(here(t).Connections("all"))
	rows := func(list []Connection) (rows []string) {
		for _, c := range list {
			if c.PID != nil && *c.PID == os.Getpid() {
				rows = append(rows, ourRows([]Connection{c})...)
			}
		}
		slices.Sort(rows)
		return rows
	}
	captured(t, func(t *testing.T, s *System) {
		comparison{t, "captured"}.same("connections", rows(must(s.Connections("all"))), rows(near))
	})
}

// What cannot be done from afar says so.
func TestCapturedProcessIsOnlySeen(t *testing.T) {
	p := must(capture(t, userlands(t)["dash"]).Process(os.Getpid()))
	if err := p.Signal(0); fault.KindOf(err) != fault.Unsupported || fault.From(err).Host != "web1" {
		t.Errorf("a signal to a host: %v", err)
	}
}

// A host without /proc says so, and which host it is.
func TestCaptureOfNoLinux(t *testing.T) {
	s := &System{files: parseCapture([]byte("!uname:arm64\n")), host: "mac1"}
	for _, err := range []error{failure(s.Memory()), failure(s.Load()), failure(s.Host()), failure(s.Facts())} {
		if fault.KindOf(err) != fault.Unsupported || fault.From(err).Host != "mac1" {
			t.Errorf("got %v", err)
		}
	}
}

func failure[T any](_ T, err error) error { return err }

// Sensors are read from a tree, with colons in the names of folders.
func TestSensors(t *testing.T) {
	dir := t.TempDir()
	g := &generator{t: t, dir: dir}
	for name, text := range map[string]string{
		"class/hwmon/hwmon0/name": "coretemp\n", "class/hwmon/hwmon0/temp1_input": "45500\n", "class/hwmon/hwmon0/temp1_label": "Core 0\n",
		"class/hwmon/hwmon0/temp1_crit": "100000\n", "class/hwmon/hwmon0/temp2_input": "broken\n", "class/hwmon/hwmon0/fan1_input": "1200\n",
		"class/power_supply/BAT0:1/energy_now": "30\n", "class/power_supply/BAT0:1/energy_full": "40\n", "class/power_supply/BAT0:1/power_now": "10\n",
		"class/power_supply/BAT0:1/status": "Discharging\n",
	} {
		g.write(name, text)
	}
	var stream bytes.Buffer
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			data, _ := os.ReadFile(path)
			fmt.Fprintf(&stream, "/sys%s:%s", strings.TrimPrefix(path, dir), data)
		}
		return err
	})
	for _, s := range []*System{At(t.TempDir(), dir), {files: parseCapture(stream.Bytes()), host: "web1"}} {
		heat, fans, battery := s.Temperatures(), s.Fans(), s.Battery()
		if len(heat) != 1 || heat[0].Current != 45.5 || *heat[0].Critical != 100 || heat[0].High != nil || heat[0].Label != "Core 0" {
			t.Errorf("temperatures %+v", heat)
		}
		if len(fans) != 1 || fans[0].Current != 1200 || fans[0].Chip != "coretemp" {
			t.Errorf("fans %+v", fans)
		}
		if battery == nil || battery.Percent != 75 || *battery.Left != 3*3600 || *battery.Plugged {
			t.Errorf("battery %+v", battery)
		}
	}
}

// FuzzCapture feeds what a host may send to every parser there is.
func FuzzCapture(f *testing.F) {
	f.Add([]byte("/proc/1/stat:1 (a) S 0 1 1 0 -1 4 0 0 0 0 1 2 0 0 20 0 1 0 5 6 7\n/proc/stat:btime 5\ncpu 1 2\n/proc/uptime:1 2\n"))
	f.Add([]byte("/proc/meminfo:MemTotal: 1 kB\n/proc/net/tcp: 0: 0100007F:0016 00000000:0000 0A 0 0 0 0 0 9\n!df:/dev/a 1 2 3 4% /\n"))
	f.Add([]byte("!ip:1: lo inet 127.0.0.1/8 scope\n!fd:/proc/1/fd/:\n!fd:lrwx 1 0 0 64 Jan 1 00:00 3 -> socket:[9]\n/run/utmp:\x07\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &System{files: parseCapture(data), host: "web1"}
		_, _ = s.Facts()
		_, _ = s.Connections("all")
		_, _, _ = s.DiskIO()
		_, _, _ = s.NetIO()
		_, _ = s.Users(), s.Battery()
		_, _ = s.Temperatures(), s.CPUFreq()
		list, _ := s.Processes(context.Background(), Fields(), Filter{})
		for _, i := range list {
			if i.PID < 1 {
				t.Errorf("process %d", i.PID)
			}
			if p, err := s.Process(i.PID); err == nil {
				_, _ = p.Children(context.Background(), true)
				_, _ = p.MemoryMaps(true)
				_, _ = p.Parent()
			}
		}
	})
}

// A path with blanks is a path; a unix socket may have one.
func TestUnixSocketWithBlanks(t *testing.T) {
	c, ok := parseUnix("0000000000000000: 00000002 00000000 00010000 0001 01 4711 /run/a b  c")
	if !ok || *c.Path != "/run/a b  c" || c.inode != "4711" {
		t.Errorf("%+v", c)
	}
}
