// Package ssh is the Lua module ssh: connections of one's own, with everything
// that the protocol offers, for scripts that need more than h:run.
//
// Rules: the user's ssh_config holds unless an option says otherwise; host keys
// are always checked; a session ends with the task that opened it.
package ssh

import "gofab/bindings/kit"

// Module declares ssh.
func Module() *kit.Module {
	types := []kit.Type{sessionType(), sftpType(), fileType(), forwardType(), knownHostsType(), agentType()}
	for i := range types {
		types[i].Declare() // host:forward gives forwards before this module is used
	}
	return &kit.Module{
		Name: "ssh",
		Doc: "SSH connections of your own: commands, terminals, files, forwarded ports; keys, agents and known hosts. " +
			"For everyday work with managed hosts see host().",
		Funcs: append([]kit.Func{
			kit.Fn("connect", "Log in to a host. The user's ssh_config, agent and known hosts are used as ssh does; options come first. "+
				"The session ends with the task that opened it.", connect).With(
				`local s = ssh.connect("web1", { timeout = "5s" })
assert(s:run("echo hello").stdout == "hello\n")
print(s:info().cipher, s:info().post_quantum)
s:close()`),
			kit.Fn("resolve", "Give the settings that hold for a name, as ssh -G prints them: by keyword in lower case; "+
				"a keyword that can come several times is a list.", resolve).With(
				`fs.write("ssh_config", "Host db*\n  User admin\n  Port 2222\n")
local r = ssh.resolve("db1", { config = "ssh_config" })
assert(r.user == "admin" and r.port == "2222")`),
			kit.Fn("known_hosts", "Open a known_hosts file.", openKnownHosts).With(
				`for _, e in ipairs(ssh.known_hosts("known_hosts"):list()) do print(e.line, e.hosts, e.fingerprint) end`),
			kit.Fn("agent", "Reach the SSH agent.", openAgent),
		}, keyFuncs()...),
		Types: types,
	}
}
