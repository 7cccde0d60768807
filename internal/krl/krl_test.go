package krl

import (
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"gofab/internal/testenv"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lab holds keys, authorities and certificates, in files as well.
type lab struct {
	*mathrand.Rand
	dir         string
	keys        []ssh.PublicKey
	authorities []ssh.Signer
	shown       []ssh.PublicKey // keys and certificates to ask about
}

func newLab(t *testing.T) *lab {
	const seed = 1
	l := &lab{Rand: mathrand.New(mathrand.NewPCG(seed, seed)), dir: t.TempDir()}
	for i, kind := range []string{"ed25519", "rsa", "ecdsa", "ecdsa384", "ed25519"} {
		key := testenv.NewKey(t, kind).Signer.PublicKey()
		l.keys, l.shown = append(l.keys, key), append(l.shown, key)
		l.write(t, fmt.Sprintf("key%d.pub", i), string(ssh.MarshalAuthorizedKey(key)))
	}
	for i := range 2 {
		signer := testenv.NewKey(t, "ed25519").Signer
		l.authorities = append(l.authorities, signer)
		l.write(t, fmt.Sprintf("ca%d.pub", i), string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
	}
	for _, serial := range []uint64{0, 1, 2, 3, 5, 64, 65, 100, 1000, 1 << 40, 1<<64 - 1} {
		for _, ca := range l.authorities {
			cert := &ssh.Certificate{
				Key: l.keys[l.IntN(len(l.keys))], Serial: serial, CertType: ssh.HostCert,
				KeyId: fmt.Sprintf("host%d", l.IntN(4)), ValidBefore: ssh.CertTimeInfinity,
			}
			check(t, cert.SignCert(rand.Reader, ca))
			l.shown = append(l.shown, cert)
		}
	}
	for i, key := range l.shown {
		l.write(t, fmt.Sprintf("shown%d.pub", i), string(ssh.MarshalAuthorizedKey(key)))
	}
	return l
}

func (l *lab) write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(l.dir, name)
	check(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// specification is what ssh-keygen makes a list of.
func (l *lab) specification() string {
	var lines []string
	for range 1 + l.IntN(4) {
		key := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(l.keys[l.IntN(len(l.keys))])))
		low := []uint64{1, 2, 5, 60, 999, 1 << 40}[l.IntN(6)]
		lines = append(lines, []string{
			"key: " + key, "sha1: " + key, "sha256: " + key, "id: host" + fmt.Sprint(l.IntN(4)),
			fmt.Sprintf("serial: %d", low), fmt.Sprintf("serial: %d-%d", low, low+1+l.Uint64N(100)),
			"serial: 1\nserial: 3\nserial: 5\nserial: 7\nserial: 64", fmt.Sprintf("serial: %d", uint64(1<<64-1)),
		}[l.IntN(8)])
	}
	return strings.Join(lines, "\n") + "\n"
}

// make has ssh-keygen write a list; none if it takes none of this kind.
func (l *lab) make(t *testing.T, specification string) string {
	t.Helper()
	list := filepath.Join(l.dir, "list")
	args := []string{"-k", "-f", list, "-z", "7"}
	if strings.Contains(specification, "serial:") || strings.Contains(specification, "id:") {
		args = append(args, "-s", []string{filepath.Join(l.dir, "ca0.pub"), filepath.Join(l.dir, "ca1.pub"), "none"}[l.IntN(3)])
	}
	check(t, os.WriteFile(filepath.Join(l.dir, "specification"), []byte(specification), 0o600))
	out, err := exec.Command("ssh-keygen", append(args, filepath.Join(l.dir, "specification"))...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, specification)
	}
	return list
}

// TestLikeSSHKeygen asks ssh-keygen -Q about the same keys and certificates.
func TestLikeSSHKeygen(t *testing.T) {
	testenv.Require(t, "ssh-keygen")
	l := newLab(t)
	revoked := 0
	for range 50 {
		specification := l.specification()
		list := l.make(t, specification)
		data, err := os.ReadFile(list)
		check(t, err)
		parsed, err := Parse(data)
		if err != nil || !Is(data) {
			t.Fatalf("%v\n%s", err, specification)
		}
		var args []string
		for i := range l.shown {
			args = append(args, filepath.Join(l.dir, fmt.Sprintf("shown%d.pub", i)))
		}
		out, _ := exec.Command("ssh-keygen", append([]string{"-Q", "-f", list}, args...)...).CombinedOutput() // fails if one is revoked
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		if len(lines) != len(l.shown) {
			t.Fatalf("%q", lines)
		}
		for i, key := range l.shown {
			want := strings.HasSuffix(lines[i], "REVOKED")
			if want {
				revoked++
			}
			if got := parsed.Revoked(key); got != want {
				t.Errorf("%s: got %v, want %v\n%s", lines[i], got, want, specification)
			}
		}
	}
	if revoked == 0 {
		t.Error("nothing was revoked")
	}
}

// TestDamaged: a list that is cut or longer than it should be is none, or has
// lost whole sections at its end, which nobody can see.
func TestDamaged(t *testing.T) {
	testenv.Require(t, "ssh-keygen")
	l := newLab(t)
	data, err := os.ReadFile(l.make(t, "serial: 1-50\nid: x\nserial: 99\n"))
	check(t, err)
	header := len(data)
	for n := range data {
		if _, err := Parse(data[:n]); err == nil && n < header {
			header = n
		}
	}
	for n := range data {
		if _, err := Parse(data[:n]); err == nil && n != header {
			t.Errorf("%d of %d bytes are a list", n, len(data))
		}
	}
	for _, more := range []string{"\x00", "\x07\x00\x00\x00\x00", "\xff\x00\x00\x00\x0a\x00\x00\x00\x01x\x01\x00\x00\x00\x00"} {
		if _, err := Parse(append(data[:len(data):len(data)], more...)); err == nil {
			t.Errorf("%q behind the list is accepted", more)
		}
	}
	if _, err := Parse(append(data, "\xff\x00\x00\x00\x0a\x00\x00\x00\x01x\x00\x00\x00\x00\x00"...)); err != nil {
		t.Errorf("an extension that can be ignored: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	key := testenv.NewKey(f, "ed25519").Signer.PublicKey()
	f.Add([]byte(magic + "\x00\x00\x00\x01" + strings.Repeat("\x00", 24+8)))
	f.Add([]byte(magic + "\x00\x00\x00\x01" + strings.Repeat("\x00", 24+8) + "\x01\x00\x00\x00\x19\x00\x00\x00\x00\x00\x00\x00\x00\x20\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if l, err := Parse(data); err == nil {
			l.Revoked(key)
			l.Revoked(&ssh.Certificate{Key: key, SignatureKey: key, Serial: 1, KeyId: "x"})
		}
	})
}
