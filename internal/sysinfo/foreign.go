package sysinfo

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/shirou/gopsutil/v3/disk"
	"github.com/shirou/gopsutil/v3/host"
	"github.com/shirou/gopsutil/v3/load"
	"github.com/shirou/gopsutil/v3/mem"
	"github.com/shirou/gopsutil/v3/net"

	"gofab/internal/fault"
)

// foreign is a machine without /proc, such as a Mac: what gopsutil knows of it,
// written as the files of Linux, so that one parser reads all. What it does not
// know is a missing file.
type foreign struct{ name string }

func (f foreign) read(path string) ([]byte, error) {
	text, err := "", error(nil)
	switch path {
	case "/proc/meminfo":
		text, err = foreignMemory()
	case "/proc/loadavg":
		text, err = foreignLoad()
	case "/proc/uptime", "/proc/stat":
		text, err = foreignBoot(path)
	case "/proc/self/mounts":
		text, err = foreignMounts()
	case "/proc/net/dev":
		text, err = foreignNetwork()
	case "/proc/sys/kernel/hostname", "/proc/sys/kernel/osrelease", "/proc/sys/kernel/ostype", "/etc/os-release":
		text, err = foreignHost(path)
	case "/proc/filesystems":
		text = "\tapfs\n\thfs\n\tufs\n\tzfs\n\tffs\n\tmsdos\n\texfat\n\text4\n"
	default:
		return nil, f.missing(path)
	}
	return []byte(text), err
}

// missing says what is not known; which file it would be on Linux helps
// nobody.
func (f foreign) missing(string) error {
	return fault.New(fault.Unsupported, "this is not known on %s", f.name).WithHint("ask a Linux host with on = host(...)")
}

func (f foreign) list(dir string) ([]string, error) { return nil, f.missing(dir) }

func (f foreign) link(path string) (string, error) { return "", f.missing(path) }

func foreignMemory() (string, error) {
	m, err := mem.VirtualMemory()
	if err != nil {
		return "", err
	}
	w, err := mem.SwapMemory()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("MemTotal: %d kB\nMemFree: %d kB\nMemAvailable: %d kB\nActive: %d kB\nInactive: %d kB\nBuffers: %d kB\nCached: %d kB\n"+
		"SwapTotal: %d kB\nSwapFree: %d kB\n", m.Total>>10, m.Free>>10, m.Available>>10, m.Active>>10, m.Inactive>>10, m.Buffers>>10, m.Cached>>10,
		w.Total>>10, w.Free>>10), nil
}

func foreignLoad() (string, error) {
	l, err := load.Avg()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%.2f %.2f %.2f", l.Load1, l.Load5, l.Load15), nil
}

func foreignBoot(path string) (string, error) {
	if path == "/proc/uptime" {
		up, err := host.Uptime()
		return fmt.Sprintf("%d 0", up), err
	}
	booted, err := host.BootTime()
	return fmt.Sprintf("btime %d\n", booted), err
}

// blanks writes a name as a table of mounts has it.
var blanks = strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`)

func foreignMounts() (string, error) {
	list, err := disk.PartitionsWithContext(context.Background(), true)
	var b strings.Builder
	for _, p := range list {
		fmt.Fprintf(&b, "%s %s %s %s 0 0\n", blanks.Replace(p.Device), blanks.Replace(p.Mountpoint), p.Fstype, strings.Join(p.Opts, ","))
	}
	return b.String(), err
}

func foreignNetwork() (string, error) {
	list, err := net.IOCounters(true)
	var b strings.Builder
	for _, n := range list {
		fmt.Fprintf(&b, "%s: %d %d %d %d 0 0 0 0 %d %d %d %d 0 0 0 0\n", n.Name, n.BytesRecv, n.PacketsRecv, n.Errin, n.Dropin,
			n.BytesSent, n.PacketsSent, n.Errout, n.Dropout)
	}
	return b.String(), err
}

func foreignHost(path string) (string, error) {
	if path == "/proc/sys/kernel/hostname" {
		return os.Hostname()
	}
	h, err := host.Info()
	switch {
	case err != nil:
		return "", err
	case path == "/proc/sys/kernel/ostype":
		return h.OS, nil
	case path == "/proc/sys/kernel/osrelease":
		return h.KernelVersion, nil
	}
	return fmt.Sprintf("ID=%s\nVERSION_ID=%s\nPRETTY_NAME=\"%s %s\"\nID_LIKE=%s\n", h.Platform, h.PlatformVersion, h.Platform, h.PlatformVersion, h.PlatformFamily), nil
}

// foreignUsage tells how full a file system is.
func foreignUsage(path string) (Usage, error) {
	d, err := disk.Usage(path)
	if err != nil {
		return Usage{}, fault.OS(err, "cannot tell how full %s is", path)
	}
	u := Usage{Total: d.Total, Used: d.Used, Free: d.Free, Percent: percent(float64(d.Used), float64(d.Used+d.Free))}
	u.inodes(d.InodesTotal, d.InodesFree)
	return u, nil
}
