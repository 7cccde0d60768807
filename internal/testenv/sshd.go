package testenv

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

// SSHD is a running OpenSSH server and what a client needs to log in to it.
type SSHD struct {
	Name       string // its Host entry in ConfigFile
	User       string // who logs in
	Port       int
	Addr       string // 127.0.0.1:port
	ConfigFile string // an ssh_config(5) file for `ssh -F`
	KnownHosts string // a known_hosts file with all its host keys
	ClientKey  string // file of the private key that may log in
	Key        KeyPair
	HostKeys   []ssh.PublicKey
	Dir        string // its files; removed with the test

	daemon *daemon
}

// Log is what sshd has written so far.
func (s *SSHD) Log() string { return s.daemon.log.String() }

// Stop ends sshd, its connections and what runs on them. The end of the test
// does the same.
func (s *SSHD) Stop() { s.daemon.stop() }

// Start runs it again after Stop, at the same port and with its files as they
// are now.
func (s *SSHD) Start(t testing.TB) {
	t.Helper()
	s.Stop()
	s.daemon = tryDaemon(t, Require(t, "sshd"), []string{"-f", s.serverConfig()})
	if s.daemon == nil {
		t.Fatalf("somebody took port %d while sshd was stopped", s.Port)
	}
}

// WriteHostKey replaces the host key of a kind for the next Start. What clients
// know stays as it is.
func (s *SSHD) WriteHostKey(t testing.TB, kind string) {
	t.Helper()
	writeFile(t, s.hostKeyFile(kind), NewKey(t, kind).PEM, 0o600)
}

func (s *SSHD) serverConfig() string           { return filepath.Join(s.Dir, "sshd_config") }
func (s *SSHD) hostKeyFile(kind string) string { return filepath.Join(s.Dir, "host_"+kind) }

// Option changes an sshd before it starts.
type Option func(*plan)

// plan is an sshd to be started.
type plan struct {
	name     string
	user     string
	hostKeys []string
	lines    []string
	level    string
	sftp     string
	key      *KeyPair
}

// Name sets the Host entry; "testhost" is the default.
func Name(name string) Option { return func(p *plan) { p.name = name } }

// As sets who logs in; the current user is the default. Only root's sshd can
// let somebody else in.
func As(user string) Option { return func(p *plan) { p.user = user } }

// HostKeys sets the kinds of host keys: "ed25519" (the default), "rsa", "ecdsa".
func HostKeys(kinds ...string) Option { return func(p *plan) { p.hostKeys = kinds } }

// Lines adds lines of sshd_config(5). They come first, and in sshd_config the
// first value counts, so they override the defaults here.
func Lines(lines ...string) Option { return func(p *plan) { p.lines = append(p.lines, lines...) } }

// LogLevel sets sshd's own; VERBOSE is the default, INFO the least that works.
// From DEBUG1 on some of its lines reach the standard error of commands.
func LogLevel(level string) Option { return func(p *plan) { p.level = level } }

// NoSFTP leaves the sftp subsystem out.
func NoSFTP() Option { return func(p *plan) { p.sftp = "" } }

// ClientKey sets the key that may log in; a fresh ed25519 key is the default.
func ClientKey(key KeyPair) Option { return func(p *plan) { p.key = &key } }

// StartSSHD runs a real sshd(8) on a free loopback port until the test ends.
// Its log is shown when the test fails.
func StartSSHD(t testing.TB, options ...Option) *SSHD {
	t.Helper()
	program := Require(t, "sshd")
	p := plan{name: "testhost", user: currentUser(t), hostKeys: []string{"ed25519"}, level: "VERBOSE", sftp: "Subsystem sftp internal-sftp"}
	for _, option := range options {
		option(&p)
	}
	s := &SSHD{Name: p.name, User: p.user, Dir: readableDir(t)}
	keyLines := s.writeKeys(t, p)
	s.daemon = startDaemon(t, program, func(port int) []string {
		s.Port, s.Addr = port, net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		return []string{"-f", s.writeServerConfig(t, p, keyLines)}
	})
	s.writeClientConfig(t)
	return s
}

// readableDir is a folder that every user can look into, so that another user
// than the test's own can log in. The private keys in it are 0600.
func readableDir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func currentUser(t testing.TB) string {
	t.Helper()
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	return u.Username
}

