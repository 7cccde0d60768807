package transport

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/knownhosts"
	"gofab/internal/sshclient"
	"gofab/internal/testenv"
)

// keyServer is an sshd with one host key, perhaps with a certificate.
type keyServer struct {
	*testenv.SSHD
	kind   string
	key    ssh.PublicKey
	other  ssh.PublicKey // of the same type and somebody else
	ca     ssh.Signer
	signed bool // the certificate is good
}

// startKeyServer starts one; adjust spoils its certificate, nil makes none.
func startKeyServer(t *testing.T, kind string, certificate func(*ssh.Certificate)) *keyServer {
	t.Helper()
	dir := t.TempDir()
	key := testenv.NewKey(t, kind)
	s := &keyServer{kind: kind, key: key.Signer.PublicKey(), other: testenv.NewKey(t, kind).Signer.PublicKey(), ca: testenv.NewKey(t, "ed25519").Signer}
	path := filepath.Join(dir, "key")
	check(t, os.WriteFile(path, []byte(key.PEM), 0o600))
	lines := []string{"HostKey " + path}
	if certificate != nil {
		cert := &ssh.Certificate{
			Key: s.key, CertType: ssh.HostCert, KeyId: "web1", ValidPrincipals: []string{"127.0.0.1"}, ValidBefore: ssh.CertTimeInfinity,
		}
		certificate(cert)
		check(t, cert.SignCert(rand.Reader, s.ca))
		check(t, os.WriteFile(path+"-cert.pub", ssh.MarshalAuthorizedKey(cert), 0o600))
		lines = append(lines, "HostCertificate "+path+"-cert.pub")
	}
	s.SSHD = testenv.StartSSHD(t, testenv.HostKeys(), testenv.Lines(lines...))
	return s
}

// keyCase is one content of known_hosts. In its lines NAME is the host with its
// port, HASH the same hashed, KEY its key, OTHER another one, CA the authority.
type keyCase struct {
	name, lines, options string
	kind                 fault.Kind // "" is accepted
	signed               fault.Kind // where the server has a good certificate
}

const no = fault.HostKey

var keyCases = []keyCase{
	{"known", "NAME KEY", "", "", ""},
	{"unknown", "", "", no, no},
	{"changed", "NAME OTHER", "", no, no},
	{"revoked", "@revoked NAME KEY\nNAME KEY", "", no, no},
	{"hashed", "HASH KEY", "", "", ""},
	{"hashed and changed", "HASH OTHER", "", no, no},
	{"another port", "[127.0.0.1]:1 KEY", "", no, no},
	{"authority", "@cert-authority NAME CA", "", no, ""},
	// From here on for some kinds of keys only.
	{"another host", "example KEY", "", no, no},
	{"revoked everywhere", "@revoked * KEY\nNAME KEY", "", no, no},
	{"without the port", "127.0.0.1 KEY", "", "", ""},
	{"changed without the port", "127.0.0.1 OTHER", "", no, no},
	{"two keys", "NAME OTHER\nNAME KEY", "", "", ""},
	{"junk", "NAME\nNAME ssh-ed25519 junk\n|1|x|y KEY\nNAME KEY", "", "", ""},
	{"pattern", "[127.*]:* KEY", "", "", ""},
	{"excluded", "!NAME,!127.0.0.1,* KEY", "", no, no},
	{"another authority", "@cert-authority NAME OTHER", "", no, no},
	{"authority of others", "@cert-authority example CA", "", no, no},
	{"revoked authority", "@revoked * CA\n@cert-authority NAME CA", "", no, no},
	{"authority and key", "@cert-authority NAME CA\nNAME KEY", "", "", ""},
	{"authority and another key", "@cert-authority NAME CA\nNAME OTHER", "", no, ""},
	{"alias", "web KEY", "HostKeyAlias web", "", ""},
	{"alias unknown", "NAME KEY", "HostKeyAlias web", no, no},
	{"revoked in a file", "NAME KEY", "RevokedHostKeys REVOKED", no, no},
	{"revoked in a binary list", "NAME KEY", "RevokedHostKeys BINARY", no, no},
	{"another one in a binary list", "NAME KEY", "RevokedHostKeys ELSE", "", ""},
	{"revocations missing", "NAME KEY", "RevokedHostKeys /nonexistent/krl", no, no},
	{"weak authority", "@cert-authority NAME CA", "CASignatureAlgorithms rsa-sha2-512", no, no},
	{"weak authority, known key", "@cert-authority NAME CA\nNAME KEY", "CASignatureAlgorithms rsa-sha2-512", "", ""},
}

const manyKinds = 8 // cases for every kind of key

// fill puts the server into lines.
func (s *keyServer) fill(text string) string {
	name := knownhosts.Name("127.0.0.1", s.Port)
	line := func(key ssh.PublicKey) string { return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) }
	return strings.NewReplacer("NAME", name, "HASH", knownhosts.Hash(name), "KEY", line(s.key), "OTHER", line(s.other),
		"CA", line(s.ca.PublicKey())).Replace(text)
}

