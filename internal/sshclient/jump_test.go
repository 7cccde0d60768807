package sshclient

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gofab/internal/fault"
	"gofab/internal/sshconfig"
	"gofab/internal/sshserver"
	"gofab/internal/testenv"
)

// writeConfig writes an ssh_config file and gives a resolver for it.
func writeConfig(t testing.TB, text string) func(context.Context, string) (*sshconfig.Settings, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ssh_config")
	check(t, os.WriteFile(path, []byte(text), 0o600))
	return func(ctx context.Context, name string) (*sshconfig.Settings, error) {
		return sshconfig.Resolve(ctx, name, sshconfig.Options{Files: []string{path}, Home: t.TempDir(), LocalUser: "me"})
	}
}

// hostBlock is the part of an ssh_config file for one name.
func hostBlock(name string, o *options, more ...string) string {
	lines := append([]string{
		"Host " + name, "HostName " + o.host, "Port " + fmtPort(o.port), "User " + o.user,
		"IdentityFile " + o.identityFiles[0], "UserKnownHostsFile " + o.userKnownHosts[0], "GlobalKnownHostsFile none",
	}, more...)
	return strings.Join(lines, "\n  ") + "\n"
}

// dialName reaches a name of a configuration.
func dialName(t testing.TB, d *Dialer, name string) (*Client, error) {
	t.Helper()
	settings, err := d.deps.Resolve(testContext(t), name)
	check(t, err)
	return d.Dial(testContext(t), Target{Name: name, Settings: settings})
}

func echoHost(c *sshserver.Config) {
	c.Exec = func(_ context.Context, line string, ch sshserver.Stream) int {
		io.WriteString(ch, line)
		return 0
	}
}

// Fifty targets behind one bastion share one connection to it, and all of them
// are lost with it.
func TestJumpHostIsShared(t *testing.T) {
	testenv.Goroutines(t)
	bastion, via := startHost(t, nil)
	proxy := testenv.Proxy(t, bastion.Addr())
	via = through(t, via, proxy.Addr, bastion.HostKey())
	_, o := startHost(t, echoHost)
	d := newDialer(Deps{Resolve: writeConfig(t, hostBlock("bastion", via)+hostBlock("web*", o, "ProxyJump bastion"))})
	var all sync.WaitGroup
	clients := make(chan *Client, 50)
	for i := range 50 {
		all.Go(func() {
			c, err := dialName(t, d, "web"+strconv.Itoa(i))
			if err != nil {
				t.Error(err)
				return
			}
			if out, _, _, err := run(t, c, "through"); out != "through" || err != nil {
				t.Errorf("got %q %v", out, err)
			}
			clients <- c
		})
	}
	all.Wait()
	close(clients)
	if proxy.Connections() != 1 {
		t.Errorf("%d connections to the bastion", proxy.Connections())
	}
	proxy.Reset()
	for c := range clients {
		<-c.Done()
		if fault.KindOf(c.Err()) != fault.Lost {
			t.Errorf("Err is %v", c.Err())
		}
		c.Close()
	}
	if len(d.jumps.hosts) != 0 {
		t.Error("the bastion is still open")
	}
}

// Two hops, and what goes wrong on the way names the hop.
func TestJumpChain(t *testing.T) {
	testenv.Goroutines(t)
	_, first := startHost(t, nil)
	_, second := startHost(t, nil)
	_, o := startHost(t, echoHost)
	_, broken := startHost(t, nil)
	broken.userKnownHosts = optionsFor(t, "127.0.0.1:1", nil).userKnownHosts
	resolve := writeConfig(t, hostBlock("first", first)+hostBlock("second", second)+hostBlock("broken", broken)+
		hostBlock("web1", o, "ProxyJump first,second")+hostBlock("web2", o, "ProxyJump broken")+
		hostBlock("loop", o, "ProxyJump loop")+hostBlock("web3", o, "ProxyJump nobody@first"))
	d := newDialer(Deps{Resolve: resolve})
	c, err := dialName(t, d, "web1")
	check(t, err)
	if out, _, _, err := run(t, c, "through"); out != "through" || err != nil {
		t.Errorf("got %q %v", out, err)
	}
	c.Close()
	for name, want := range map[string]string{
		"web2": "web2: jump host broken: ", "loop": "loop: ",
	} {
		if _, err := dialName(t, d, name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err = dialName(t, d, "web3")
	check(t, err)
	c.Close()
}

func FuzzReadHop(f *testing.F) {
	f.Add("bob@web1:22")
	f.Add("ssh://[::1]:22/")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := readHop(text)
		if err == nil && (h.host == "" || h.host[0] == '-' || h.port < 0 || h.port > 65535) {
			t.Errorf("%q: %+v", text, h)
		}
	})
}

func TestReadHop(t *testing.T) {
	for text, want := range map[string]hop{
		"web1":                         {host: "web1"},
		"bob@web1":                     {user: "bob", host: "web1"},
		"bob@corp@web1:2222":           {user: "bob@corp", host: "web1", port: 2222},
		"[2001:db8::1]:22":             {host: "2001:db8::1", port: 22},
		"[2001:db8::1]":                {host: "2001:db8::1"},
		"ssh://bob@web1.example:2200/": {user: "bob", host: "web1.example", port: 2200},
	} {
		if got, err := readHop(text); err != nil || got != want {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
	for _, text := range []string{"", "bob@", "web1:0", "web1:x", "-oProxyCommand=x", "web1:70000"} {
		if got, err := readHop(text); fault.KindOf(err) != fault.Usage {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
}

func TestProxyCommand(t *testing.T) {
	testenv.Goroutines(t)
	testenv.Require(t, "busybox")
	_, o := startHost(t, nil)
	o.proxyCommand = "busybox nc " + o.host + " " + fmtPort(o.port)
	c := connectTo(t, o)
	if out, _, _, err := run(t, c, "echo hi"); out != "hi\n" || err != nil {
		t.Errorf("got %q %v", out, err)
	}
	c.Close()
	o.proxyCommand = "echo no route >&2; exit 1"
	_, err := newDialer(Deps{}).dial(testContext(t), o)
	if fault.KindOf(err) != fault.Unreachable || !strings.Contains(err.Error(), "no route") {
		t.Errorf("got %v", err)
	}
	o.proxyCommand = "sleep 1000 & sleep 1000"
	_, err = newDialer(Deps{}).dial(testContext(t), quick(o))
	if fault.KindOf(err) != fault.Unreachable {
		t.Errorf("got %v", err)
	}
}

func fmtPort(port int) string { return strings.TrimPrefix(hostPort("", port), ":") }
