package sshclient

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// offers are the keys that sshd was shown, in order, as its log names them.
func offers(log string) []string {
	return regexp.MustCompile(`Failed publickey for .* ssh2: (\S+ SHA256:\S+)`).FindAllString(log, -1)
}

// named are the offers with names that do not differ between two connections.
func named(log string, keys map[string]ssh.PublicKey) []string {
	var names []string
	for _, line := range offers(log) {
		for name, key := range keys {
			if strings.Contains(line, ssh.FingerprintSHA256(key)) {
				if strings.Contains(line, "-CERT") {
					name += " certificate"
				}
				names = append(names, name)
			}
		}
	}
	return names
}

// TestOfferOrderLikeSSH: certificates and keys of the agent that the
// configuration names, other keys of the agent, key files with the certificates
// beside them; and the same order as ssh's.
func TestOfferOrderLikeSSH(t *testing.T) {
	testenv.Goroutines(t)
	testenv.Require(t, "ssh")
	s := testenv.StartSSHD(t, testenv.Lines("AuthorizedKeysFile none", "MaxAuthTries 20"))
	keys, files, private := map[string]ssh.PublicKey{}, map[string]string{}, map[string]any{}
	for _, name := range []string{"other", "held", "file", "certified", "explicit"} {
		key, signer := newKey(t)
		keys[name], private[name] = signer.PublicKey(), key
		files[name] = keyFileOf(t, key, "")
		check(t, os.WriteFile(files[name]+".pub", ssh.MarshalAuthorizedKey(signer.PublicKey()), 0o600))
	}
	_, ca := newKey(t)
	certificate := func(name, path string) {
		cert := &ssh.Certificate{Key: keys[name], CertType: ssh.UserCert, ValidPrincipals: []string{s.User}, ValidBefore: ssh.CertTimeInfinity}
		check(t, cert.SignCert(rand.Reader, ca))
		check(t, os.WriteFile(path, ssh.MarshalAuthorizedKey(cert), 0o600))
	}
	certificate("certified", files["certified"]+"-cert.pub")
	explicit := filepath.Join(t.TempDir(), "cert.pub")
	certificate("explicit", explicit)
	socket := startAgent(t, private["other"], private["held"])
	for name, test := range map[string]struct {
		lines string
		want  []string
	}{
		"all": {"IdentityFile FILE\nIdentityFile CERTIFIED\nIdentityFile HELD",
			[]string{"held", "other", "file", "certified", "certified certificate"}},
		"only what is named": {"IdentityFile FILE\nIdentityFile HELD\nIdentitiesOnly yes", []string{"held", "file"}},
		"a certificate by name": {"IdentityFile FILE\nIdentityFile EXPLICIT\nCertificateFile CERT\nIdentitiesOnly yes",
			[]string{"explicit certificate", "file", "explicit"}},
		"no agent": {"IdentityFile FILE\nIdentityFile HELD\nIdentityAgent none", []string{"file", "held"}},
	} {
		t.Run(name, func(t *testing.T) {
			lines := strings.NewReplacer("FILE", files["file"], "HELD", files["held"], "CERTIFIED", files["certified"],
				"EXPLICIT", files["explicit"], "CERT", explicit).Replace(strings.ReplaceAll(test.lines, "IdentityFile", "identityfile"))
			text := "Host web1\nHostName 127.0.0.1\nPort " + fmtPort(s.Port) + "\nUser " + s.User + "\nUserKnownHostsFile " + s.KnownHosts +
				"\nGlobalKnownHostsFile none\nPreferredAuthentications publickey\n" + lines + "\n"
			d := newDialer(Deps{Resolve: writeConfig(t, text), AgentSocket: socket})
			before := len(s.Log())
			_, err := dialName(t, d, "web1")
			ours := named(s.Log()[before:], keys)
			if fault.KindOf(err) != fault.Auth || !slices.Equal(ours, test.want) {
				t.Errorf("offered %q, want %q: %v", ours, test.want, err)
			}
			config := filepath.Join(t.TempDir(), "config")
			check(t, os.WriteFile(config, []byte(text), 0o600))
			before = len(s.Log())
			cmd := exec.Command("ssh", "-F", config, "-o", "BatchMode=yes", "web1", "true")
			cmd.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket)
			if err := cmd.Run(); err == nil {
				t.Error("ssh got in")
			}
			if theirs := named(s.Log()[before:], keys); !slices.Equal(ours, theirs) {
				t.Errorf("ours %q, ssh's %q", ours, theirs)
			}
		})
	}
}

