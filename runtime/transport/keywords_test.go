package transport

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"gofab/internal/sshclient"
	"gofab/internal/testenv"
)

// keywordCase is a keyword with an effect that a command can see.
type keywordCase struct {
	lines string // of the host; DIR is a folder of the case, SOCKET an agent, CLIENT the key that opens
	probe string
	want  string // what the probe prints; "refused" if there is no login
	ssh   string // the same of ssh, where gofab means something else
}

// known is where the default configuration of a case has the host's key.
const known = "UserKnownHostsFile DIR/known\n"

var keywordCases = map[string]keywordCase{
	"nothing":                      {known, "echo in", "in\n", ""},
	"User":                         {known + "User nosuchuser", "echo in", "refused", ""},
	"SetEnv":                       {known + "SetEnv TEST_A=one TEST_B=two", "echo $TEST_A$TEST_B", "onetwo\n", ""},
	"SendEnv":                      {known + "SendEnv TEST_*", "echo $TEST_SENT$PRIVATE", "sent\n", ""},
	"SendEnv taken back":           {known + "SendEnv TEST_*\nSendEnv -TEST_*", "echo x$TEST_SENT", "x\n", ""},
	"SendEnv before SetEnv":        {known + "SendEnv TEST_*\nSetEnv TEST_SENT=set", "echo $TEST_SENT", "set\n", ""},
	"RequestTTY":                   {known + "RequestTTY force", "test -t 1 && echo tty || echo pipe", "pipe\n", "tty\r\n"},
	"RemoteCommand":                {known + "RemoteCommand echo configured", "echo given", "given\n", "refused"},
	"IdentityFile, several":        {known + "IdentityFile DIR/none\nIdentityFile DIR/wrong", "echo in", "in\n", ""},
	"IdentitiesOnly, other agent":  {known + "IdentityFile DIR/wrong\nIdentityAgent SOCKET", "echo in", "in\n", ""},
	"CertificateFile":              {known + "IdentityFile DIR/wrong\nCertificateFile DIR/certificate", "cut -c1-37 $SSH_USER_AUTH", "publickey ssh-ed25519-cert-v01@openss\n", ""},
	"CertificateFile beside":       {known + "IdentityFile DIR/certified\nIdentityAgent none", "cut -c1-37 $SSH_USER_AUTH", "publickey ssh-ed25519-cert-v01@openss\n", ""},
	"PubkeyAuthentication":         {known + "PubkeyAuthentication no", "echo in", "refused", ""},
	"PreferredAuthentications":     {known + "PreferredAuthentications keyboard-interactive,password", "echo in", "refused", ""},
	"PreferredAuthentications, +":  {known + "PreferredAuthentications password,publickey", "echo in", "in\n", ""},
	"PubkeyAcceptedAlgorithms":     {known + "PubkeyAcceptedAlgorithms rsa-sha2-512,rsa-sha2-256", "echo in", "refused", ""},
	"PubkeyAcceptedAlgorithms, -":  {known + "PubkeyAcceptedAlgorithms -ssh-ed25519*", "echo in", "refused", ""},
	"PubkeyAcceptedAlgorithms, +":  {known + "PubkeyAcceptedAlgorithms +ssh-rsa", "echo in", "in\n", ""},
	"RequiredRSASize":              {known + "RequiredRSASize 4096\nHostKeyAlgorithms rsa-sha2-512", "echo in", "refused", ""},
	"RequiredRSASize, small":       {known + "RequiredRSASize 1024\nHostKeyAlgorithms rsa-sha2-512", "echo in", "in\n", ""},
	"HostKeyAlgorithms":            {known + "HostKeyAlgorithms ecdsa-sha2-nistp256", "echo in", "refused", ""},
	"UserKnownHostsFile, second":   {"UserKnownHostsFile DIR/none DIR/known", "echo in", "in\n", ""},
	"GlobalKnownHostsFile":         {"UserKnownHostsFile DIR/none\nGlobalKnownHostsFile DIR/known", "echo in", "in\n", ""},
	"StrictHostKeyChecking yes":    {"UserKnownHostsFile DIR/new", "echo in", "refused", ""},
	"StrictHostKeyChecking ask":    {"UserKnownHostsFile DIR/new\nStrictHostKeyChecking ask", "echo in", "refused", ""},
	"StrictHostKeyChecking no":     {"UserKnownHostsFile DIR/none\nStrictHostKeyChecking no", "echo in", "in\n", ""},
	"StrictHostKeyChecking new":    {"UserKnownHostsFile DIR/new\nStrictHostKeyChecking accept-new", "cut -c1-11 DIR/new", "[127.0.0.1]\n", ""},
	"HashKnownHosts":               {"UserKnownHostsFile DIR/new\nStrictHostKeyChecking accept-new\nHashKnownHosts yes", "cut -c1-3 DIR/new", "|1|\n", ""},
	"BindAddress":                  {known + "BindAddress 127.0.0.2", "echo ${SSH_CONNECTION%% *}", "127.0.0.2\n", ""},
	"AddressFamily":                {known + "AddressFamily inet6", "echo in", "refused", ""},
	"ForwardAgent":                 {known + "IdentityAgent SOCKET\nForwardAgent yes", "test -S \"$SSH_AUTH_SOCK\" && echo agent", "agent\n", ""},
	"ForwardAgent no":              {known + "IdentityAgent SOCKET\nForwardAgent no", "echo x$SSH_AUTH_SOCK", "x\n", ""},
	"ForwardAgent no, then a path": {known + "ForwardAgent no\nForwardAgent SOCKET", "echo x$SSH_AUTH_SOCK", "x\n", ""},
	"ForwardAgent path":            {known + "ForwardAgent SOCKET", "ssh-add -l | cut -d' ' -f1", "256\n", ""},
	"ProxyJump":                    {known + "ProxyJump jump", "echo in", "in\n", ""},
	"ProxyCommand":                 {known + "ProxyCommand ssh -F DIR/config -W %h:%p jump", "echo in", "in\n", ""},
	"RekeyLimit":                   {known + "RekeyLimit 16K", "head -c 1000000 /dev/zero | tr '\\0' x", strings.Repeat("x", 1000000), ""},
	"RekeyLimit with a time":       {known + "RekeyLimit 1G 1s", "echo in", "in\n", ""},
	"Ciphers":                      {known + "Ciphers aes256-ctr\nMACs hmac-sha2-256", "echo in", "in\n", ""},
	"Ciphers of the server only":   {known + "Ciphers 3des-cbc", "echo in", "refused", ""},
	"KexAlgorithms":                {known + "KexAlgorithms ecdh-sha2-nistp384", "echo in", "in\n", ""},
	"KexAlgorithms, none fits":     {known + "KexAlgorithms diffie-hellman-group1-sha1", "echo in", "refused", ""},
	"Compression":                  {known + "Compression yes", "echo in", "in\n", ""},
	"GSSAPIAuthentication":         {known + "GSSAPIAuthentication yes\nGSSAPIDelegateCredentials yes", "echo in", "in\n", ""},
	"ControlMaster":                {known + "ControlMaster auto\nControlPath DIR/control", "echo in", "in\n", ""},
	"ConnectTimeout":               {known + "ConnectTimeout 5\nConnectionAttempts 2\nTCPKeepAlive no", "echo in", "in\n", ""},
	"ServerAliveInterval":          {known + "ServerAliveInterval 1\nServerAliveCountMax 2", "echo in", "in\n", ""},
	"CanonicalizeHostname":         {known + "CanonicalizeHostname yes\nCanonicalDomains example.invalid", "echo in", "in\n", ""},
}

