package sshclient

import (
	"cmp"
	"slices"

	"gofab/internal/fault"
)

// defaultMethods are the ways to log in, in order. A password that is known
// goes before questions, which may be for something else.
var defaultMethods = []string{"publickey", "password", "keyboard-interactive"}

// readOptions translates the settings of ssh_config(5). Where nothing is set,
// gofab is stricter or livelier than ssh(1): unknown host keys are refused,
// there are time limits, keepalives find dead links, and known_hosts is written
// only where the configuration or the command line asks for it.
func (d *Dialer) readOptions(target Target) (*options, error) {
	s := target.Settings
	if s == nil {
		return nil, fault.New(fault.Usage, "no settings to connect with")
	}
	o := &options{
		name: target.Name, host: s.Hostname(), alias: s.HostKeyAlias(), user: s.User(), port: s.Port(),
		addressFamily: s.AddressFamily(), bindAddress: s.BindAddress(), proxyCommand: s.ProxyCommand(),
		connectTimeout: cmp.Or(s.ConnectTimeout(), defaultConnectTimeout),
		attempts:       max(1, s.ConnectionAttempts()),
		aliveInterval:  defaultAliveInterval, aliveMax: defaultAliveMax,

		identityFiles: s.IdentityFiles(), identityGiven: s.IsSet("identityfile"), certificateFiles: s.CertificateFiles(),
		identitiesOnly: s.IdentitiesOnly(), agentSocket: d.deps.AgentSocket,
		publicKeyAlgorithms: s.PubkeyAcceptedAlgorithms(),
		passwordPrompts:     s.NumberOfPasswordPrompts(), batch: s.BatchMode(),

		strict: "yes", hashKnownHosts: s.HashKnownHosts(),
		userKnownHosts: s.UserKnownHostsFiles(), globalKnownHosts: s.GlobalKnownHostsFiles(),
		kexAlgorithms: s.KexAlgorithms(), ciphers: s.Ciphers(), macs: s.MACs(), rekeyLimit: s.RekeyLimit(),
		env: s.Environment(d.deps.Environ), revokedKeys: s.RevokedHostKeys(),
		caAlgorithms: s.CASignatureAlgorithms(), minRSA: s.RequiredRSASize(),
		updateHostKeys: "no", addKeys: readAddKeys(s.AddKeysToAgent()), noTCPKeepAlive: !s.TCPKeepAlive(),
	}
	o.loginTimeout = 2 * o.connectTimeout
	if s.IsSet("serveraliveinterval") {
		o.aliveInterval = s.ServerAliveInterval()
	}
	if s.IsSet("serveralivecountmax") {
		o.aliveMax = max(1, s.ServerAliveCountMax())
	}
	if s.IsSet("identityagent") {
		o.agentSocket = s.IdentityAgent()
	}
	if s.IsSet("stricthostkeychecking") {
		o.strict = s.StrictHostKeyChecking()
	}
	if s.IsSet("updatehostkeys") {
		o.updateHostKeys = s.UpdateHostKeys()
	}
	if s.ForwardAgent() {
		o.forwardAgent = cmp.Or(s.ForwardAgentSocket(), o.agentSocket)
	}
	return o, o.readLists(target)
}

// readLists reads what can be wrong.
func (o *options) readLists(target Target) error {
	s := target.Settings
	for _, text := range s.ProxyJump() {
		h, err := readHop(text)
		if err != nil {
			return err
		}
		o.jumps = append(o.jumps, h)
	}
	allowed := map[string]bool{
		"publickey": s.PubkeyAuthentication(), "password": s.PasswordAuthentication(),
		"keyboard-interactive": s.KbdInteractiveAuthentication(),
	}
	o.methods = s.PreferredAuthentications()
	if o.methods == nil {
		o.methods = defaultMethods
	}
	o.methods = slices.DeleteFunc(slices.Clone(o.methods), func(name string) bool { return !allowed[name] })
	if named := s.HostKeyAlgorithms(); named != nil {
		chosen, err := hostKeyChoice(named)
		o.hostKeyAlgorithms = chosen
		return err
	}
	return nil
}
