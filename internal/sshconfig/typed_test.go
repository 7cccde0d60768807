package sshconfig

import (
	"reflect"
	"testing"
	"time"
)

func TestTypedSettings(t *testing.T) {
	s := mustResolve(t, "web1", `HostName 192.0.2.9
User bob
Port 2222
IdentityFile ~/.ssh/%h_%r
IdentityFile none
IdentityFile ${KEYS}/k
CertificateFile ~/c/%u
ConnectTimeout 90
ServerAliveInterval 1m
ServerAliveCountMax 5
StrictHostKeyChecking off
Ciphers aes256-ctr,aes128-ctr
UserKnownHostsFile "~/my hosts" /kh/%n
GlobalKnownHostsFile none
RekeyLimit 1G 1h
SendEnv A B
SetEnv C=1
ProxyJump a,bob@[::1]:3,ssh://c@d:4
HashKnownHosts yes
IdentitiesOnly yes
ForwardAgent ~/agent
`, func(o *Options) {
		o.Getenv = func(name string) string { return map[string]string{"KEYS": "/keys", "SSH_AUTH_SOCK": "/sock"}[name] }
	})
	for _, c := range []struct{ what, got, want any }{
		{"name", s.Name(), "web1"},
		{"hostname", s.Hostname(), "192.0.2.9"},
		{"user", s.User(), "bob"},
		{"port", s.Port(), 2222},
		{"identity files", s.IdentityFiles(), []string{"/home/me/.ssh/192.0.2.9_bob", "/keys/k"}},
		{"certificates", s.CertificateFiles(), []string{"/home/me/c/me"}},
		{"connect timeout", s.ConnectTimeout(), 90 * time.Second},
		{"alive", s.ServerAliveInterval(), time.Minute},
		{"alive max", s.ServerAliveCountMax(), 5},
		{"attempts", s.ConnectionAttempts(), 1},
		{"strict", s.StrictHostKeyChecking(), "no"},
		{"ciphers", s.Ciphers(), []string{"aes256-ctr", "aes128-ctr"}},
		{"macs", s.MACs(), []string(nil)},
		{"known hosts", s.UserKnownHostsFiles(), []string{"/home/me/my hosts", "/kh/web1"}},
		{"global", s.GlobalKnownHostsFiles(), []string(nil)},
		{"rekey", s.RekeyLimit(), uint64(1 << 30)},
		{"send env", s.SendEnv(), []string{"A", "B"}},
		{"set env", s.SetEnv(), []string{"C=1"}},
		{"jumps", s.ProxyJump(), []string{"a", "bob@[::1]:3", "c@d:4"}},
		{"hash", s.HashKnownHosts(), true},
		{"only", s.IdentitiesOnly(), true},
		{"agent", s.IdentityAgent(), "/sock"},
		{"forward", s.ForwardAgent(), true},
		{"forward socket", s.ForwardAgentSocket(), "/home/me/agent"},
		{"proxy", s.ProxyCommand(), ""},
		{"set", []bool{s.IsSet("port"), s.IsSet("compression"), s.IsSet("hostname")}, []bool{true, false, true}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %#v, want %#v", c.what, c.got, c.want)
		}
	}
}

func TestTypedDefaults(t *testing.T) {
	s := mustResolve(t, "web1", "ProxyCommand nc -- %h %p %n %r %k %%\n", nil)
	for _, c := range []struct{ what, got, want any }{
		{"proxy", s.ProxyCommand(), "nc -- web1 22 web1 me web1 %"},
		{"connect timeout", s.ConnectTimeout(), time.Duration(0)},
		{"strict", s.StrictHostKeyChecking(), "ask"},
		{"jumps", s.ProxyJump(), []string(nil)},
		{"agent", s.IdentityAgent(), ""},
		{"first key", s.IdentityFiles()[0], "/home/me/.ssh/id_rsa"},
		{"known hosts", s.UserKnownHostsFiles(), []string{"/home/me/.ssh/known_hosts", "/home/me/.ssh/known_hosts2"}},
		{"global", s.GlobalKnownHostsFiles(), []string{"/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"}},
		{"forward", s.ForwardAgent(), false},
		{"pubkey", s.PubkeyAuthentication(), true},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %#v, want %#v", c.what, c.got, c.want)
		}
	}
	for config, want := range map[string]string{"IdentityAgent none\n": "", "IdentityAgent $SOCK\n": "/s", "IdentityAgent SSH_AUTH_SOCK\n": "/a", "IdentityAgent ~/x\n": "/home/me/x"} {
		s := mustResolve(t, "web1", config, func(o *Options) {
			o.Getenv = func(name string) string { return map[string]string{"SOCK": "/s", "SSH_AUTH_SOCK": "/a"}[name] }
		})
		if got := s.IdentityAgent(); got != want {
			t.Errorf("%s: got %q, want %q", config, got, want)
		}
	}
	if _, err := resolve(t, "web1", "ProxyCommand nc %u\n", nil); err == nil {
		t.Error("an unknown token of ProxyCommand is accepted")
	}
}
