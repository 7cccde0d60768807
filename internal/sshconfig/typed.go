package sshconfig

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The settings a client needs, in its own types. Paths are expanded.

// Name is the name that was asked for.
func (s *Settings) Name() string { return s.Get("host") }

// Hostname is the name or address to connect to.
func (s *Settings) Hostname() string { return s.Get("hostname") }

// User is the login name on the host.
func (s *Settings) User() string { return s.Get("user") }

// Port is the TCP port, 1 to 65535.
func (s *Settings) Port() int { return s.int("port") }

// AddressFamily is any, inet or inet6.
func (s *Settings) AddressFamily() string { return s.Get("addressfamily") }

// BindAddress is the local address to connect from, or "".
func (s *Settings) BindAddress() string { return s.Get("bindaddress") }

// ConnectTimeout limits the connection and the handshake; 0 is no limit.
func (s *Settings) ConnectTimeout() time.Duration { return s.seconds("connecttimeout") }

// ConnectionAttempts is 1 or more.
func (s *Settings) ConnectionAttempts() int { return s.int("connectionattempts") }

// ServerAliveInterval is the time between keepalives; 0 is none.
func (s *Settings) ServerAliveInterval() time.Duration { return s.seconds("serveraliveinterval") }

// ServerAliveCountMax is how many keepalives may stay without an answer.
func (s *Settings) ServerAliveCountMax() int { return s.int("serveralivecountmax") }

// TCPKeepAlive tells whether the kernel probes the connection as well.
func (s *Settings) TCPKeepAlive() bool { return s.yes("tcpkeepalive") }

// BatchMode tells that nobody can be asked.
func (s *Settings) BatchMode() bool { return s.yes("batchmode") }

// IdentitiesOnly tells not to offer other keys of the agent.
func (s *Settings) IdentitiesOnly() bool { return s.yes("identitiesonly") }

// ForwardAgent tells whether an agent is forwarded, ForwardAgentSocket which if
// it is not that of IdentityAgent. ssh -G prints a socket also if an earlier
// line said no.
func (s *Settings) ForwardAgent() bool { return s.paths.forwardsAgent }

// AddKeysToAgent is yes, no, ask, confirm, "confirm 60" or a number of seconds:
// whether keys of files that were used go into the agent.
func (s *Settings) AddKeysToAgent() string { return yesNo(s.Get("addkeystoagent")) }

// UpdateHostKeys is yes, no or ask: whether further keys of a host are learned
// from the host.
func (s *Settings) UpdateHostKeys() string { return yesNo(s.Get("updatehostkeys")) }

// PubkeyAuthentication is false only for "no".
func (s *Settings) PubkeyAuthentication() bool { return s.Get("pubkeyauthentication") != "false" }

// PasswordAuthentication tells whether a password may be used.
func (s *Settings) PasswordAuthentication() bool { return s.yes("passwordauthentication") }

// KbdInteractiveAuthentication tells whether questions may be answered.
func (s *Settings) KbdInteractiveAuthentication() bool {
	return s.yes("kbdinteractiveauthentication")
}

// PreferredAuthentications are the methods in order; nil when not set.
func (s *Settings) PreferredAuthentications() []string { return s.list("preferredauthentications") }

// NumberOfPasswordPrompts is how often a password is asked for.
func (s *Settings) NumberOfPasswordPrompts() int { return s.int("numberofpasswordprompts") }

// StrictHostKeyChecking is yes, no, ask or accept-new.
func (s *Settings) StrictHostKeyChecking() string {
	return yesNo(s.Get("stricthostkeychecking"))
}

// yesNo is a value of several words as it is written in files.
func yesNo(value string) string {
	switch value {
	case "true":
		return "yes"
	case "false":
		return "no"
	default:
		return value
	}
}

// HostKeyAlias is the name to look for in known_hosts instead of the host's, or
// "".
func (s *Settings) HostKeyAlias() string { return s.Get("hostkeyalias") }

// HashKnownHosts tells to hide names in known_hosts.
func (s *Settings) HashKnownHosts() bool { return s.yes("hashknownhosts") }

// Ciphers are those that the configuration has set, nil if it has not; so are
// the other lists of algorithms.
func (s *Settings) Ciphers() []string { return s.list("ciphers") }

// MACs are message authentication codes.
func (s *Settings) MACs() []string { return s.list("macs") }

// KexAlgorithms are key exchanges.
func (s *Settings) KexAlgorithms() []string { return s.list("kexalgorithms") }

// HostKeyAlgorithms are signatures of host keys.
func (s *Settings) HostKeyAlgorithms() []string { return s.list("hostkeyalgorithms") }

// PubkeyAcceptedAlgorithms are signatures for logging in.
func (s *Settings) PubkeyAcceptedAlgorithms() []string { return s.list("pubkeyacceptedalgorithms") }

// CASignatureAlgorithms are signatures in certificates.
func (s *Settings) CASignatureAlgorithms() []string { return s.list("casignaturealgorithms") }

// RequiredRSASize is the smallest RSA key in bits.
func (s *Settings) RequiredRSASize() int { return s.int("requiredrsasize") }

// SendEnv are patterns of environment variables to send.
func (s *Settings) SendEnv() []string { return s.All("sendenv") }

// SetEnv are variables to send, as NAME=value.
func (s *Settings) SetEnv() []string { return s.All("setenv") }

// RekeyLimit is the number of bytes after which keys are renewed; 0 is the
// cipher's default.
func (s *Settings) RekeyLimit() uint64 {
	limit := s.words("rekeylimit")
	if len(limit) == 0 {
		return 0
	}
	n, _ := strconv.ParseUint(limit[0], 10, 64)
	return n
}

// Environment are the variables to send, NAME=value: those of environ that
// SendEnv names, then those of SetEnv.
func (s *Settings) Environment(environ []string) []string {
	var sent []string
	for _, assignment := range environ {
		name, _, ok := strings.Cut(assignment, "=")
		named := func(pattern string) bool { return matchPattern(name, pattern) }
		if ok && slices.ContainsFunc(s.SendEnv(), named) {
			sent = append(sent, assignment)
		}
	}
	return append(sent, s.SetEnv()...)
}

func (s *Settings) yes(key string) bool {
	value := s.Get(key)
	return value == "yes" || value == "true"
}

func (s *Settings) int(key string) int {
	n, _ := strconv.Atoi(s.Get(key))
	return n
}

// seconds is 0 for "none".
func (s *Settings) seconds(key string) time.Duration {
	return time.Duration(s.int(key)) * time.Second
}
