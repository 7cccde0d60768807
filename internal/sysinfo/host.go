package sysinfo

import (
	"strconv"
	"strings"
	"time"

	"gofab/internal/fault"
)

// Host is what a machine is.
type Host struct {
	Hostname       string    `lua:"hostname" doc:"Its own name."`
	OS             string    `lua:"os" doc:"Operating system, e.g. linux."`
	Distro         string    `lua:"distro" doc:"Distribution, e.g. debian; empty when unknown."`
	Version        string    `lua:"version" doc:"Version of the distribution; empty for one without versions."`
	Pretty         string    `lua:"pretty" doc:"Name and version of the distribution for people."`
	Family         string    `lua:"family" doc:"Distributions it descends from, e.g. debian; its own name when it says nothing."`
	Kernel         string    `lua:"kernel" doc:"Release of the kernel."`
	Arch           string    `lua:"arch" doc:"Processor architecture as uname -m says it."`
	Virtualization string    `lua:"virtualization" doc:"Hypervisor, e.g. kvm, vmware, xen; empty on real hardware or when unknown."`
	Container      string    `lua:"container" doc:"Kind of container, e.g. docker, lxc, podman; empty outside of one."`
	Booted         time.Time `lua:"boot_time" doc:"When it was started."`
	Uptime         float64   `lua:"uptime" doc:"Seconds since then."`
}

// BootTime is when the machine was started.
func (s *System) BootTime() (time.Time, error) {
	data, err := s.need("/proc/stat")
	if err != nil {
		return time.Time{}, err
	}
	for line := range lines(data) {
		if value, ok := strings.CutPrefix(line, "btime "); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			if err == nil {
				return time.Unix(n, 0), nil
			}
		}
	}
	return time.Time{}, fault.New(fault.Parse, "/proc/stat has no btime")
}

// Uptime is how many seconds the machine runs.
func (s *System) Uptime() (float64, error) {
	data, err := s.need("/proc/uptime")
	if err != nil {
		return 0, err
	}
	word, _, _ := strings.Cut(string(data), " ")
	up, err := strconv.ParseFloat(word, 64)
	if err != nil {
		return 0, fault.New(fault.Parse, "/proc/uptime: cannot read %q", word)
	}
	return up, nil
}

// Host tells what the machine is.
func (s *System) Host() (h Host, err error) {
	if h.Booted, err = s.BootTime(); err != nil {
		return h, err
	}
	if h.Uptime, err = s.Uptime(); err != nil {
		return h, err
	}
	h.Hostname, h.Kernel = s.text("/proc/sys/kernel/hostname"), s.text("/proc/sys/kernel/osrelease")
	h.OS = strings.ToLower(s.text("/proc/sys/kernel/ostype"))
	h.Arch = s.arch()
	h.Virtualization, h.Container = s.virtualization(), s.container()
	release := s.osRelease()
	h.Distro, h.Version, h.Pretty = release["ID"], release["VERSION_ID"], release["PRETTY_NAME"]
	h.Family = release["ID_LIKE"]
	if h.Family == "" {
		h.Family = h.Distro
	}
	return h, nil
}

func (s *System) arch() string {
	if text := s.text("!uname"); text != "" {
		return text
	}
	return machineName()
}

// osRelease reads os-release(5).
func (s *System) osRelease() map[string]string {
	data, err := s.files.read("/etc/os-release")
	if err != nil {
		data, _ = s.files.read("/usr/lib/os-release")
	}
	values := map[string]string{}
	for line := range lines(data) {
		key, value, found := strings.Cut(strings.TrimSpace(line), "=")
		if found && !strings.HasPrefix(key, "#") {
			values[key] = strings.Trim(value, `"'`)
		}
	}
	return values
}

// vendors are words by which a hypervisor calls the machine it makes.
var vendors = []struct{ word, name string }{
	{"qemu", "kvm"}, {"kvm", "kvm"}, {"amazon ec2", "kvm"}, {"google", "kvm"}, {"vmware", "vmware"}, {"virtualbox", "virtualbox"}, {"innotek", "virtualbox"},
	{"xen", "xen"}, {"microsoft corporation virtual", "hyperv"}, {"parallels", "parallels"}, {"bhyve", "bhyve"},
	{"openstack", "kvm"}, {"nutanix", "kvm"}, {"bochs", "bochs"}, {"apple virtualization", "apple"}, {"digitalocean", "kvm"}, {"hetzner", "kvm"},
}

// virtualization names the hypervisor: by what the firmware says, and else
// by the processor's flag that there is one.
func (s *System) virtualization() string {
	firmware := strings.ToLower(s.text("/sys/class/dmi/id/sys_vendor") + " " + s.text("/sys/class/dmi/id/product_name"))
	for _, v := range vendors {
		if strings.Contains(firmware, v.word) {
			return v.name
		}
	}
	if s.text("/proc/xen/capabilities") != "" {
		return "xen"
	}
	data, _ := s.files.read("/proc/cpuinfo")
	for line := range lines(data) {
		if key, value := keyValue(line); key == "flags" {
			if strings.Contains(" "+value+" ", " hypervisor ") {
				return "vm"
			}
			break
		}
	}
	return ""
}

// container names the kind of container that the machine is.
func (s *System) container() string {
	if name := s.text("/run/systemd/container"); name != "" {
		return name
	}
	data, _ := s.files.read("/proc/1/environ")
	for word := range strings.SplitSeq(string(data), "\x00") {
		if name, ok := strings.CutPrefix(word, "container="); ok && name != "" {
			return name
		}
	}
	for _, mark := range []struct{ path, name string }{{"/.dockerenv", "docker"}, {"/run/.containerenv", "podman"}} {
		if _, err := s.files.read(mark.path); err == nil || strings.Contains(s.text("!docker"), mark.path) {
			return mark.name
		}
	}
	groups := s.text("/proc/1/cgroup")
	for _, name := range []string{"docker", "lxc", "kubepods"} {
		if strings.Contains(groups, "/"+name) {
			return name
		}
	}
	return ""
}
