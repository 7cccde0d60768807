package sysinfo

import (
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func here(t testing.TB) *System {
	s, err := Local(func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What does not move on this machine is equal to psutil's.
func TestThisMachineAgainstPsutil(t *testing.T) {
	original, s := psutil(t), here(t)
	var want struct {
		Count, Cores    *int
		Boot            float64
		Partitions, All []record
		Usage           record
		Addresses       map[string][]record
		Links           map[string]record
		Users           []record
	}
	original.Ask(record{"call": "system"}, &want)
	c := comparison{t, "this machine"}
	logical, physical, err := s.CPUCount()
	if err != nil || logical != *want.Count || physical == nil || *physical != *want.Cores {
		t.Errorf("processors: %d and %v, want %d and %d: %v", logical, physical, *want.Count, *want.Cores, err)
	}
	boot, err := s.BootTime()
	c.equal("boot", float64(boot.Unix()), want.Boot)
	if err != nil {
		t.Error(err)
	}
	for all, list := range map[bool][]record{false: want.Partitions, true: want.All} {
		c.partitions(s, all, list)
	}
	u, err := s.Usage("/")
	c.equal("total", float64(u.Total), want.Usage.number("total"))
	if err != nil || u.Used+u.Free > u.Total {
		t.Errorf("usage %+v: %v", u, err)
	}
	c.interfaces(s, want.Addresses, want.Links)
	if got := s.Users(); len(got) != len(want.Users) {
		t.Errorf("users %v, want %v", got, want.Users)
	}
}

func (c comparison) partitions(s *System, all bool, want []record) {
	got, err := s.Partitions(all)
	if err != nil || len(got) != len(want) {
		c.t.Fatalf("all %v: %d partitions, want %d: %v", all, len(got), len(want), err)
	}
	for i, p := range got {
		c.same("partition", []string{p.Device, p.MountPoint, p.Type, strings.Join(p.Options, ",")},
			[]any{want[i]["device"], want[i]["mountpoint"], want[i]["fstype"], want[i]["opts"]})
	}
}

func (c comparison) interfaces(s *System, addresses map[string][]record, links map[string]record) {
	list, err := s.Interfaces()
	if err != nil || len(list) != len(links) {
		c.t.Errorf("%d interfaces, want %d: %v", len(list), len(links), err)
	}
	for _, i := range list {
		l := links[i.Name]
		c.same(i.Name+" is up", i.Up, l["isup"])
		c.equal(i.Name+" mtu", float64(i.MTU), l.number("mtu"))
		speed := 0
		if i.Speed != nil {
			speed = *i.Speed
		}
		c.equal(i.Name+" speed", float64(speed), l.number("speed"))
		c.same(i.Name+" flags", strings.Join(i.Flags, ","), l["flags"])
		var got, want []string
		for _, a := range i.Addresses {
			got = append(got, a.Address)
		}
		for _, a := range addresses[i.Name] {
			text, _, _ := strings.Cut(fmt.Sprint(a["address"]), "%")
			switch a.number("family") {
			case unix.AF_PACKET:
				if i.MAC == nil || *i.MAC != text {
					c.t.Errorf("%s: mac %v, want %v", i.Name, i.MAC, text)
				}
			default:
				want = append(want, text)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		c.same(i.Name+" addresses", got, want)
	}
}

// What grows lies between two readings of psutil.
func TestMovingCountersAgainstPsutil(t *testing.T) {
	original, s := psutil(t), here(t)
	type reading struct {
		CPU, Stats, Disk record
		Nics             map[string]record
	}
	var before, after reading
	original.Ask(record{"call": "system"}, &before)
	all, _, err := s.CPUTimes()
	if err != nil {
		t.Fatal(err)
	}
	stats, err := s.CPUStats()
	if err != nil {
		t.Fatal(err)
	}
	disk, _, err := s.DiskIO()
	if err != nil {
		t.Fatal(err)
	}
	_, nics, err := s.NetIO()
	if err != nil {
		t.Fatal(err)
	}
	original.Ask(record{"call": "system"}, &after)
	between := func(what string, got, low, high float64) {
		if got < low || got > high {
			t.Errorf("%s: %v is not between %v and %v", what, got, low, high)
		}
	}
	for name, got := range map[string]float64{"user": all.User, "system": all.System, "softirq": all.SoftIRQ} {
		between(name, got, before.CPU.number(name), after.CPU.number(name))
	}
	between("ctx_switches", float64(stats.ContextSwitches), before.Stats.number("ctx_switches"), after.Stats.number("ctx_switches"))
	for name, got := range map[string]float64{"read_count": float64(disk.Reads), "write_bytes": float64(disk.WriteBytes), "busy_time": math.Round(disk.BusyTime * 1000)} {
		between("disk "+name, got, before.Disk.number(name), after.Disk.number(name))
	}
	for nic, n := range nics {
		between(nic, float64(n.BytesReceived), before.Nics[nic].number("bytes_recv"), after.Nics[nic].number("bytes_recv"))
		between(nic, float64(n.PacketsSent), before.Nics[nic].number("packets_sent"), after.Nics[nic].number("packets_sent"))
	}
}

// Sockets and who has them open are psutil's.
func TestConnectionsAgainstPsutil(t *testing.T) {
	var kept []any
	for _, at := range []string{"127.0.0.1:0", "[::1]:0", "0.0.0.0:0"} {
		l, err := net.Listen("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		out, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		in, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		u, err := net.ListenPacket("udp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer u.Close()
		kept = append(kept, l, out, in, u)
	}
	path := filepath.Join(t.TempDir(), "socket") // psutil loses a path with a blank
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	original := psutil(t)
	p, err := here(t).Process(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for kind := range Kinds {
		var want record
		original.Ask(record{"call": "process", "pid": os.Getpid(), "kind": kind, "methods": []string{}}, &want)
		list, err := p.Connections(kind)
		if err != nil {
			t.Fatal(err)
		}
		got, wanted := ourRows(list), theirRows(want["connections"])
		slices.Sort(got)
		slices.Sort(wanted)
		comparison{t, kind}.same("connections", got, wanted)
		all, err := here(t).Connections(kind)
		if err != nil || len(all) < len(list) {
			t.Errorf("%s: %d of the machine, %d of this process: %v", kind, len(all), len(list), err)
		}
	}
	if len(kept) != 12 {
		t.Fatal("sockets are missing")
	}
}

func ourRows(list []Connection) (rows []string) {
	for _, c := range list {
		local, remote, status := "", "", "NONE"
		if c.Path != nil {
			local = *c.Path
		}
		if c.Local != nil {
			local = c.Local.IP + " " + strconv.Itoa(c.Local.Port)
		}
		if c.Remote != nil {
			remote = c.Remote.IP + " " + strconv.Itoa(c.Remote.Port)
		}
		if c.Status != nil {
			status = *c.Status
		}
		rows = append(rows, fmt.Sprint(*c.FD, "|", local, "|", remote, "|", status))
	}
	return rows
}

func theirRows(value any) (rows []string) {
	end := func(v any) string {
		switch v := v.(type) {
		case string:
			return v
		case map[string]any:
			return fmt.Sprint(v["ip"], " ", v["port"])
		}
		return ""
	}
	all, _ := value.([]any)
	for _, item := range all {
		c := item.(map[string]any)
		rows = append(rows, fmt.Sprint(c["fd"], "|", end(c["laddr"]), "|", end(c["raddr"]), "|", c["status"]))
	}
	return rows
}

// Users are read from records of utmp.
func TestUsers(t *testing.T) {
	r := make([]byte, utmpSize)
	binary.LittleEndian.PutUint16(r, userProcess)
	binary.LittleEndian.PutUint32(r[4:], 42)
	copy(r[8:], "pts/3")
	copy(r[44:], "ops")
	copy(r[76:], "192.0.2.1")
	binary.LittleEndian.PutUint32(r[340:], 1_700_000_000)
	s := &System{files: snapshot{content: map[string][]byte{"/run/utmp": append(append(make([]byte, utmpSize), r...), 1, 2, 3)}}}
	u := s.Users()
	if len(u) != 1 {
		t.Fatalf("users %v", u)
	}
	if got := fmt.Sprintln(u[0].Name, u[0].Terminal, u[0].Host, u[0].Started.Unix(), u[0].PID); got != "ops pts/3 192.0.2.1 1700000000 42\n" {
		t.Errorf("got %s", got)
	}
}
