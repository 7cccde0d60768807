package sshkey

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// keygen runs ssh-keygen.
func keygen(t testing.TB, args ...string) string {
	t.Helper()
	out, err := exec.Command(testenv.Require(t, "ssh-keygen"), args...).Output()
	if err != nil {
		t.Fatalf("ssh-keygen %q: %v\n%s", args, err, out)
	}
	return string(out)
}

var kinds = []Spec{
	{Type: "ed25519"}, {Type: "ed25519", Bits: 256, Comment: "me@here"}, {Type: "rsa", Bits: 2048, Comment: "two words"},
	{Type: "rsa"}, {Type: "ecdsa"}, {Type: "ecdsa", Bits: 384}, {Type: "ecdsa", Bits: 521},
}

// ssh-keygen reads what is written here: the key, its comment, its
// fingerprints, its picture, with and without a passphrase.
func TestKeygenReadsOurs(t *testing.T) {
	for _, spec := range kinds {
		for _, passphrase := range []string{"", "correct horse"} {
			if passphrase != "" && (spec.Comment == "" || spec.Type == "rsa") {
				continue // bcrypt takes its time
			}
			path := filepath.Join(t.TempDir(), "id")
			key, err := Generate(spec)
			check(t, err)
			check(t, key.Write(path, []byte(passphrase)))
			line := strings.TrimSpace(keygen(t, "-y", "-P", passphrase, "-f", path))
			if line != AuthorizedLine(key.Public, spec.Comment) {
				t.Errorf("%+v: ssh-keygen -y gives %q", spec, line)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%+v: %v %v", spec, info.Mode(), err)
			}
			again, err := Load(path, []byte(passphrase))
			check(t, err)
			if again.Comment != spec.Comment || AuthorizedLine(again.Public, "") != AuthorizedLine(key.Public, "") {
				t.Errorf("%+v: read back as %+v", spec, again)
			}
			same(t, path)
		}
	}
}

// And the other way: what ssh-keygen writes, in each format.
func TestOursReadsKeygen(t *testing.T) {
	for _, args := range [][]string{
		{"-t", "ed25519"}, {"-t", "rsa", "-b", "2048"}, {"-t", "rsa", "-b", "2048", "-m", "PEM"}, {"-t", "rsa", "-b", "2048", "-m", "PKCS8"},
		{"-t", "ecdsa", "-b", "521"}, {"-t", "ecdsa", "-m", "PEM"}, {"-t", "ecdsa", "-m", "PKCS8"},
	} {
		for _, passphrase := range []string{"", "correct horse"} {
			path := filepath.Join(t.TempDir(), "id")
			keygen(t, append(args, "-q", "-a", "1", "-C", "a comment", "-N", passphrase, "-f", path)...)
			key, err := Load(path, []byte(passphrase))
			check(t, err)
			if key.Comment != "a comment" {
				t.Errorf("%q: comment %q", args, key.Comment)
			}
			same(t, path)
			if passphrase == "" {
				continue
			}
			if _, err := Load(path, nil); fault.KindOf(err) != fault.Auth {
				t.Errorf("%q without its passphrase: %v", args, err)
			}
			if _, err := Load(path, []byte("wrong")); fault.KindOf(err) != fault.Parse {
				t.Errorf("%q with a wrong passphrase: %v", args, err)
			}
		}
	}
}

// same compares fingerprints and the picture with ssh-keygen -l.
func same(t *testing.T, path string) {
	t.Helper()
	public, err := LoadPublic(path)
	check(t, err)
	out := keygen(t, "-lv", "-f", path)
	for _, want := range []string{ssh.FingerprintSHA256(public.Key), Art(public.Key), "(" + Kind(public.Key) + ")"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s\nis not in\n%s", want, out)
		}
	}
	bits, _, _ := strings.Cut(out, " ")
	md5 := keygen(t, "-l", "-E", "md5", "-f", path)
	if !strings.HasPrefix(md5, bits+" "+MD5(public.Key)+" ") {
		t.Errorf("MD5: %s in %s", MD5(public.Key), md5)
	}
}

// The picture of many keys.
func TestArt(t *testing.T) {
	dir := t.TempDir()
	var all, want strings.Builder
	for range 300 {
		key, err := Generate(Spec{Type: "ed25519"})
		check(t, err)
		all.WriteString(AuthorizedLine(key.Public, "k") + "\n")
		want.WriteString("256 " + ssh.FingerprintSHA256(key.Public) + " k (ED25519)\n" + Art(key.Public) + "\n")
	}
	path := filepath.Join(dir, "keys")
	check(t, os.WriteFile(path, []byte(all.String()), 0o600))
	if out := keygen(t, "-lv", "-f", path); out != want.String() {
		t.Errorf("ssh-keygen draws\n%.800s\nnot\n%.800s", out, want.String())
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	for _, there := range []string{"id", "id.pub"} {
		dir := t.TempDir()
		check(t, os.WriteFile(filepath.Join(dir, there), []byte("precious"), 0o600))
		key, err := Generate(Spec{Type: "ed25519"})
		check(t, err)
		if err := key.Write(filepath.Join(dir, "id"), nil); fault.KindOf(err) != fault.Exists {
			t.Errorf("%s: %v", there, err)
		}
		names, err := os.ReadDir(dir)
		content, _ := os.ReadFile(filepath.Join(dir, there))
		if err != nil || len(names) != 1 || string(content) != "precious" {
			t.Errorf("%s: %v left, %q", there, names, content)
		}
	}
}

func TestMisuse(t *testing.T) {
	for _, s := range []Spec{
		{Type: "rsa", Bits: 1024}, {Type: "rsa", Bits: 1 << 20}, {Type: "ecdsa", Bits: 255}, {Type: "ed25519", Bits: 512},
		{Type: "ed25519", Comment: "two\nlines"},
	} {
		if _, err := Generate(s); fault.KindOf(err) != fault.Usage {
			t.Errorf("%+v: %v", s, err)
		}
	}
	junk := filepath.Join(t.TempDir(), "junk")
	check(t, os.WriteFile(junk, []byte("no key at all"), 0o600))
	if _, err := Load(junk, nil); fault.KindOf(err) != fault.Parse {
		t.Error(err)
	}
	if _, err := LoadPublic(junk); fault.KindOf(err) != fault.Parse {
		t.Error(err)
	}
	if _, err := Load(junk+"x", nil); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	key, err := Generate(Spec{Type: "ed25519"})
	check(f, err)
	f.Add(AuthorizedLine(key.Public, "a comment"))
	f.Add("command=\"ls\" ssh-rsa AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		public, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(AuthorizedLine(public.Key, ""))
		if err != nil || ssh.FingerprintSHA256(again.Key) != ssh.FingerprintSHA256(public.Key) {
			t.Errorf("%q does not survive: %v", text, err)
		}
		Art(public.Key)
	})
}
