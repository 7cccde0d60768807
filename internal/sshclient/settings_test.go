package sshclient

import (
	"strings"
	"testing"
	"time"

	"gofab/internal/sshserver"
	"gofab/internal/testenv"
)

func TestDefaults(t *testing.T) {
	resolve := writeConfig(t, "Host set\n  ConnectTimeout 3\n  ServerAliveInterval 0\n  StrictHostKeyChecking accept-new\n"+
		"  IdentityAgent none\n  PreferredAuthentications password,publickey\n  PasswordAuthentication no\n  SetEnv A=b\n"+
		"  Ciphers aes256-ctr\n  RekeyLimit 1G\n")
	d := NewDialer(Deps{AgentSocket: "/agent"})
	read := func(name string) *options {
		settings, err := resolve(testContext(t), name)
		check(t, err)
		o, err := d.readOptions(Target{Name: name, Settings: settings})
		check(t, err)
		return o
	}
	o := read("web1")
	if o.connectTimeout != 10*time.Second || o.loginTimeout != 20*time.Second || o.aliveInterval != 15*time.Second ||
		o.aliveMax != 3 || o.strict != "yes" || o.agentSocket != "/agent" || o.port != 22 || o.user != "me" ||
		o.ciphers != nil || o.forwardAgent != "" || strings.Join(o.methods, ",") != "publickey,password,keyboard-interactive" {
		t.Errorf("defaults: %+v", o)
	}
	o = read("set")
	if o.connectTimeout != 3*time.Second || o.loginTimeout != 6*time.Second || o.aliveInterval != 0 ||
		o.strict != "accept-new" || o.agentSocket != "" || strings.Join(o.methods, ",") != "publickey" ||
		len(o.env) != 1 || len(o.ciphers) != 1 || o.rekeyLimit != 1<<30 {
		t.Errorf("set: %+v", o)
	}
}

// The whole way from a configuration to a command, with a key exchange every
// few kilobytes, variables and a forwarded agent.
func TestDialFromConfiguration(t *testing.T) {
	testenv.Goroutines(t)
	private, _ := newKey(t)
	_, o := startHost(t, func(*sshserver.Config) {})
	resolve := writeConfig(t, hostBlock("web1", o, "RekeyLimit 64K", "ForwardAgent yes"))
	d := newDialer(Deps{Resolve: resolve, AgentSocket: startAgent(t, private)})
	c, err := dialName(t, d, "web1")
	check(t, err)
	defer c.Close()
	stdout, _, _, err := run(t, c, "head -c 1000000 /dev/zero | tr '\\0' x")
	if err != nil || len(stdout) != 1000000 || c.Name() != "web1" {
		t.Errorf("%d bytes, %v", len(stdout), err)
	}
}

// An OpenSSH server lets its commands use the agent.
func TestAgentForwarding(t *testing.T) {
	testenv.Goroutines(t)
	testenv.Require(t, "ssh-add")
	private, _ := newKey(t)
	o := sshdOptions(t, testenv.StartSSHD(t, testenv.Lines("AcceptEnv GREETING")))
	o.forwardAgent = startAgent(t, private)
	o.env = []string{"GREETING=hello"}
	c := connectTo(t, o)
	stdout, stderr, exit, err := run(t, c, "ssh-add -l && echo $GREETING")
	if err != nil || exit.Code != 0 || !strings.Contains(stdout, "ED25519") || !strings.HasSuffix(stdout, "hello\n") {
		t.Errorf("%q %q %+v %v", stdout, stderr, exit, err)
	}
	c.Close()
	o.forwardAgent = ""
	if _, _, exit, _ := run(t, connectTo(t, o), "ssh-add -l"); exit.Code == 0 {
		t.Error("the agent is forwarded without being asked to")
	}
}