// writeKeys writes host keys, client key and authorized_keys, and gives the
// HostKey lines of the server's configuration.
func (s *SSHD) writeKeys(t testing.TB, p plan) (lines []string) {
	for _, kind := range p.hostKeys {
		key := NewKey(t, kind)
		path := s.hostKeyFile(kind)
		writeFile(t, path, key.PEM, 0o600)
		s.HostKeys = append(s.HostKeys, key.Signer.PublicKey())
		lines = append(lines, "HostKey "+path)
	}
	if p.key == nil {
		key := NewKey(t, "ed25519")
		p.key = &key
	}
	s.Key = *p.key
	s.ClientKey = filepath.Join(s.Dir, "client_key")
	writeFile(t, s.ClientKey, s.Key.PEM, 0o600)
	writeFile(t, s.ClientKey+".pub", s.Key.Public()+"\n", 0o644)
	writeFile(t, filepath.Join(s.Dir, "authorized_keys"), s.Key.Public()+"\n", 0o644)
	return lines
}

// noProfile keeps bash, which reads ~/.bashrc below sshd, from doing so: what
// the machine's owner has there is no business of a test, and may be slow.
const noProfile = "SHLVL=1"

func (s *SSHD) writeServerConfig(t testing.TB, p plan, keyLines []string) string {
	lines := append([]string{}, p.lines...)
	lines = append(lines, keyLines...)
	lines = append(lines,
		"ListenAddress 127.0.0.1", "Port "+strconv.Itoa(s.Port), "PidFile none", "UsePAM no", "StrictModes no",
		"AuthorizedKeysFile "+filepath.Join(s.Dir, "authorized_keys"), "PermitRootLogin yes", "UseDNS no",
		"PasswordAuthentication no", "KbdInteractiveAuthentication no", "PrintMotd no", "PrintLastLog no",
		"LogLevel "+p.level, p.sftp, penalties(), "SetEnv "+noProfile)
	path := s.serverConfig()
	writeFile(t, path, strings.Join(lines, "\n")+"\n", 0o644)
	return path
}

// penalties switches off what OpenSSH 9.8 and newer do to an address that
// failed to log in: here all clients have the same one. Older ones refuse the line.
var penalties = sync.OnceValue(func() string {
	program, _ := find("sshd")
	out, _ := exec.Command(program, "-V").CombinedOutput() // older ones show it in their usage
	var major, minor int
	if at := bytes.Index(out, []byte("OpenSSH_")); at >= 0 {
		_, _ = fmt.Sscanf(string(out[at:]), "OpenSSH_%d.%d", &major, &minor)
	}
	if major < 9 || major == 9 && minor < 8 {
		return ""
	}
	return "PerSourcePenalties no"
})

func (s *SSHD) writeClientConfig(t testing.TB) {
	s.KnownHosts = filepath.Join(s.Dir, "known_hosts")
	writeFile(t, s.KnownHosts, s.knownHostsLines(), 0o600)
	s.ConfigFile = filepath.Join(s.Dir, "ssh_config")
	writeFile(t, s.ConfigFile, s.hostEntry()+clientDefaults(s.KnownHosts), 0o600)
}

func (s *SSHD) knownHostsLines() string {
	var b strings.Builder
	for _, key := range s.HostKeys {
		fmt.Fprintf(&b, "[127.0.0.1]:%d %s", s.Port, ssh.MarshalAuthorizedKey(key))
	}
	return b.String()
}

func (s *SSHD) hostEntry() string {
	return fmt.Sprintf("Host %s\n  HostName 127.0.0.1\n  Port %d\n  User %s\n  IdentityFile %s\n\n", s.Name, s.Port, s.User, s.ClientKey)
}

func clientDefaults(knownHosts string) string {
	return "Host *\n  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile " + knownHosts + "\n" +
		"  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  BatchMode yes\n  LogLevel ERROR\n"
}

// SSHDs are several servers behind one client configuration.
type SSHDs struct {
	Hosts      []*SSHD // web1 to webN
	ConfigFile string  // names them all
	KnownHosts string  // knows them all
	ClientKey  string  // opens them all
}

// StartSSHDs runs n servers named web1 to webN.
func StartSSHDs(t testing.TB, n int, options ...Option) *SSHDs {
	t.Helper()
	all := &SSHDs{}
	key := NewKey(t, "ed25519")
	var config, known strings.Builder
	for i := range n {
		s := StartSSHD(t, append([]Option{ClientKey(key), Name("web" + strconv.Itoa(i+1))}, options...)...)
		all.Hosts = append(all.Hosts, s)
		config.WriteString(s.hostEntry())
		known.WriteString(s.knownHostsLines())
		all.ClientKey = s.ClientKey
	}
	dir := t.TempDir()
	all.KnownHosts = filepath.Join(dir, "known_hosts")
	writeFile(t, all.KnownHosts, known.String(), 0o600)
	all.ConfigFile = filepath.Join(dir, "ssh_config")
	writeFile(t, all.ConfigFile, config.String()+clientDefaults(all.KnownHosts), 0o600)
	return all
}