// TestKeywordsHaveTheirEffect: what a keyword does is what it does with ssh.
func TestKeywordsHaveTheirEffect(t *testing.T) {
	testenv.Goroutines(t)
	testenv.Require(t, "ssh")
	testenv.Require(t, "ssh-add")
	authority := testenv.NewKey(t, "ed25519")
	s := testenv.StartSSHD(t, testenv.HostKeys("ed25519", "rsa"), testenv.Lines("AcceptEnv TEST_*", "Ciphers +aes256-ctr", "MaxStartups 100",
		"ExposeAuthInfo yes", "TrustedUserCAKeys "+writeFile(t, "ca.pub", authority.Public()+"\n")))
	t.Setenv("TEST_SENT", "sent")
	t.Setenv("PRIVATE", "private")
	t.Run("cases", func(t *testing.T) {
		for name, c := range keywordCases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if c.ssh == "" {
					c.ssh = c.want
				}
				socket := serveAgent(t, s)
				config := func() string { return keywordConfig(t, s, c, authority.Signer, socket) }
				if got := c.ours(t, config(), socket); got != c.want {
					t.Errorf("got %.200q, want %.200q", got, c.want)
				}
				out := c.theirs(t, config(), socket)
				if out != c.ssh {
					t.Errorf("ssh: got %.200q, want %.200q", out, c.ssh)
				}
			})
		}
	})
}

