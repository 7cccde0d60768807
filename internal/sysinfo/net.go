package sysinfo

import (
	"net/netip"
	"strconv"
	"strings"
)

// NetIO are counters of a network interface since boot.
type NetIO struct {
	BytesSent       uint64 `lua:"bytes_sent" doc:"Bytes sent."`
	BytesReceived   uint64 `lua:"bytes_recv" doc:"Bytes received."`
	PacketsSent     uint64 `lua:"packets_sent" doc:"Packets sent."`
	PacketsReceived uint64 `lua:"packets_recv" doc:"Packets received."`
	ErrorsIn        uint64 `lua:"errin" doc:"Errors while receiving."`
	ErrorsOut       uint64 `lua:"errout" doc:"Errors while sending."`
	DropsIn         uint64 `lua:"dropin" doc:"Packets that came and were dropped."`
	DropsOut        uint64 `lua:"dropout" doc:"Packets that were to go and were dropped."`
}

// NetIO gives the counters of each interface, and their sum.
func (s *System) NetIO() (total NetIO, each map[string]NetIO, err error) {
	data, err := s.need("/proc/net/dev")
	each = map[string]NetIO{}
	for line := range lines(data) {
		at := strings.LastIndexByte(line, ':') // an alias has a colon in its name
		if at < 0 {
			continue
		}
		words := strings.Fields(line[at+1:])
		if len(words) < 12 {
			continue
		}
		var n [12]uint64
		for i := range n {
			n[i] = unsigned(words[i])
		}
		io := NetIO{n[8], n[0], n[9], n[1], n[2], n[10], n[3], n[11]}
		each[strings.TrimSpace(line[:at])] = io
		total.add(io)
	}
	return total, each, err
}

func (n *NetIO) add(o NetIO) {
	n.BytesSent, n.BytesReceived = n.BytesSent+o.BytesSent, n.BytesReceived+o.BytesReceived
	n.PacketsSent, n.PacketsReceived = n.PacketsSent+o.PacketsSent, n.PacketsReceived+o.PacketsReceived
	n.ErrorsIn, n.ErrorsOut = n.ErrorsIn+o.ErrorsIn, n.ErrorsOut+o.ErrorsOut
	n.DropsIn, n.DropsOut = n.DropsIn+o.DropsIn, n.DropsOut+o.DropsOut
}

// Address is an address of an interface.
type Address struct {
	Family    string  `lua:"family" doc:"ipv4 or ipv6."`
	Address   string  `lua:"address" doc:"The address, without zone and length."`
	Prefix    int     `lua:"prefix" doc:"Length of the network part in bits."`
	Netmask   string  `lua:"netmask" doc:"The network part as a mask."`
	Broadcast *string `lua:"broadcast" doc:"Address of all; missing where there is none."`
	Peer      *string `lua:"peer" doc:"The other end of a point-to-point link; missing otherwise."`
}

// Interface is a network interface.
type Interface struct {
	Name      string    `lua:"name" doc:"Its name."`
	Up        bool      `lua:"is_up" doc:"Whether it is up and running."`
	MTU       int       `lua:"mtu" doc:"Largest packet in bytes."`
	Speed     *int      `lua:"speed" doc:"Mbit/s; missing when unknown."`
	Duplex    *string   `lua:"duplex" doc:"full or half; missing when unknown."`
	MAC       *string   `lua:"mac" doc:"Hardware address; missing where there is none."`
	Flags     []string  `lua:"flags" doc:"up, broadcast, running, loopback, ..."`
	Addresses []Address `lua:"addresses" doc:"Its addresses."`
}

// flagNames are the bits of an interface's flags, from the lowest.
var flagNames = []string{"up", "broadcast", "debug", "loopback", "pointopoint", "notrailers", "running", "noarp",
	"promisc", "allmulti", "master", "slave", "multicast", "portsel", "automedia", "dynamic"}

func flagWords(bits uint64) (words []string) {
	for i, name := range flagNames {
		if bits&(1<<i) != 0 {
			words = append(words, name)
		}
	}
	return words
}

// linkFacts fills in what /sys/class/net says. Reading the speed of an interface
// that is down fails, and a virtual one says -1.
func (s *System) linkFacts(i *Interface) {
	dir := "/sys/class/net/" + i.Name
	if n := s.number(dir + "/speed"); n != nil && *n > 0 && *n < 1<<31 {
		i.Speed = ptr(int(*n))
	}
	if d := s.text(dir + "/duplex"); d == "full" || d == "half" {
		i.Duplex = &d
	}
}

// capturedInterfaces reads a host's interfaces from /sys and its addresses
// from ip(8).
func (s *System) capturedInterfaces() []Interface {
	names, _ := s.files.list("/sys/class/net")
	addresses := s.ipAddresses()
	var list []Interface
	for _, name := range names {
		dir := "/sys/class/net/" + name
		i := Interface{Name: name, Addresses: addresses[name]}
		bits, _ := strconv.ParseUint(s.text(dir+"/flags"), 0, 32)
		i.Flags = flagWords(bits)
		i.Up = bits&1 != 0 && s.text(dir+"/operstate") != "down"
		if mtu := s.number(dir + "/mtu"); mtu != nil {
			i.MTU = int(*mtu)
		}
		if mac := s.text(dir + "/address"); strings.Count(mac, ":") >= 5 {
			i.MAC = &mac
		}
		s.linkFacts(&i)
		list = append(list, i)
	}
	return list
}

// ipAddresses reads lines such as "2: eth0    inet 192.0.2.7/24 brd
// 192.0.2.255 scope global eth0".
func (s *System) ipAddresses() map[string][]Address {
	found := map[string][]Address{}
	data, _ := s.files.read("!ip")
	for line := range lines(data) {
		words := strings.Fields(line)
		if len(words) < 4 || words[2] != "inet" && words[2] != "inet6" {
			continue
		}
		var a Address
		rest := words[4:]
		if len(rest) > 1 && rest[0] == "peer" { // the length belongs to the peer
			_, bits, _ := strings.Cut(rest[1], "/")
			a = address(words[3] + "/" + bits)
			peer, _, _ := strings.Cut(rest[1], "/")
			a.Peer = &peer
		} else {
			a = address(words[3])
		}
		if len(rest) > 1 && rest[0] == "brd" {
			a.Broadcast = &rest[1]
		}
		if a.Address != "" {
			name, _, _ := strings.Cut(strings.TrimSuffix(words[1], ":"), "@")
			found[name] = append(found[name], a)
		}
	}
	return found
}

// address makes the parts of "192.0.2.7/24".
func address(text string) Address {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return Address{}
	}
	a := Address{Family: "ipv4", Address: p.Addr().String(), Prefix: p.Bits(), Netmask: netmask(p.Addr().BitLen(), p.Bits())}
	if p.Addr().Is6() {
		a.Family = "ipv6"
	}
	return a
}

func netmask(length, ones int) string {
	mask := make([]byte, length/8)
	for i := range ones {
		mask[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(mask)
	return a.String()
}

// worldwide says that an address is good for more than the own link.
func worldwide(text string) bool {
	a, err := netip.ParseAddr(text)
	return err == nil && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !a.IsMulticast() && !a.IsUnspecified()
}
