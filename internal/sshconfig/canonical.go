package sshconfig

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// canonicalize finds the name to connect to: HostName, an address in its usual
// form, or by CanonicalizeHostname a name from one of the domains.
func (r *resolution) canonicalize() error {
	host, err := r.target()
	if err != nil {
		return fault.Wrap(fault.Parse, err, "%s: hostname", r.where["hostname"])
	}
	for _, key := range names("canonicalizehostname canonicalizefallbacklocal canonicalizemaxdots") {
		if !r.has(key) { // the final pass comes too late for these
			r.values[key] = []string{byName[key].initial}
		}
	}
	if !looksLikeAddress(host) {
		host = strings.ToLower(host)
	}
	if r.canonicalizes() {
		r.wantFinal = true
	}
	if address, ok := canonicalAddress(host, r.first("addressfamily")); ok {
		host = address
	} else if !looksLikeAddress(host) && r.canonicalizes() {
		if host, err = r.canonicalName(host); err != nil {
			return err
		}
	}
	r.host, r.values["hostname"] = host, []string{host}
	return checkHost("host name", host)
}

func (r *resolution) canonicalizes() bool {
	mode := r.first("canonicalizehostname")
	return mode == "always" || mode == "true"
}

// canonicalName tries the domains. Names that a jump host or a proxy looks up
// are left alone, unless the mode is "always".
func (r *resolution) canonicalName(host string) (string, error) {
	proxied := r.has("proxyjump") || !isNone(r.first("proxycommand")) && r.has("proxycommand")
	if proxied && r.first("canonicalizehostname") != "always" {
		return host, nil
	}
	candidates, ok := r.candidates(host)
	if !ok {
		return host, nil
	}
	for _, name := range candidates {
		cname, err := r.o.Lookup(r.ctx, name)
		if ctxErr := r.ctx.Err(); ctxErr != nil {
			return "", fault.From(ctxErr)
		}
		if err == nil {
			return r.followAlias(strings.TrimSuffix(name, "."), strings.TrimSuffix(cname, ".")), nil
		}
	}
	if r.first("canonicalizefallbacklocal") == "no" {
		return "", fault.New(fault.Unreachable, "cannot resolve %s in any of CanonicalDomains", host)
	}
	return host, nil
}

// candidates are the absolute names to try; none for a name with more dots
// than CanonicalizeMaxDots, unless it is absolute itself.
func (r *resolution) candidates(host string) (list []string, ok bool) {
	if strings.HasSuffix(host, ".") {
		return []string{host}, true
	}
	dots, err := parseInt(r.first("canonicalizemaxdots"))
	if err != nil || strings.Count(host, ".") > dots {
		return nil, false
	}
	for _, domain := range r.values["canonicaldomains"] {
		if isNone(domain) {
			break
		}
		list = append(list, host+"."+domain+".")
	}
	return list, true
}

// followAlias takes the target of a CNAME if a rule permits it.
func (r *resolution) followAlias(name, cname string) string {
	for _, rule := range r.values["canonicalizepermittedcnames"] {
		from, to, _ := strings.Cut(rule, ":")
		if cname != "" && matchList(name, from) && matchList(strings.ToLower(cname), to) {
			return strings.ToLower(cname)
		}
	}
	return name
}

// lookupSystem asks the system's resolver.
func lookupSystem(ctx context.Context, host string) (string, error) {
	if _, err := net.DefaultResolver.LookupHost(ctx, host); err != nil {
		return "", err
	}
	cname, err := net.DefaultResolver.LookupCNAME(ctx, host)
	if err != nil {
		return host, nil // it exists, and has no other name
	}
	return cname, nil
}

// looksLikeAddress tells what cannot be a host name.
func looksLikeAddress(host string) bool {
	if strings.ContainsAny(host, "%:") || strings.Trim(host, "0123456789.") == "" {
		return true
	}
	_, ok := parseIPv4(host)
	return ok
}

// canonicalAddress gives an address of the family in the form of inet_ntop(3).
func canonicalAddress(host, family string) (string, bool) {
	if address, ok := parseIPv4(host); ok && family != "inet6" {
		return address.String(), true
	}
	address, err := netip.ParseAddr(host)
	if err != nil || !strings.Contains(host, ":") || family == "inet" {
		return host, false
	}
	if zone := address.Zone(); zone != "" {
		_, err := net.InterfaceByName(zone)
		return address.String(), err == nil
	}
	return formatIPv6(address), true
}

// formatIPv6 writes an IPv4-compatible address with dots, as the C library does
// and package netip does not.
func formatIPv6(address netip.Addr) string {
	b := address.As16()
	if [12]byte(b[:12]) == [12]byte{} && (b[12] != 0 || b[13] != 0) {
		return fmt.Sprintf("::%d.%d.%d.%d", b[12], b[13], b[14], b[15])
	}
	return address.String()
}

// parseIPv4 reads an address as inet_aton(3) does: one to four parts, decimal,
// octal or hexadecimal, the last one fills what is left.
func parseIPv4(text string) (netip.Addr, bool) {
	parts := strings.Split(text, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	value := uint64(0)
	for i, part := range parts {
		n, ok := parsePart(part)
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts))
		}
		if !ok || n >= 1<<bits {
			return netip.Addr{}, false
		}
		value = value<<bits | n
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), true
}

func parsePart(part string) (uint64, bool) {
	base := 10
	switch {
	case strings.HasPrefix(part, "0x"), strings.HasPrefix(part, "0X"):
		base, part = 16, part[2:]
	case len(part) > 1 && part[0] == '0':
		base, part = 8, part[1:]
	}
	n, err := strconv.ParseUint(part, base, 33)
	return n, err == nil
}
