package sshconfig

type tokens map[byte]string

// IdentityFiles are the private keys to try, in order.
func (s *Settings) IdentityFiles() []string { return nil }

// CertificateFiles are certificates for these keys.
func (s *Settings) CertificateFiles() []string { return nil }

// IdentityAgent is the socket of the agent, "" for none.
func (s *Settings) IdentityAgent() string { return "" }

// ForwardAgentSocket is the agent to forward when ForwardAgent names one, or "".
func (s *Settings) ForwardAgentSocket() string { return "" }

// UserKnownHostsFiles are the user's known_hosts files, in order.
func (s *Settings) UserKnownHostsFiles() []string { return nil }

// GlobalKnownHostsFiles are the system's known_hosts files.
func (s *Settings) GlobalKnownHostsFiles() []string { return nil }

// ProxyJump are the hops in order, each [user@]host[:port]; nil for none.
func (s *Settings) ProxyJump() []string { return nil }

// ProxyCommand is the command to connect through, with its tokens expanded; ""
// for none.
func (s *Settings) ProxyCommand() string { return "" }
