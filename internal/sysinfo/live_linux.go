package sysinfo

import (
	"net"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"gofab/internal/fault"
)

// machineName is what uname -m says.
func machineName() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Machine[:])
}

func statfs(path string) (u Usage, err error) {
	var st unix.Statfs_t
	_, err = retry(func() (int, error) { return 0, unix.Statfs(path, &st) })
	if err != nil {
		return u, fault.OS(&os.PathError{Op: "statfs", Path: path, Err: err}, "cannot tell how full %s is", path)
	}
	unit := uint64(st.Frsize)
	u = Usage{Total: st.Blocks * unit, Used: (st.Blocks - st.Bfree) * unit, Free: st.Bavail * unit}
	u.Percent = percent(float64(u.Used), float64(u.Used+u.Free))
	u.inodes(st.Files, st.Ffree)
	return u, nil
}

// Interfaces lists the network interfaces with their addresses, by number.
func (s *System) Interfaces() ([]Interface, error) {
	if s.host != "" {
		return s.capturedInterfaces(), nil
	}
	found, err := net.Interfaces()
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "cannot list the network interfaces")
	}
	var list []Interface
	for _, f := range found {
		list = append(list, s.liveInterface(f))
	}
	return list, nil
}

func (s *System) liveInterface(f net.Interface) Interface {
	i := Interface{Name: f.Name, MTU: f.MTU}
	bits := linkFlags(f.Name)
	i.Flags, i.Up = flagWords(uint64(bits)), bits&unix.IFF_RUNNING != 0
	mac := f.HardwareAddr.String()
	if mac == "" && f.Flags&net.FlagLoopback != 0 {
		mac = "00:00:00:00:00:00"
	}
	if mac != "" {
		i.MAC = &mac
	}
	s.linkFacts(&i)
	addresses, _ := f.Addrs()
	for _, a := range addresses {
		made := address(a.String())
		if made.Family == "ipv4" {
			fill(f.Name, &made)
		}
		if made.Address != "" {
			i.Addresses = append(i.Addresses, made)
		}
	}
	return i
}

// linkFlags asks for an interface's flags, which Go knows only in part.
func linkFlags(name string) uint16 {
	req, err := unix.NewIfreq(name)
	if err != nil || ioctl(unix.SIOCGIFFLAGS, req) != nil {
		return 0
	}
	return req.Uint16()
}

// fill asks for what an address is connected with. That the answer is about
// this address and no other of the interface, is asked first.
func fill(name string, a *Address) {
	own, _ := inet4(name, unix.SIOCGIFADDR)
	if own != a.Address {
		return
	}
	flags := linkFlags(name)
	if broadcast, ok := inet4(name, unix.SIOCGIFBRDADDR); ok && flags&unix.IFF_BROADCAST != 0 {
		a.Broadcast = &broadcast
	}
	if peer, ok := inet4(name, unix.SIOCGIFDSTADDR); ok && flags&unix.IFF_POINTOPOINT != 0 {
		a.Peer = &peer
	}
}

func inet4(name string, request uint) (string, bool) {
	req, err := unix.NewIfreq(name)
	if err != nil || ioctl(request, req) != nil {
		return "", false
	}
	ip, err := req.Inet4Addr()
	if err != nil {
		return "", false
	}
	text := net.IP(ip).String()
	return text, !strings.HasPrefix(text, "0.")
}

func ioctl(request uint, req *unix.Ifreq) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer closeFD(fd)
	return unix.IoctlIfreq(fd, request, req)
}
