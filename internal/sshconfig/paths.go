package sshconfig

import "strings"

// paths are settings that ssh -G prints as they were written, expanded.
type paths struct {
	identityFiles, certificateFiles  []string
	userKnownHosts, globalKnownHosts []string
	revokedHostKeys                  []string
	identityAgent, agentToForward    string
	forwardsAgent                    bool
	proxyCommand                     string
	jumps                            []string
}

// IdentityFiles are the private keys to try, in order.
func (s *Settings) IdentityFiles() []string { return s.paths.identityFiles }

// CertificateFiles are certificates for these keys.
func (s *Settings) CertificateFiles() []string { return s.paths.certificateFiles }

// IdentityAgent is the socket of the agent, "" for none.
func (s *Settings) IdentityAgent() string { return s.paths.identityAgent }

// ForwardAgentSocket is the agent to forward when ForwardAgent names one, or "".
func (s *Settings) ForwardAgentSocket() string { return s.paths.agentToForward }

// UserKnownHostsFiles are the user's known_hosts files, in order.
func (s *Settings) UserKnownHostsFiles() []string { return s.paths.userKnownHosts }

// GlobalKnownHostsFiles are the system's known_hosts files.
func (s *Settings) GlobalKnownHostsFiles() []string { return s.paths.globalKnownHosts }

// RevokedHostKeys are files of keys that are never accepted.
func (s *Settings) RevokedHostKeys() []string { return s.paths.revokedHostKeys }

// ProxyJump are the hops in order, each [user@]host[:port]; nil for none.
func (s *Settings) ProxyJump() []string { return s.paths.jumps }

// ProxyCommand is the command to connect through, with its tokens expanded; ""
// for none.
func (s *Settings) ProxyCommand() string { return s.paths.proxyCommand }

// expandAll expands what ssh -G prints expanded.
func (r *resolution) expandAll() error {
	t := r.tokens(r.host, r.asked)
	for _, key := range names("controlpath identityagent forwardagentsocket userknownhostsfile") {
		expanded, err := r.expandPaths(key, t, false)
		if err != nil {
			return err
		}
		if expanded != nil {
			r.values[key] = expanded
		}
	}
	if r.has("remotecommand") {
		expanded, err := expand(r.first("remotecommand"), t, nil)
		if err != nil {
			return r.failed("remotecommand", err)
		}
		r.values["remotecommand"] = []string{expanded}
	}
	r.forwardsAgent = r.first("forwardagent") == "yes"
	if socket := r.first("forwardagentsocket"); socket != "" {
		r.values["forwardagent"] = []string{socket}
	}
	for _, key := range names("localforward remoteforward dynamicforward") {
		if err := r.expandForwards(key, t); err != nil {
			return err
		}
	}
	return nil
}

// expandForwards expands the tokens in the sockets of forwardings.
func (r *resolution) expandForwards(key string, t tokens) error {
	for i, line := range r.values[key] {
		sides := strings.SplitN(line, " ", 2)
		for j, side := range sides {
			if !strings.Contains(side, "/") {
				continue
			}
			expanded, err := expand(side, t, nil)
			if err != nil {
				return r.failed(key, err)
			}
			sides[j] = expanded
		}
		r.values[key][i] = strings.Join(sides, " ")
	}
	return nil
}

// expandPaths expands ~, tokens and the environment, without the word "none".
// The environment is left alone with no tokens. Lenient leaves a ~name of nobody
// as it is: ssh -G does not look at those paths, and no such file will be found.
func (r *resolution) expandPaths(key string, t tokens, lenient bool) ([]string, error) {
	var all []string
	for _, value := range r.values[key] {
		path, err := expandHome(value, r.local.home)
		if lenient && err != nil {
			path, err = value, nil
		}
		if err == nil && t != nil {
			path, err = expand(path, t, r.o.Getenv)
		}
		if err != nil {
			return nil, r.failed(key, err)
		}
		all = append(all, path)
	}
	return all, nil
}

// paths expands the rest for the client.
func (r *resolution) paths() (paths, error) {
	t := r.tokens(r.host, r.asked)
	p := paths{
		userKnownHosts: r.values["userknownhostsfile"],
		identityAgent:  r.agent(r.first("identityagent")),
		agentToForward: r.agent(r.first("forwardagentsocket")),
		forwardsAgent:  r.forwardsAgent,
	}
	if !r.has("forwardagentsocket") {
		p.agentToForward = ""
	}
	for _, list := range []struct {
		key string
		t   tokens
		to  *[]string
	}{
		{"identityfile", t, &p.identityFiles},
		{"certificatefile", t, &p.certificateFiles},
		{"globalknownhostsfile", nil, &p.globalKnownHosts},
		{"revokedhostkeys", t, &p.revokedHostKeys},
	} {
		expanded, err := r.expandPaths(list.key, list.t, true)
		if err != nil {
			return p, err
		}
		for _, path := range expanded {
			if !isNone(path) {
				*list.to = append(*list.to, path)
			}
		}
	}
	if _, set := r.values["globalknownhostsfile"]; !set {
		p.globalKnownHosts = strings.Fields(byName["globalknownhostsfile"].initial)
	}
	return p, r.addProxy(&p, t)
}

// addProxy adds the jump hosts or the command to connect through.
func (r *resolution) addProxy(p *paths, t tokens) error {
	if r.has("proxyjump") {
		hops, err := parseJump(r.first("proxyjump"))
		for _, h := range hops {
			if err := h.check(); err != nil {
				return r.failed("proxyjump", err)
			}
			p.jumps = append(p.jumps, h.String())
		}
		return err
	}
	few := tokens{'h': t['h'], 'k': t['k'], 'n': t['n'], 'p': t['p'], 'r': t['r']}
	command, err := expand(r.first("proxycommand"), few, nil)
	p.proxyCommand = command
	if err != nil {
		return r.failed("proxycommand", err)
	}
	return nil
}

// agent is the socket that IdentityAgent or ForwardAgent means.
func (r *resolution) agent(value string) string {
	name, variable := strings.CutPrefix(value, "$")
	switch {
	case value == "none":
		return ""
	case value == "" || value == "SSH_AUTH_SOCK":
		return r.o.Getenv("SSH_AUTH_SOCK")
	case variable:
		return r.o.Getenv(name)
	default:
		return value
	}
}
