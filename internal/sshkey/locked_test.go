package sshkey

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// openssl makes a locked PKCS#8 file.
func openssl(t *testing.T, args ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	out, err := exec.Command(testenv.Require(t, "openssl"), append(args, "-out", path)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	content, err := os.ReadFile(path)
	check(t, err)
	return content
}

// TestLockedByOpenSSL reads each cipher and each function, and refuses what it
// does not know.
func TestLockedByOpenSSL(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	keygen(t, "-q", "-t", "ecdsa", "-m", "PKCS8", "-N", "", "-f", plain)
	want, err := Load(plain, nil)
	check(t, err)
	convert := []string{"pkcs8", "-topk8", "-in", plain, "-passout", "pass:correct horse"}
	for _, how := range []string{
		"-v2 aes-128-cbc", "-v2 aes-192-cbc", "-v2 aes-256-cbc", "-v2 des3", "-v2 aes256 -iter 1",
		"-v2 aes256 -v2prf hmacWithSHA1", "-v2 aes256 -v2prf hmacWithSHA512", "-v2 aes256 -v2prf hmacWithSHA384",
	} {
		path := filepath.Join(t.TempDir(), "locked")
		check(t, os.WriteFile(path, openssl(t, append(convert, strings.Fields(how)...)...), 0o600))
		got, err := Load(path, []byte("correct horse"))
		if err != nil || !bytes.Equal(got.Public.Marshal(), want.Public.Marshal()) {
			t.Errorf("%s: %v", how, err)
		}
	}
	for _, how := range []string{"-scrypt", "-v2 camellia-128-cbc"} {
		content := openssl(t, append(convert, strings.Fields(how)...)...)
		if _, err := ParseLocked(content, []byte("correct horse")); !errors.Is(err, errForeignLock) {
			t.Errorf("%s: %v", how, err)
		}
	}
}

// TestDamagedLock: no byte of a file makes it panic, or take a wrong passphrase.
func TestDamagedLock(t *testing.T) {
	content := openssl(t, "genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:correct horse")
	for try := range 300 { // one in 256 wrong keys leaves a good padding
		if _, err := ParseLocked(content, []byte{byte(try), byte(try >> 8)}); !errors.Is(err, x509.IncorrectPasswordError) {
			t.Errorf("passphrase %d: %v", try, err)
		}
	}
	block, _ := pem.Decode(content)
	for i := range block.Bytes {
		damaged := bytes.Clone(block.Bytes)
		damaged[i] ^= 0x21
		_, _ = parsePKCS8(damaged, []byte("correct horse"))
		if _, err := parsePKCS8(block.Bytes[:i], []byte("correct horse")); err == nil {
			t.Errorf("%d of %d bytes are accepted", i, len(block.Bytes))
		}
	}
}
