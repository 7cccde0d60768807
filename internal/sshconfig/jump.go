package sshconfig

import (
	"net/url"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// hop is one jump host: [user@]host[:port] or ssh://[user@]host[:port].
type hop struct {
	user string // "" is the default of that host
	host string
	port int // 0 is the default of that host
}

// String is the hop as ssh -G prints it, with brackets around an address.
func (h hop) String() string {
	text := h.host
	if strings.Contains(text, ":") || strings.Trim(text, "0123456789.") == "" {
		text = "[" + text + "]"
	}
	if h.user != "" {
		text = h.user + "@" + text
	}
	if h.port != 0 {
		text += ":" + strconv.Itoa(h.port)
	}
	return text
}

// parseHop reads one hop.
func parseHop(text string) (hop, error) {
	if rest, ok := strings.CutPrefix(text, "ssh://"); ok {
		return parseHopURL(text, rest)
	}
	var h hop
	bad := fault.New(fault.Parse, "%q is no jump host", text).WithHint("write [user@]host[:port], with commas between hosts")
	rest := text
	if at := strings.LastIndex(text, "@"); at >= 0 {
		if h.user, rest = text[:at], text[at+1:]; h.user == "" {
			return h, bad
		}
	}
	host, port, ok := cutHost(rest)
	if !ok {
		return h, bad
	}
	h.host = host
	return h, h.setPort(port, bad)
}

// parseHopURL reads the part of an ssh URL behind the slashes. Parameters
// behind ';' in the user part have no meaning yet, a path is refused.
func parseHopURL(text, rest string) (hop, error) {
	var h hop
	bad := fault.New(fault.Parse, "%q is no ssh URL", text).WithHint("write ssh://[user@]host[:port]")
	if info, after, found := strings.Cut(rest, "@"); found {
		name, _, _ := strings.Cut(info, ";")
		decoded, err := url.QueryUnescape(name)
		if err != nil || decoded == "" {
			return h, bad
		}
		h.user, rest = decoded, after
	}
	rest, path, _ := strings.Cut(rest, "/")
	host, port, ok := cutHost(rest)
	if !ok || path != "" || checkDomain(host) != nil {
		return h, bad
	}
	h.host = strings.TrimSuffix(host, ".")
	return h, h.setPort(port, bad)
}

// cutHost splits host:port, [host]:port or host.
func cutHost(text string) (host, port string, ok bool) {
	if strings.HasPrefix(text, "[") {
		inside, after, closed := strings.Cut(text[1:], "]")
		port, colon := strings.CutPrefix(after, ":")
		return inside, port, closed && inside != "" && (after == "" || colon)
	}
	host, port, _ = strings.Cut(text, ":")
	return host, port, host != "" && !strings.Contains(text, "/")
}

func (h *hop) setPort(text string, bad error) error {
	if text == "" {
		return nil
	}
	port, err := parsePort(text)
	if err != nil || port == 0 {
		return bad
	}
	h.port = port
	return nil
}

// parseJump reads the hops of ProxyJump.
func parseJump(list string) ([]hop, error) {
	var hops []hop
	for _, text := range strings.Split(list, ",") {
		h, err := parseHop(text)
		if err != nil {
			return nil, err
		}
		hops = append(hops, h)
	}
	return hops, nil
}

// check refuses names that could do harm. As in newer ssh that is for overrides
// and for the hops that are gone through, and not for every line of a file.
func (h hop) check() error {
	if err := checkHost("jump host", h.host); err != nil {
		if strings.ContainsAny(h.host, `"'`) {
			return fault.From(err).WithHint("ssh takes the hosts of ProxyJump without quotes")
		}
		return err
	}
	if h.user == "" {
		return nil
	}
	return checkUser("jump user", h.user)
}

// lastHop is the hop nearest to the host; the zero hop when there is none, or
// none that can be used: its name becomes part of commands.
func lastHop(list string) hop {
	hops, err := parseJump(list)
	if err != nil || list == "none" {
		return hop{}
	}
	last := hops[len(hops)-1]
	if last.check() != nil {
		return hop{}
	}
	return last
}
