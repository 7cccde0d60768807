package sysinfo

import (
	"encoding/hex"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Endpoint is one side of a connection.
type Endpoint struct {
	IP   string `lua:"ip" doc:"The address."`
	Port int    `lua:"port" doc:"The port."`
}

// Connection is a socket of TCP, UDP or the machine itself.
type Connection struct {
	Type   string    `lua:"type" doc:"tcp, udp or unix."`
	Family string    `lua:"family" doc:"ipv4, ipv6 or unix."`
	Local  *Endpoint `lua:"laddr" doc:"This side."`
	Remote *Endpoint `lua:"raddr" doc:"The other side; missing when there is none."`
	Path   *string   `lua:"path" doc:"Path of a unix socket; missing when it has none."`
	Status *string   `lua:"status" doc:"State of a TCP connection, e.g. LISTEN or ESTABLISHED; missing for others."`
	PID    *int      `lua:"pid" doc:"Process that has it open; missing when it may not be known."`
	FD     *int      `lua:"fd" doc:"Its number in that process."`
	UID    *int      `lua:"uid" doc:"User that opened it; missing for unix sockets."`
	inode  string
}

// owner is who has a socket open.
type owner struct{ pid, fd int }

var tcpStates = map[string]string{
	"01": "ESTABLISHED", "02": "SYN_SENT", "03": "SYN_RECV", "04": "FIN_WAIT1", "05": "FIN_WAIT2", "06": "TIME_WAIT",
	"07": "CLOSE", "08": "CLOSE_WAIT", "09": "LAST_ACK", "0A": "LISTEN", "0B": "CLOSING", "0C": "SYN_RECV",
}

// Kinds are the words for sets of connections, as psutil has them.
var Kinds = map[string][]string{
	"all": {"tcp", "tcp6", "udp", "udp6", "unix"}, "inet": {"tcp", "tcp6", "udp", "udp6"},
	"inet4": {"tcp", "udp"}, "inet6": {"tcp6", "udp6"}, "tcp": {"tcp", "tcp6"}, "tcp4": {"tcp"}, "tcp6": {"tcp6"},
	"udp": {"udp", "udp6"}, "udp4": {"udp"}, "udp6": {"udp6"}, "unix": {"unix"},
}

// Connections lists the sockets of a kind with the processes that have them
// open. A socket that several processes share comes once for each.
func (s *System) Connections(kind string) ([]Connection, error) {
	return s.connections(kind, "/proc/net/", s.owners())
}

func (s *System) connections(kind, dir string, owners map[string][]owner) (list []Connection, err error) {
	for _, table := range Kinds[kind] {
		data, err := s.files.read(dir + table)
		if err != nil {
			continue // a kernel without IPv6 has no such table
		}
		for line := range lines(data) {
			var c Connection
			var ok bool
			if table == "unix" {
				c, ok = parseUnix(line)
			} else {
				c, ok = parseInet(table, line)
			}
			if ok {
				list = append(list, c.owned(owners[c.inode])...)
			}
		}
	}
	return list, nil
}

// owned gives a copy for each owner.
func (c Connection) owned(owners []owner) []Connection {
	if len(owners) == 0 {
		return []Connection{c}
	}
	var copies []Connection
	for _, o := range owners {
		c.PID, c.FD = ptr(o.pid), ptr(o.fd)
		copies = append(copies, c)
	}
	return copies
}

func parseInet(table, line string) (c Connection, ok bool) {
	words := strings.Fields(line)
	if len(words) < 10 || words[0] == "sl" {
		return c, false
	}
	c = Connection{Type: table[:3], Family: "ipv4", Local: endpoint(words[1]), Remote: endpoint(words[2]), inode: words[9]}
	if table[3:] == "6" {
		c.Family = "ipv6"
	}
	if c.Local == nil {
		return c, false
	}
	if c.Remote != nil && c.Remote.Port == 0 {
		c.Remote = nil
	}
	if state, known := tcpStates[words[3]]; known && c.Type == "tcp" {
		c.Status = &state
	}
	if uid, err := strconv.Atoi(words[7]); err == nil {
		c.UID = &uid
	}
	return c, true
}

// endpoint reads an address as the kernel prints it: words of 32 bits in the
// order of the machine, which is little-endian on all we run on, then the port.
func endpoint(text string) *Endpoint {
	digits, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(digits)
	n, err2 := strconv.ParseUint(port, 16, 16)
	if err != nil || err2 != nil || len(raw) != 4 && len(raw) != 16 {
		return nil
	}
	for i := 0; i < len(raw); i += 4 {
		slices.Reverse(raw[i : i+4])
	}
	a, _ := netip.AddrFromSlice(raw)
	return &Endpoint{IP: a.String(), Port: int(n)}
}

// parseUnix reads "Num: RefCount Protocol Flags Type St Inode Path".
func parseUnix(line string) (c Connection, ok bool) {
	words := strings.Fields(line)
	if len(words) < 7 || !strings.HasSuffix(words[0], ":") {
		return c, false
	}
	c = Connection{Type: "unix", Family: "unix", inode: words[6]}
	if len(words) > 7 {
		at := strings.Index(line, " "+words[6]+" ") + len(words[6]) + 2
		c.Path = ptr(line[at:])
	}
	return c, true
}

// owners maps sockets to the processes that have them open, as far as we may
// look into those.
func (s *System) owners() map[string][]owner {
	if s.host != "" {
		return s.capturedOwners()
	}
	found := map[string][]owner{}
	for _, pid := range s.PIDs() {
		s.socketsOf(pid, found)
	}
	return found
}

func (s *System) socketsOf(pid int, found map[string][]owner) {
	dir := "/proc/" + strconv.Itoa(pid) + "/fd"
	names, _ := s.files.list(dir)
	for _, name := range names {
		target, err := s.files.link(dir + "/" + name)
		if err != nil || !strings.HasPrefix(target, "socket:[") {
			continue
		}
		inode := strings.TrimSuffix(target[len("socket:["):], "]")
		fd, _ := strconv.Atoi(name)
		found[inode] = append(found[inode], owner{pid, fd})
	}
}

var (
	fdFolder = regexp.MustCompile(`^/proc/(\d+)/fd/:$`)
	fdSocket = regexp.MustCompile(`^l\S+ .* (\d+) -> '?socket:\[(\d+)\]'?$`)
)

// capturedOwners reads what ls printed of all folders of descriptors.
func (s *System) capturedOwners() map[string][]owner {
	found := map[string][]owner{}
	data, _ := s.files.read("!fd")
	pid := 0
	for line := range lines(data) {
		if m := fdFolder.FindStringSubmatch(line); m != nil {
			pid, _ = strconv.Atoi(m[1])
		} else if m := fdSocket.FindStringSubmatch(line); m != nil && pid > 0 {
			fd, _ := strconv.Atoi(m[1])
			found[m[2]] = append(found[m[2]], owner{pid, fd})
		}
	}
	return found
}
