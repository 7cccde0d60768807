package sshclient

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// lockedKeyFile writes a key that is locked the old way, which takes no time,
// with its public half beside it.
func lockedKeyFile(t testing.TB, private *ecdsa.PrivateKey, passphrase string) string {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(private)
	check(t, err)
	block, err := x509.EncryptPEMBlock(rand.Reader, "EC PRIVATE KEY", der, []byte(passphrase), x509.PEMCipherAES256) //nolint:staticcheck // people have such files
	check(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	check(t, err)
	path := filepath.Join(t.TempDir(), "id_ecdsa")
	check(t, os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
	check(t, os.WriteFile(path+".pub", ssh.MarshalAuthorizedKey(signer.PublicKey()), 0o644))
	return path
}

func newECDSA(t testing.TB) (*ecdsa.PrivateKey, ssh.Signer) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	check(t, err)
	return private, signer
}

// A key as ssh-keygen locks it today; with its own public half and without.
func TestLockedKeys(t *testing.T) {
	testenv.Goroutines(t)
	private, signer := newKey(t)
	s := startScripted(t, accepts(nil, signer.PublicKey()))
	o := s.options(t)
	o.identityFiles = []string{keyFileOf(t, private, "today")}
	old, oldSigner := newECDSA(t)
	o2 := startScripted(t, accepts(nil, oldSigner.PublicKey())).options(t)
	o2.identityFiles = []string{lockedKeyFile(t, old, "today")}
	check(t, os.Remove(o2.identityFiles[0]+".pub"))
	d := newDialer(Deps{Prompt: func(context.Context, Question) (string, error) { return "today", nil }})
	for _, o := range []*options{o, o2} {
		c, err := d.dial(testContext(t), o)
		check(t, err)
		c.Close()
	}
}

// TestMissingKeyFile: a file that was named and is not there is told when the
// login fails; the usual ones may be missing.
func TestMissingKeyFile(t *testing.T) {
	_, signer := newKey(t)
	for _, given := range []bool{true, false} {
		o := startScripted(t, accepts(nil, signer.PublicKey())).options(t)
		o.identityFiles, o.identityGiven = []string{filepath.Join(t.TempDir(), "nothing")}, given
		_, err := newDialer(Deps{}).dial(testContext(t), o)
		if told := strings.Contains(fault.From(err).Hint, "nothing: there is no such file"); told != given {
			t.Errorf("given %v: %v (%s)", given, err, fault.From(err).Hint)
		}
	}
}

// TestKeysOfOtherFormats: PKCS#8 is unlocked; of a cipher that x/crypto lacks
// the reason is told, and not that the passphrase was wrong.
func TestKeysOfOtherFormats(t *testing.T) {
	keygen := testenv.Require(t, "ssh-keygen")
	for format, want := range map[string]string{"-mPKCS8": "", "-Zaes128-cbc": "unknown cipher"} {
		path := filepath.Join(t.TempDir(), "id")
		out, err := exec.Command(keygen, "-q", "-t", "ecdsa", "-a", "1", format, "-N", "today", "-f", path).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		public, err := os.ReadFile(path + ".pub")
		check(t, err)
		check(t, os.Remove(path+".pub"))
		key, _, _, _, err := ssh.ParseAuthorizedKey(public)
		check(t, err)
		o := startScripted(t, accepts(nil, key)).options(t)
		o.identityFiles = []string{path}
		asked := 0
		d := newDialer(Deps{Prompt: func(context.Context, Question) (string, error) { asked++; return "today", nil }})
		c, err := d.dial(testContext(t), o)
		switch {
		case err == nil && want == "":
			c.Close()
		case err == nil || want == "" || !strings.Contains(fault.From(err).Hint, want) || asked != 1:
			t.Errorf("%s: asked %d times: %v (%s)", format, asked, err, fault.From(err).Hint)
		}
	}
}

// The passphrase of a file is asked for once, for any number of hosts, and a
// person may take longer than the network.
func TestPassphraseOncePerRun(t *testing.T) {
	testenv.Goroutines(t)
	private, signer := newECDSA(t)
	s := startScripted(t, accepts(nil, signer.PublicKey()))
	var asked atomic.Int32
	prompt := func(ctx context.Context, q Question) (string, error) {
		if n := asked.Add(1); n == 1 {
			return "wrong", nil
		}
		if q.Echo || !strings.Contains(q.Text, "passphrase for") {
			t.Errorf("asked %+v", q)
		}
		return "open sesame", nil
	}
	d := newDialer(Deps{Prompt: prompt})
	path := lockedKeyFile(t, private, "open sesame")
	var all sync.WaitGroup
	for range 20 {
		o := s.options(t)
		o.identityFiles = []string{path}
		all.Go(func() {
			c, err := d.dial(testContext(t), o)
			if err != nil {
				t.Error(err)
				return
			}
			c.Close()
		})
	}
	all.Wait()
	if asked.Load() != 2 {
		t.Errorf("asked %d times", asked.Load())
	}
}

// A refusal is remembered, too, and nobody is asked in batch mode.
func TestPassphraseRefused(t *testing.T) {
	testenv.Goroutines(t)
	private, signer := newECDSA(t)
	s := startScripted(t, accepts(nil, signer.PublicKey()))
	var asked atomic.Int32
	d := newDialer(Deps{Prompt: func(context.Context, Question) (string, error) {
		asked.Add(1)
		return "", errors.New("no")
	}})
	o := s.options(t)
	o.identityFiles = []string{lockedKeyFile(t, private, "x")}
	for range 3 {
		_, err := d.dial(testContext(t), o)
		if fault.KindOf(err) != fault.Auth || !strings.Contains(fault.From(err).Hint, "passphrase was not given") {
			t.Errorf("got %v; %s", err, fault.From(err).Hint)
		}
	}
	o.batch = true
	_, err := newDialer(Deps{Prompt: d.deps.Prompt}).dial(testContext(t), o)
	if asked.Load() != 1 || !strings.Contains(fault.From(err).Hint, "ssh-add") {
		t.Errorf("asked %d times: %v", asked.Load(), fault.From(err).Hint)
	}
}

func TestUnusableKeyFiles(t *testing.T) {
	private, _ := newKey(t)
	open := keyFileOf(t, private, "")
	check(t, os.Chmod(open, 0o644))
	junk := filepath.Join(t.TempDir(), "junk")
	check(t, os.WriteFile(junk, []byte("PuTTY-User-Key-File-3: ssh-ed25519\n"), 0o600))
	public := filepath.Join(t.TempDir(), "id.pub")
	_, signer := newKey(t)
	check(t, os.WriteFile(public, ssh.MarshalAuthorizedKey(signer.PublicKey()), 0o644))
	s := startScripted(t, accepts(nil))
	o := s.options(t)
	o.identityFiles = []string{open, junk, public}
	_, err := newDialer(Deps{}).dial(testContext(t), o)
	hint := fault.From(err).Hint
	for _, want := range []string{"chmod 600", "puttygen", "no agent holds the other half", "the server accepts publickey"} {
		if !strings.Contains(hint, want) {
			t.Errorf("no %q in %q", want, hint)
		}
	}
	if !strings.Contains(err.Error(), "nothing to try") {
		t.Errorf("got %v", err)
	}
}