func (c keywordCase) ours(t *testing.T, config, socket string) string {
	conn, err := dial(t, config, "web1", sshclient.Deps{Environ: os.Environ(), AgentSocket: socket})
	if err != nil {
		return "refused"
	}
	return output(t, conn, strings.ReplaceAll(c.probe, "DIR", filepath.Dir(config)))
}

func (c keywordCase) theirs(t *testing.T, config, socket string) string {
	out, err := systemSSH(t, socket, config, "web1", strings.ReplaceAll(c.probe, "DIR", filepath.Dir(config)))
	if err != nil {
		return "refused"
	}
	return out
}

// keywordConfig writes the folder of a case.
func keywordConfig(t *testing.T, s *testenv.SSHD, c keywordCase, authority ssh.Signer, socket string) string {
	t.Helper()
	dir := t.TempDir()
	key, err := os.ReadFile(s.KnownHosts)
	check(t, err)
	check(t, os.WriteFile(filepath.Join(dir, "known"), key, 0o600))
	writeCertified(t, dir, s.User, authority)
	base := fmt.Sprintf("HostName 127.0.0.1\nPort %d\nUser %s\nIdentityFile %s\nIdentitiesOnly yes\nStrictHostKeyChecking yes\nGlobalKnownHostsFile none\n",
		s.Port, s.User, s.ClientKey)
	lines := strings.NewReplacer("DIR", dir, "SOCKET", socket).Replace(c.lines)
	text := "Host web1\n" + lines + "\n" + base + "Host jump\nUserKnownHostsFile " + dir + "/known\n" + base
	path := filepath.Join(dir, "config")
	check(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// writeCertified writes a key that opens nothing under two names, "wrong" and
// "certified". The second has beside it a certificate that opens the server,
// which is in the file "certificate" as well.
func writeCertified(t *testing.T, dir, user string, authority ssh.Signer) {
	t.Helper()
	key := testenv.NewKey(t, "ed25519")
	cert := &ssh.Certificate{Key: key.Signer.PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{user}, ValidBefore: ssh.CertTimeInfinity}
	check(t, cert.SignCert(rand.Reader, authority))
	for name, text := range map[string]string{
		"wrong": key.PEM, "certified": key.PEM, "certificate": string(ssh.MarshalAuthorizedKey(cert)),
		"certified-cert.pub": string(ssh.MarshalAuthorizedKey(cert)),
	} {
		check(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
}

// serveAgent runs an agent that holds the client's key.
func serveAgent(t *testing.T, s *testenv.SSHD) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "agent") // t.TempDir may be too long for a socket
	check(t, err)
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	check(t, err)
	ring := agent.NewKeyring()
	private, err := ssh.ParseRawPrivateKey([]byte(s.Key.PEM))
	check(t, err)
	check(t, ring.Add(agent.AddedKey{PrivateKey: private}))
	var conns []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			conns = append(conns, c)
			go func() { _ = agent.ServeAgent(ring, c) }()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
		for _, c := range conns {
			c.Close()
		}
		os.RemoveAll(dir)
	})
	return listener.Addr().String()
}
