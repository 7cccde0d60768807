package transport

import (
	"fmt"
	"strings"
	"testing"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/sshclient"
	"gofab/internal/testenv"
)

// linkConfig writes a configuration for a server at another address than its own.
func linkConfig(t testing.TB, s *testenv.SSHD, address, lines string) string {
	t.Helper()
	return writeFile(t, "config", linkEntry(s, address, lines))
}

func linkEntry(s *testenv.SSHD, address, lines string) string {
	_, port, _ := strings.Cut(address, ":")
	return fmt.Sprintf("Host web1\nHostName 127.0.0.1\nPort %s\nUser %s\nIdentityFile %s\nUserKnownHostsFile %s\n"+
		"GlobalKnownHostsFile none\nHostKeyAlias [127.0.0.1]:%d\n%s\n", port, s.User, s.ClientKey, s.KnownHosts, s.Port, lines)
}

// TestLinks waits a lot, so its parts do it at the same time.
func TestLinks(t *testing.T) {
	testenv.Goroutines(t)
	for name, test := range map[string]func(*testing.T){
		"ConnectTimeout": testConnectTimeout, "ConnectionAttempts": testConnectionAttempts,
		"ServerAlive": testServerAlive, "a lost jump host": testLostJumpHost,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

func testConnectTimeout(t *testing.T) {
	s, silent := testenv.StartSSHD(t), testenv.Hostile(t, testenv.Behaviour{Silent: true})
	_, err := dial(t, linkConfig(t, s, silent.Addr, "ConnectTimeout 1"), "web1", sshclient.Deps{})
	if fault.KindOf(err) != fault.Unreachable || !strings.Contains(err.Error(), "no login within 2s: the server said nothing") {
		t.Errorf("got %v", err)
	}
}

// A port where nothing listens yet is tried as often as ConnectionAttempts says.
func testConnectionAttempts(t *testing.T) {
	s := testenv.StartSSHD(t)
	s.Stop()
	_, err := dial(t, linkConfig(t, s, s.Addr, ""), "web1", sshclient.Deps{})
	if fault.KindOf(err) != fault.Unreachable {
		t.Errorf("one attempt: %v", err)
	}
	config := linkConfig(t, s, s.Addr, "ConnectionAttempts 50")
	done := make(chan error)
	go func() {
		_, err := dial(t, config, "web1", sshclient.Deps{})
		done <- err
	}()
	s.Start(t)
	if err := <-done; err != nil {
		t.Errorf("many attempts: %v", err)
	}
}

// A link that swallows everything is given up after the keepalives.
func testServerAlive(t *testing.T) {
	s := testenv.StartSSHD(t)
	proxy := testenv.Proxy(t, s.Addr)
	conn, err := dial(t, linkConfig(t, s, proxy.Addr, "ServerAliveInterval 1\nServerAliveCountMax 1"), "web1", sshclient.Deps{})
	check(t, err)
	if got := output(t, conn, "echo in"); got != "in\n" {
		t.Errorf("got %q", got)
	}
	proxy.BlackHole()
	_, err = conn.Exec(testContext(t), command.Exec{Line: "echo in"})
	if fault.KindOf(err) != fault.Lost || !strings.Contains(err.Error(), "no sign of life for 2s") {
		t.Errorf("got %v", err)
	}
}

// What runs behind a jump host is lost with it.
func testLostJumpHost(t *testing.T) {
	bastion, target := testenv.StartSSHD(t), testenv.StartSSHD(t)
	proxy := testenv.Proxy(t, bastion.Addr)
	entry := strings.Replace(linkEntry(bastion, proxy.Addr, ""), "web1", "bastion", 1)
	config := writeFile(t, "config", linkEntry(target, target.Addr, "ProxyJump bastion")+entry)
	conn, err := dial(t, config, "web1", sshclient.Deps{})
	check(t, err)
	if got := output(t, conn, "echo in"); got != "in\n" {
		t.Errorf("got %q", got)
	}
	proxy.Reset()
	_, err = conn.Exec(testContext(t), command.Exec{Line: "sleep 1000"})
	if fault.KindOf(err) != fault.Lost {
		t.Errorf("got %v", err)
	}
}
