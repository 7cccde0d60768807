package dnsclient

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// Protocols a server can be asked by.
const (
	UDP   = "udp"
	TCP   = "tcp"
	TLS   = "tls"
	HTTPS = "https"
)

// Server is where questions go.
type Server struct {
	Protocol string
	Host     string // address or name
	Port     int
	URL      string // of HTTPS
}

// ParseServer reads "192.0.2.53", "192.0.2.53:5353", "[2001:db8::1]:53",
// "ns.example.com", "tcp://...", "tls://dns.example" and
// "https://dns.example/dns-query". The port counts where the text has none.
func ParseServer(text string, port int) (Server, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = UDP, text
	}
	s := Server{Protocol: scheme}
	switch scheme {
	case UDP, TCP:
		s.Port = 53
	case TLS:
		s.Port = 853
	case HTTPS:
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			return Server{}, fault.New(fault.Usage, "%q is no URL of a name server", text)
		}
		s.Host, s.URL, s.Port = u.Hostname(), text, 443
		return s, nil
	default:
		return Server{}, fault.New(fault.Usage, "server %q: unknown protocol %q", text, scheme).WithHint("udp, tcp, tls or https")
	}
	if port > 0 {
		s.Port = port
	}
	return s, s.address(rest, text)
}

// address reads host and port.
func (s *Server) address(rest, text string) error {
	bare := rest
	if strings.HasPrefix(rest, "[") && strings.HasSuffix(rest, "]") {
		bare = rest[1 : len(rest)-1]
	}
	if a, err := netip.ParseAddr(bare); err == nil {
		s.Host = a.String()
		return nil
	}
	host, digits, err := net.SplitHostPort(rest)
	if err != nil {
		host, digits = rest, strconv.Itoa(s.Port)
	}
	port, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || port == 0 || host == "" || strings.ContainsAny(host, " /[]") || net.ParseIP(host) == nil && strings.ContainsAny(host, ":") && !strings.Contains(host, "%") {
		return fault.New(fault.Usage, "%q is no name server", text).WithHint("an address or a name, with :PORT behind it if need be")
	}
	s.Host, s.Port = host, int(port)
	return nil
}

// String writes the server as it is given: without the usual port.
func (s Server) String() string {
	usual := map[string]int{UDP: 53, TCP: 53, TLS: 853}[s.Protocol]
	text := s.Host
	switch {
	case s.Protocol == HTTPS:
		return s.URL
	case s.Port != usual:
		text = net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	}
	if s.Protocol != UDP {
		text = s.Protocol + "://" + text
	}
	return text
}

// at gives address and port; a name is looked up as the system does.
func (s Server) at(ctx context.Context) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(s.Host); err == nil {
		return netip.AddrPortFrom(a, uint16(s.Port)), nil
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", s.Host)
	if err != nil || len(found) == 0 {
		return netip.AddrPort{}, fault.New(fault.Unreachable, "no address of the name server %s", s.Host)
	}
	return netip.AddrPortFrom(found[0].Unmap(), uint16(s.Port)), nil
}
