package knownhosts

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"gofab/internal/testenv"
)

// certifiedServer is a real sshd with keys of three types and a certificate for
// one of them.
type certifiedServer struct {
	*testenv.SSHD
	ca   ssh.Signer
	keys []ssh.PublicKey
}

func startServer(t *testing.T) *certifiedServer {
	dir := t.TempDir()
	s := &certifiedServer{ca: newSigner(t)}
	var lines []string
	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		key := testenv.NewKey(t, kind)
		path := filepath.Join(dir, kind)
		check(t, os.WriteFile(path, []byte(key.PEM), 0o600))
		s.keys = append(s.keys, key.Signer.PublicKey())
		lines = append(lines, "HostKey "+path)
	}
	cert := certify(t, s.ca, s.keys[0], nil, "127.0.0.1")
	path := filepath.Join(dir, "ed25519-cert.pub")
	check(t, os.WriteFile(path, ssh.MarshalAuthorizedKey(cert), 0o600))
	lines = append(lines, "HostCertificate "+path)
	s.SSHD = testenv.StartSSHD(t, testenv.HostKeys(), testenv.Lines(lines...))
	return s
}

// file is a known_hosts file about the server, right or wrong.
func (s *certifiedServer) file(g *generator) string {
	name := Name("127.0.0.1", s.Port)
	var text strings.Builder
	for range 1 + g.IntN(3) {
		hosts := pick(g, name, name, name, Hash(name), "127.0.0.1", Hash("127.0.0.1"), "*", "other", "!"+name+",*", "[127.*]:*")
		key := pick(g, s.keys...)
		marker := ""
		switch g.IntN(6) {
		case 0:
			marker, hosts = "@revoked ", pick(g, name, Hash(name), "*")
		case 1, 2:
			marker, key = "@cert-authority ", pick(g, s.ca.PublicKey(), s.ca.PublicKey(), key)
		case 3:
			key = pick(g, g.keys...) // of another host
		}
		text.WriteString(marker + keyLine(hosts, key) + "\n")
	}
	return text.String()
}

// system is the verdict of ssh(1).
func (s *certifiedServer) system(t *testing.T, file string, options ...string) string {
	t.Helper()
	args := []string{"-F", s.ConfigFile, "-o", "UserKnownHostsFile=" + file, "-o", "UpdateHostKeys=no"}
	out, err := exec.Command("ssh", append(append(args, options...), s.Name, "true")...).CombinedOutput()
	switch said := string(out); {
	case err == nil:
		return "known"
	case strings.Contains(said, "revoked"), strings.Contains(said, "REVOKED"):
		return "revoked"
	case strings.Contains(said, "HAS CHANGED"):
		return "changed"
	case strings.Contains(said, "host key is known"):
		return "unknown"
	default:
		t.Fatalf("ssh: %v\n%s", err, said)
		return ""
	}
}

// verdict is ours, with the algorithms of ours or none.
func (s *certifiedServer) verdict(t *testing.T, db *DB) string {
	t.Helper()
	err := error(nil)
	config := &ssh.ClientConfig{
		User: s.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(s.Key.Signer)}, HostKeyAlgorithms: db.Algorithms("127.0.0.1", s.Port),
	}
	config.HostKeyCallback = func(_ string, _ net.Addr, key ssh.PublicKey) error {
		err = db.Check("127.0.0.1", s.Port, key)
		return err
	}
	client, dialErr := ssh.Dial("tcp", s.Addr, config)
	if dialErr != nil && err == nil {
		t.Fatal(dialErr)
	}
	if client != nil {
		check(t, client.Close())
	}
	return verdict(t, err)
}

// TestVerdictsAreThoseOfSSH logs in to a real sshd with ssh(1) and with ours,
// with the same file. Asked for the same algorithms, we must not accept what
// ssh refuses, and refuse what it accepts only where Check says that we are
// stricter: a file that names the host both with and without its port.
func TestVerdictsAreThoseOfSSH(t *testing.T) {
	testenv.Require(t, "ssh")
	s := startServer(t)
	g := newGenerator(t)
	count := map[string]int{}
	for range rounds(12) {
		text := s.file(g)
		file := write(t, text)
		db, err := Load(file)
		check(t, err)
		got := s.verdict(t, db)
		want := s.system(t, file, "-o", "HostKeyAlgorithms="+strings.Join(asOpenSSH(db.Algorithms("127.0.0.1", s.Port)), ","))
		stricter := want == "known" && len(db.find(Name("127.0.0.1", s.Port))) > 0 && len(db.find(Name("127.0.0.1", defaultPort))) > 0
		if got != want && !stricter {
			t.Errorf("ssh says %s, we say %s with\n%s", want, got, text)
		}
		count[got]++
	}
	t.Log(count)
}

// asOpenSSH leaves out what OpenSSH does not know.
func asOpenSSH(names []string) []string {
	var kept []string
	for _, name := range names {
		if !strings.Contains(name, "mldsa") && !strings.Contains(name, "ml-dsa") {
			kept = append(kept, name)
		}
	}
	return kept
}
