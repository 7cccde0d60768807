package sshconfig

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"gofab/internal/testenv"
)

// generator makes configurations that use everything, mostly well.
type generator struct {
	*rand.Rand
	include string // a file to include
}

func (g *generator) pick(words ...string) string { return words[g.IntN(len(words))] }

// some gives 1 to n words of a list in random order.
func (g *generator) some(n int, sep string, words ...string) string {
	var chosen []string
	for _, i := range g.Perm(len(words))[:1+g.IntN(n)] {
		chosen = append(chosen, words[i])
	}
	return strings.Join(chosen, sep)
}

var hosts = []string{
	"web1", "web2.example.com", "WEB1", "db", "db.internal", "192.0.2.7", "2001:db8::0001", "::1", "127.1",
	"gw.example.com", "x", "a-b_c", "localhost",
}

var patterns = []string{
	"web*", "web?", "*", "*.example.com", "!web1", "db", "192.0.2.*", "WEB1", "*.Example.com", "!*.internal",
	"2001:*", "gw.*", "?", "?*", "**b*", "127.0.0.1", "a-*",
}

func (g *generator) file() string {
	var b strings.Builder
	for range 2 + g.IntN(10) {
		b.WriteString(g.line())
		b.WriteString(g.pick("\n", "\n", "\n", "\n", " \n", "\t\r\n", "\n\n# comment\n"))
	}
	return b.String()
}

// mutate changes some bytes.
func (g *generator) mutate(text string) string {
	const bytes = "\"'\\ =,!*?%$#:[]@~\t\n0a-+/"
	for range 1 + g.IntN(4) {
		k, c := g.IntN(len(text)), string(bytes[g.IntN(len(bytes))])
		text = text[:k] + g.pick("", c, c+text[k:k+1]) + text[k+1:]
	}
	return text
}

func (g *generator) line() string {
	switch g.IntN(12) {
	case 0, 1, 2:
		return g.pick("Host ", "host ", "HOST=", "Host = ") + g.some(3, " ", patterns...)
	case 3:
		return "Match " + g.match()
	case 4:
		if g.include != "" && g.IntN(3) == 0 {
			return "Include " + g.include
		}
	}
	return g.pick("", "", "", "  ", "\t") + g.setting()
}

func (g *generator) match() string {
	var parts []string
	for range 1 + g.IntN(3) {
		not := g.pick("", "", "", "!")
		switch g.IntN(9) {
		case 0:
			parts = append(parts, not+"final")
		case 1:
			parts = append(parts, not+"canonical")
		case 2, 3:
			parts = append(parts, not+g.pick("host ", "Host=", "host = ")+g.some(3, ",", patterns...))
		case 4:
			parts = append(parts, not+"originalhost "+g.some(2, ",", patterns...))
		case 5:
			parts = append(parts, not+"user "+g.some(2, ",", "root", "bob", "deploy", "*", "!bob", "d*"))
		case 6:
			parts = append(parts, not+"localuser "+g.some(2, ",", "root", "nobody", "!root", "*"))
		case 7:
			parts = append(parts, not+g.pick(`exec true`, `exec "test %h = web1"`, `exec "test %p -gt 22"`, `exec "exit 3"`,
				`exec "test %r = bob"`, `exec "test %n = db"`))
		case 8:
			return g.pick("all", "!all", "final all", "canonical all", "ALL", "all # really")
		}
	}
	return strings.Join(parts, " ")
}

var flags = []string{
	"BatchMode", "CanonicalizeFallbackLocal", "CheckHostIP", "EnableSSHKeysign", "ExitOnForwardFailure", "ForwardX11",
	"ForwardX11Trusted", "GatewayPorts", "GSSAPIAuthentication", "HashKnownHosts", "HostbasedAuthentication",
	"IdentitiesOnly", "KbdInteractiveAuthentication", "ChallengeResponseAuthentication", "PasswordAuthentication",
	"PermitLocalCommand", "ProxyUseFdpass", "StdinNull", "StreamLocalBindUnlink", "TCPKeepAlive", "KeepAlive",
	"VisualHostKey", "EnableEscapeCommandline", "NoHostAuthenticationForLocalhost", "ClearAllForwardings",
}

