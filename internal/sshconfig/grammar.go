package sshconfig

import (
	"strings"

	"gofab/internal/fault"
)

// Names that come from outside are put into commands by ProxyCommand and Match
// exec, so they must say nothing to a shell and be no option.

// checkHost refuses what cannot be a host name or an address.
func checkHost(what, name string) error {
	if name == "" {
		return fault.New(fault.Usage, "%s is empty", what)
	}
	if name[0] == '-' || strings.ContainsAny(name, "'`\"$\\;&<>|(){}, \t\n\v\f\r") || hasControl(name) {
		return fault.New(fault.Usage, "%s %q is no host name or address", what, name)
	}
	return nil
}

// checkUser refuses what cannot be a login name.
func checkUser(what, name string) error {
	bad := name == "" || name[0] == '-' || strings.ContainsAny(name, "'`\";&<>|(){}") ||
		hasControl(name) || strings.Contains(name, " -") || strings.HasSuffix(name, `\`)
	if bad {
		return fault.New(fault.Usage, "%s %q is no user name", what, name)
	}
	return nil
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f })
}

// checkDomain refuses what cannot be a domain: letters, digits, '-', '_' and
// single dots, the first a letter or a digit.
func checkDomain(name string) error {
	ok := name != "" && isAlnum(name[0]) && !strings.Contains(name, "..")
	for i := 0; ok && i < len(name); i++ {
		ok = isAlnum(name[i]) || strings.IndexByte(".-_", name[i]) >= 0
	}
	if !ok {
		return fault.New(fault.Parse, "%q is no domain name", name)
	}
	return nil
}

func isAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