// config writes a configuration with the known_hosts file of a case.
func (s *keyServer) config(t testing.TB, c keyCase) string {
	t.Helper()
	known := writeFile(t, "known_hosts", s.fill(c.lines)+"\n")
	options := strings.ReplaceAll(c.options, "REVOKED", writeFile(t, "revoked", s.fill("KEY")+"\n"))
	for word, key := range map[string]string{"BINARY": "KEY", "ELSE": "OTHER"} {
		if strings.Contains(options, word) {
			options = strings.ReplaceAll(options, word, binaryList(t, s.fill(key)))
		}
	}
	return writeFile(t, "config", fmt.Sprintf("Host web1\nHostName 127.0.0.1\nPort %d\nUser %s\nIdentityFile %s\nIdentitiesOnly yes\n"+
		"UserKnownHostsFile %s\nGlobalKnownHostsFile none\nStrictHostKeyChecking yes\n%s\n", s.Port, s.User, s.ClientKey, known, options))
}

// binaryList has ssh-keygen make a revocation list of a key.
func binaryList(t testing.TB, key string) string {
	t.Helper()
	path := writeFile(t, "key.pub", key+"\n")
	out, err := exec.Command(testenv.Require(t, "ssh-keygen"), "-k", "-f", path+".list", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path + ".list"
}

// TestHostKeyMatrix: no wrong key is accepted, no right one refused, and ssh
// comes to the same verdict.
func TestHostKeyMatrix(t *testing.T) {
	testenv.Goroutines(t)
	testenv.Require(t, "ssh")
	expired := func(c *ssh.Certificate) { c.ValidBefore = uint64(time.Now().Add(-time.Hour).Unix()) }
	elsewhere := func(c *ssh.Certificate) { c.ValidPrincipals = []string{"example"} }
	forUsers := func(c *ssh.Certificate) { c.CertType = ssh.UserCert }
	good := func(*ssh.Certificate) {}
	for name, s := range map[string]*keyServer{
		"rsa": startKeyServer(t, "rsa", nil), "ed25519": startKeyServer(t, "ed25519", nil),
		"ecdsa256": startKeyServer(t, "ecdsa", nil), "ecdsa384": startKeyServer(t, "ecdsa384", nil),
		"ecdsa521":    startKeyServer(t, "ecdsa521", nil),
		"certificate": startKeyServer(t, "ed25519", good), "RSA certificate": startKeyServer(t, "rsa", good),
		"expired certificate":      startKeyServer(t, "ed25519", expired),
		"certificate of elsewhere": startKeyServer(t, "ecdsa", elsewhere),
		"certificate for users":    startKeyServer(t, "ed25519", forUsers),
	} {
		s.signed = name == "certificate" || name == "RSA certificate"
		cases := keyCases[:manyKinds]
		switch name {
		case "ed25519", "certificate":
			cases = keyCases
		case "expired certificate", "certificate of elsewhere", "certificate for users":
			cases = slices.DeleteFunc(slices.Clone(keyCases), func(c keyCase) bool { return !strings.Contains(c.lines, "@cert-authority") })
		}
		for _, c := range cases {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				s.judge(t, c)
			})
		}
	}
}

// judge compares the verdict on one case with what is right and with ssh's.
func (s *keyServer) judge(t *testing.T, c keyCase) {
	config := s.config(t, c)
	_, err := dial(t, config, "web1", sshclient.Deps{})
	want := c.kind
	if s.signed {
		want = c.signed
	}
	if fault.KindOf(err) != want {
		t.Errorf("got %v", err)
	}
	if _, refused := systemSSH(t, "", config, "web1", "true", "-o", "UpdateHostKeys=no"); (refused == nil) != (err == nil) {
		t.Errorf("ssh: %v, we: %v", refused, err)
	}
}

// TestHostKeyOfAJumpHost: each host on the way is checked with its own lines.
func TestHostKeyOfAJumpHost(t *testing.T) {
	testenv.Goroutines(t)
	testenv.Require(t, "ssh")
	bastion, target := startKeyServer(t, "ed25519", nil), startKeyServer(t, "rsa", nil)
	for name, test := range map[string]struct {
		bastion, target string // lines about each
		kind            fault.Kind
	}{
		"both known":          {"NAME KEY", "NAME KEY", ""},
		"unknown bastion":     {"", "NAME KEY", no},
		"changed bastion":     {"NAME OTHER", "NAME KEY", no},
		"unknown target":      {"NAME KEY", "", no},
		"changed target":      {"NAME KEY", "NAME OTHER", no},
		"revoked target":      {"NAME KEY", "@revoked NAME KEY\nNAME KEY", no},
		"the bastion's twice": {"NAME KEY", strings.Replace(bastion.fill("NAME KEY"), strconv.Itoa(bastion.Port), strconv.Itoa(target.Port), 1), no},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			known := writeFile(t, "known_hosts", bastion.fill(test.bastion)+"\n"+target.fill(test.target)+"\n")
			config := ""
			for host, s := range map[string]*keyServer{"bastion": bastion, "web1": target} {
				config += fmt.Sprintf("Host %s\nHostName 127.0.0.1\nPort %d\nUser %s\nIdentityFile %s\n", host, s.Port, s.User, s.ClientKey)
			}
			path := writeFile(t, "config", config+"Host web1\nProxyJump bastion\nHost *\nIdentitiesOnly yes\nUserKnownHostsFile "+known+
				"\nGlobalKnownHostsFile none\nStrictHostKeyChecking yes\n")
			_, err := dial(t, path, "web1", sshclient.Deps{})
			if fault.KindOf(err) != test.kind {
				t.Errorf("got %v", err)
			}
			if _, refused := systemSSH(t, "", path, "web1", "true"); (refused == nil) != (err == nil) {
				t.Errorf("ssh: %v, we: %v", refused, err)
			}
		})
	}
}
