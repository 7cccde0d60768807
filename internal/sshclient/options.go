package sshclient

import (
	"net"
	"strconv"
	"strings"
	"time"

	"gofab/internal/fault"
)

// options are the settings of one login, in the form the engine wants.
type options struct {
	name          string // inventory name
	host          string // name or address to connect to
	alias         string // name in known_hosts; empty is host
	user          string
	port          int
	addressFamily string // any, inet, inet6
	bindAddress   string
	jumps         []hop
	proxyCommand  string

	forwardAgent string   // socket of the agent to forward; empty forwards none
	env          []string // NAME=value, sent with each command
	revokedKeys  []string // files of host keys that are never accepted

	connectTimeout time.Duration
	loginTimeout   time.Duration // from the first byte to the end of the authentication
	attempts       int
	aliveInterval  time.Duration // 0 is none
	aliveMax       int

	methods             []string // of authentication, in order
	identityFiles       []string
	identityGiven       bool // these files were named, and are not the usual ones
	certificateFiles    []string
	identitiesOnly      bool
	agentSocket         string
	publicKeyAlgorithms []string // nil is the default, as in the other lists
	passwordPrompts     int
	batch               bool // nobody is asked anything

	strict            string // yes, no, ask, accept-new
	userKnownHosts    []string
	globalKnownHosts  []string
	hashKnownHosts    bool
	hostKeyAlgorithms []string
	kexAlgorithms     []string
	ciphers           []string
	macs              []string
	rekeyLimit        uint64   // bytes; 0 is the default of the cipher
	caAlgorithms      []string // signatures of authorities in host certificates; nil is the default
	minRSA            int      // bits of the smallest RSA key, of hosts and of users

	updateHostKeys string // yes, no, ask: learn further keys of the host from it
	addKeys        addKeys
	noTCPKeepAlive bool
}

const (
	defaultConnectTimeout = 10 * time.Second
	defaultAliveInterval  = 15 * time.Second
	defaultAliveMax       = 3
)

// hop is one element of ProxyJump.
type hop struct {
	user string // empty: as configured
	host string
	port int // 0: as configured
}

// readHop reads [user@]host[:port] or an ssh:// URL of the same.
func readHop(text string) (hop, error) {
	rest := strings.TrimSuffix(strings.TrimPrefix(text, "ssh://"), "/")
	var h hop
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		h.user, rest = rest[:at], rest[at+1:]
	}
	h.host = rest
	if host, port, err := net.SplitHostPort(rest); err == nil {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return h, fault.New(fault.Usage, "ProxyJump %q: %q is no port", text, port)
		}
		h.host, h.port = host, int(n)
	}
	h.host = strings.Trim(h.host, "[]")
	if h.host == "" || strings.HasPrefix(h.host, "-") {
		return h, fault.New(fault.Usage, "ProxyJump %q names no host", text)
	}
	return h, nil
}

// key tells two ways to the same place apart from the ways to another.
func (o *options) key() string {
	key := o.user + "@" + hostPort(o.host, o.port) + " " + o.alias + " " + o.proxyCommand
	for _, h := range o.jumps {
		key += " via " + h.user + "@" + hostPort(h.host, h.port)
	}
	return key
}

// hostKeyName is what known_hosts calls the host. An alias stands for the whole
// address, its port included.
func (o *options) hostKeyName() (host string, port int) {
	if o.alias != "" {
		return o.alias, 22
	}
	return o.host, o.port
}

// knownHosts are all files to look into, the user's first.
func (o *options) knownHosts() []string {
	return append(append([]string(nil), o.userKnownHosts...), o.globalKnownHosts...)
}

// ipNetwork is what the resolver is asked for.
func (o *options) ipNetwork() string {
	switch o.addressFamily {
	case "inet":
		return "ip4"
	case "inet6":
		return "ip6"
	default:
		return "ip"
	}
}

// tcpDialer connects from BindAddress, if there is one.
func (o *options) tcpDialer() (*net.Dialer, error) {
	dialer := &net.Dialer{}
	if o.noTCPKeepAlive {
		dialer.KeepAlive = -1
	}
	if o.bindAddress != "" {
		ip := net.ParseIP(o.bindAddress)
		if ip == nil {
			return nil, fault.New(fault.Usage, "BindAddress %q is no address", o.bindAddress)
		}
		dialer.LocalAddr = &net.TCPAddr{IP: ip}
	}
	return dialer, nil
}
