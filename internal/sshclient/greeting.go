package sshclient

import (
	"errors"
	"strings"

	"gofab/internal/termsafe"
)

// A server may say lines of text ahead of its version (RFC 4253, section 4.2),
// so what is no SSH server is not always told at once. What speaks a known
// protocol is, and what sends bytes that are no text.

// errForeign ends a connection to something that is no SSH server.
var errForeign = errors.New("no SSH server")

// otherProtocols are how the answers of usual neighbours begin: HTTP, HTML, mail, FTP, VNC.
var otherProtocols = []string{"HTTP/", "<", "220", "+OK", "* OK", "-ERR", "RFB "}

// isForeign tells whether the first bytes are another protocol's.
func isForeign(greeting string) bool {
	if hasVersion(greeting) {
		return false
	}
	for _, beginning := range otherProtocols {
		if strings.HasPrefix(greeting, beginning) && strings.Contains(greeting, "\n") { // the message shows the line
			return true
		}
	}
	return strings.ContainsFunc(greeting, func(c rune) bool { return c < ' ' && c != '\r' && c != '\n' && c != '\t' })
}

// hasVersion tells whether a line is the version of an SSH server.
func hasVersion(greeting string) bool {
	return strings.HasPrefix(greeting, "SSH-") || strings.Contains(greeting, "\nSSH-")
}

// refusals are what an sshd says in the place of its version when it has no
// place for another login, or not for this address.
var refusals = []string{"Exceeded MaxStartups", "Not allowed at this time"}

// isRefusal tells whether an sshd said a greeting.
func isRefusal(greeting string) bool {
	for _, text := range refusals {
		if strings.HasPrefix(greeting, text) {
			return true
		}
	}
	return false
}

// said is the beginning of a greeting that is not SSH's, quoted.
func (l *login) said() string {
	text := strings.TrimSpace(l.link.peekGreeting())
	if text == "" || hasVersion(text) {
		return ""
	}
	line, _, _ := strings.Cut(text, "\n")
	return `"` + termsafe.Line(strings.TrimSpace(line)) + `"`
}
