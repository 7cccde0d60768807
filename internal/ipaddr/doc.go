// Package ipaddr is arithmetic with IP addresses, networks, ranges and sets, as
// Python's ipaddress, netaddr and IPy have it, on net/netip and netipx.
//
// Rules: parsing is strict: no leading zeros, no short forms, no host bits
// unless they are asked for, since other systems read such text in other ways;
// IPv4 and IPv6 are never mixed up, also not for v4-mapped addresses; nothing
// is listed that could be gone through one by one.
package ipaddr