// setting gives one keyword with a value.
func (g *generator) setting() string {
	makers := []func() string{
		func() string {
			return g.pick(flags...) + g.pick(" ", "=", " = ", "\t") + g.pick("yes", "no", "true", "False", "YES")
		},
		func() string {
			return "HostName " + g.pick("%h", "%h.example.com", "10.1.2.3", "Real.Example.COM", "fe80::2", "%%x", `"quoted"`)
		},
		func() string {
			return g.pick("User ", "USER=", "user ") + g.pick("bob", "deploy", `"alice"`, "'carol'", "d.e-f", `DOMAIN\user`)
		},
		func() string { return "Port " + g.pick("22", "2222", "1", "65535", "ssh", "0", "70000", "x") },
		func() string {
			return "IdentityFile " + g.pick("~/.ssh/a", "~/.ssh/b", "/keys/%h", `"/with space/k"`, "none", "${HOME}/x", "~/.ssh/a")
		},
		func() string { return "CertificateFile " + g.pick("~/.ssh/a-cert.pub", "/c/%u", "/c/%u", "rel") },
		func() string {
			return "IdentityAgent " + g.pick("none", "SSH_AUTH_SOCK", "~/agent", "/run/%u/%i", "$SOCK", "${HOME}/s")
		},
		func() string {
			return "ProxyJump " + g.pick("none", "jump", "bob@jump:2200", "a,b@[::1]:3,ssh://c@d:4", "gw.example.com # c", "[2001:db8::1]", "j:0", "@j", "none")
		},
		func() string {
			return "ProxyCommand " + g.pick("none", "nc %h %p", `ssh -W "[%h]:%p" gw`, "NONE", "x # y", "=nc %h 22")
		},
		func() string {
			return "UserKnownHostsFile " + g.pick("none", "~/.ssh/known_hosts", "~/.ssh/kh_%h /tmp/b", "/dev/null", `"/a b"`, "none x")
		},
		func() string { return "GlobalKnownHostsFile " + g.pick("none", "/etc/kh", "/etc/a /etc/b") },
		func() string {
			return "StrictHostKeyChecking " + g.pick("yes", "no", "ask", "accept-new", "off", "Ask", "maybe")
		},
		func() string { return "HostKeyAlias " + g.pick("alias", "ALIAS.example") },
		func() string {
			return g.pick("ConnectTimeout ", "ServerAliveInterval ", "ForwardX11Timeout ") + g.pick("10", "1m", "1h30m", "none", "0", "2w", "5x", "90S")
		},
		func() string {
			return g.pick("ConnectionAttempts ", "ServerAliveCountMax ", "NumberOfPasswordPrompts ", "CanonicalizeMaxDots ", "RequiredRSASize ") + g.pick("1", "3", "10", "+2", "-1", "x", "2147483648")
		},
		func() string { return "ForwardAgent " + g.pick("yes", "no", "True") },
		func() string { return "SendEnv " + g.pick("LANG LC_*", "A B", "-LC_*", "-*", "A=b", "X # y") },
		func() string { return "SetEnv " + g.pick("A=1 B=2", `A="x y"`, "A=1 A=2", "B=", "nothing") },
		func() string {
			return "LocalForward " + g.pick("8080 db:80", "[::1]:80 [::2]:81", "127.0.0.1:1 h:2", "/tmp/%h.sock db:5432", "8080", "0 h:1", "*:9 x:9", "8080 h:1 z")
		},
		func() string {
			return "RemoteForward " + g.pick("8080 db:80", "9999", "0 h:22", "0.0.0.0:7 h:1", "/r/%n h:1", "[::]:1 /s")
		},
		func() string {
			return "DynamicForward " + g.pick("1080", "localhost:1081", "[::1]:1082", "/sock", "x:y")
		},
		func() string {
			return "Ciphers " + g.pick("+3des-cbc", "aes128-ctr,aes256-ctr", "-*-ctr", "^aes256-gcm@openssh.com", "aes*", "nope", "-chacha*,aes128-ctr")
		},
		func() string {
			return "MACs " + g.pick("hmac-sha2-256", "+hmac-md5", "-*etm*", "^hmac-sha1,hmac-sha2-512", "+")
		},
		func() string {
			return "KexAlgorithms " + g.pick("+diffie-hellman-group1-sha1", "-ecdh*", "curve25519-sha256", "^ecdh-sha2-nistp256", "bad-kex")
		},
		func() string {
			return g.pick("HostKeyAlgorithms ", "PubkeyAcceptedAlgorithms ", "PubkeyAcceptedKeyTypes ", "HostbasedAcceptedAlgorithms ", "CASignatureAlgorithms ") + g.pick("+ssh-rsa", "ssh-ed25519", "-ecdsa*", "ssh-*", "^rsa-sha2-256", "ecdsa-sha2-nistp*,ssh-rsa", "-ssh-ed25519*", "none-such")
		},
		func() string { return "AddressFamily " + g.pick("any", "inet", "inet6", "INET", "ipv4") },
		func() string { return "BindAddress " + g.pick("10.0.0.1", "::1") },
		func() string {
			return "RekeyLimit " + g.pick("1G", "512K 1h", "default", "default none", "1.5M", "15", "0", "4G 30m", "1Z")
		},
		func() string { return "LogLevel " + g.pick("DEBUG1", "quiet", "Verbose", "LOUD") },
		func() string {
			return "CanonicalDomains " + g.pick("example.com", "a.b c.d.", "none", "-x", "Upper.Case")
		},
		func() string { return "CanonicalizeHostname " + g.pick("no", "no", "no", "false") },
		func() string { return "PreferredAuthentications " + g.pick("publickey", "publickey,password") },
		func() string { return "PubkeyAuthentication " + g.pick("yes", "no", "unbound", "host-bound") },
		func() string { return "RequestTTY " + g.pick("yes", "no", "force", "auto") },
		func() string { return "RemoteCommand " + g.pick("none", "uptime", "echo %h %% %u", "tail -f 'x'") },
		func() string { return "LocalCommand " + g.pick("none", "echo %h", "x=1 y") },
		func() string {
			return "ControlPath " + g.pick("none", "~/.ssh/cm-%r@%h:%p", "/tmp/%n-%L-%l-%i-%k")
		},
		func() string { return "ControlMaster " + g.pick("auto", "yes", "no", "ask", "autoask") },
		func() string { return "ControlPersist " + g.pick("yes", "no", "10m", "0", "30") },
		func() string {
			return "AddKeysToAgent " + g.pick("yes", "no", "ask", "confirm", "confirm 5m", "1h", "0", "yes 5m")
		},
		func() string { return "UpdateHostKeys " + g.pick("yes", "no", "ask") },
		func() string { return "VerifyHostKeyDNS " + g.pick("yes", "no", "ask") },
		func() string { return "Compression " + g.pick("yes", "no") },
		func() string { return "EscapeChar " + g.pick("none", "~", "^]", "^a", "ab", "$") },
		func() string {
			return "IPQoS " + g.pick("af21 cs1", "ef", "0x10", "none", "lowdelay throughput", "300")
		},
		func() string { return "Tunnel " + g.pick("yes", "no", "ethernet", "point-to-point") },
		func() string { return "TunnelDevice " + g.pick("1", "1:2", "any", "any:3", "x") },
		func() string {
			return "PermitRemoteOpen " + g.pick("any", "none", "a:1 b:*", "[::1]:22", "x", "any a:1")
		},
		func() string { return "FingerprintHash " + g.pick("md5", "SHA256", "sha512", "crc") },
		func() string { return "SessionType " + g.pick("none", "subsystem", "default") },
		func() string { return "KnownHostsCommand " + g.pick("none", "/bin/echo %H") },
		func() string { return "RevokedHostKeys " + g.pick("none", "/etc/revoked") },
		func() string { return "SecurityKeyProvider " + g.pick("internal", "/usr/lib/sk.so", "none") },
		func() string { return "LogVerbose " + g.pick("none", "kex.c:*") },
		func() string { return "IgnoreUnknown " + g.pick("Foo*,bar", "*") },
		func() string {
			return g.pick("FooBar yes", "Bar", "unheard of", "UseRoaming no", "Protocol 2", "RSAAuthentication yes", "Cipher 3des")
		},
		func() string {
			return g.pick("Port", "User", `User "open`, "Port 22 23", `"Host" web1`, `"User"=joe`, "=User bob", "User bob # comment", "User bob#x", "Host", "Match", "Match user", "Match nonsense x", "Match all host x", "Host web1 ''")
		},
	}
	if g.IntN(30) > 0 {
		makers = makers[:len(makers)-3] // the last ones are mostly errors
	}
	return makers[g.IntN(len(makers))]()
}