// However many keys an agent holds, sshd's MaxAuthTries leaves one try for the
// password; a server that allows fewer says so, and we what to do.
func TestMaxAuthTries(t *testing.T) {
	testenv.Goroutines(t)
	user := testenv.TempUser(t, "open sesame")
	var keys []any
	for range 20 {
		key, _ := newKey(t)
		keys = append(keys, key)
	}
	socket := startAgent(t, keys...)
	for tries, kind := range map[string]fault.Kind{"6": "", "3": fault.Auth} {
		s := testenv.StartSSHD(t, testenv.As(user.Name), testenv.Lines("PasswordAuthentication yes", "MaxAuthTries "+tries, "AuthorizedKeysFile none"))
		o := sshdOptions(t, s)
		o.agentSocket, o.identityFiles = socket, nil
		d := newDialer(Deps{Password: func(string) (string, bool) { return user.Password, true }})
		c, err := d.dial(testContext(t), o)
		if fault.KindOf(err) != kind {
			t.Errorf("%s tries: %v", tries, err)
		}
		if err == nil {
			c.Close()
			continue
		}
		if !strings.Contains(err.Error(), "Too many authentication failures") || !strings.Contains(fault.From(err).Hint, "IdentitiesOnly") {
			t.Errorf("%s tries: %v; %s", tries, err, fault.From(err).Hint)
		}
	}
}

// securityKey is an agent with a key of a hardware token (sk-ssh-ed25519), which
// signs what the token would.
type securityKey struct {
	agent.Agent
	blob    []byte
	private ed25519.PrivateKey
}

const skType = "sk-ssh-ed25519@openssh.com"

func newSecurityKey(t testing.TB) *securityKey {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	blob := ssh.Marshal(struct {
		Type        string
		Key         []byte
		Application string
	}{skType, public, "ssh:"})
	return &securityKey{agent.NewKeyring(), blob, private}
}

func (k *securityKey) List() ([]*agent.Key, error) {
	return []*agent.Key{{Format: skType, Blob: k.blob, Comment: "token"}}, nil
}

func (k *securityKey) Sign(key ssh.PublicKey, data []byte) (*ssh.Signature, error) {
	if string(key.Marshal()) != string(k.blob) {
		return nil, errors.New("not held")
	}
	application, message := sha256.Sum256([]byte("ssh:")), sha256.Sum256(data)
	state := binary.BigEndian.AppendUint32([]byte{1}, 7) // touched, and the counter
	signed := slices.Concat(application[:], state, message[:])
	return &ssh.Signature{Format: skType, Blob: ed25519.Sign(k.private, signed), Rest: state}, nil
}

// A key on a token works through an agent.
func TestSecurityKey(t *testing.T) {
	testenv.Goroutines(t)
	key := newSecurityKey(t)
	public, err := ssh.ParsePublicKey(key.blob)
	check(t, err)
	s := testenv.StartSSHD(t)
	check(t, os.WriteFile(filepath.Join(s.Dir, "authorized_keys"), ssh.MarshalAuthorizedKey(public), 0o644))
	o := sshdOptions(t, s)
	o.agentSocket, o.identityFiles = serveRing(t, key), nil
	c := connectTo(t, o)
	if c.Info().Auth != "agent key "+ssh.FingerprintSHA256(public) {
		t.Errorf("Info is %+v", c.Info())
	}
}