func TestGeneratedLikeSSH(t *testing.T) {
	o := newOracle(t)
	count := 2000
	if testing.Short() {
		count = 100
	}
	seed := testenv.Seed(t)
	jobs := make(chan int)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for i := range jobs {
				compareGenerated(t, o, seed, i)
			}
		})
	}
	for i := range count {
		jobs <- i
	}
	close(jobs)
	workers.Wait()
	t.Logf("ssh refuses %d of %d", o.refused.Load(), count)
}

// newer is what we read as later versions do than the one that is asked: several
// words in a line, which damage to a file may bring about.
var newer = regexp.MustCompile("Match|Include|RevokedHostKeys")

func compareGenerated(t *testing.T, o *oracle, seed uint64, i int) {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, uint64(i)))}
	inner := filepath.Join(o.dir, fmt.Sprintf("%d.inc", i))
	innerText := g.file()
	g.include = inner
	text := g.file()
	if i%4 == 0 && !newer.MatchString(text) {
		text = g.mutate(text)
	}
	path := filepath.Join(o.dir, fmt.Sprintf("%d.conf", i))
	if err := os.WriteFile(inner, []byte(innerText), 0o600); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Error(err)
	}
	name := g.pick(hosts...)
	strict := regexp.MustCompile("is no (host name or address|user name)") // deliberate
	if diff := o.compare(path, name, nil); diff != "" && !strict.MatchString(diff) {
		t.Errorf("seed %d case %d, name %s:\n%s--- file\n%s--- included\n%s", seed, i, name, diff, text, innerText)
	}
}
