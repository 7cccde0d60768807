package knownhosts

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// verdict is what Check says, in one word.
func verdict(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return "known"
	}
	if fault.KindOf(err) != fault.HostKey {
		t.Errorf("kind %q of %v", fault.KindOf(err), err)
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Hint == "" {
		t.Errorf("no hint in %v", err)
	}
	var unknown *UnknownError
	var changed *ChangedError
	var gone *RevokedError
	switch {
	case errors.As(err, &unknown):
		return "unknown"
	case errors.As(err, &changed):
		return "changed"
	case errors.As(err, &gone):
		return "revoked"
	default:
		return "invalid"
	}
}

// TestMatrix goes through kinds of key, forms of name, ports and states.
func TestMatrix(t *testing.T) {
	count := 0
	for _, kind := range kinds {
		keys := newKeys(t, kind)
		for _, hashed := range []bool{false, true} {
			for _, port := range []int{22, 2222} {
				for _, c := range matrix(t, keys, hashed, port) {
					count++
					db := load(t, c.text)
					if got := verdict(t, db.Check("Web1.example.com", port, c.shown)); got != c.want {
						t.Errorf("%s, hashed %v, port %d, %s: %s, want %s", kind, hashed, port, c.name, got, c.want)
					}
					if len(db.Warnings()) > 0 {
						t.Errorf("%s %s: %v", kind, c.name, db.Warnings())
					}
				}
			}
		}
	}
	t.Logf("%d cases", count)
}

type matrixCase struct {
	name, text string
	shown      ssh.PublicKey
	want       string
}

// matrix are the states of one host: own is its key, other and third are not.
func matrix(t *testing.T, keys []ssh.PublicKey, hashed bool, port int) []matrixCase {
	own, other, third := keys[0], keys[1], keys[2]
	ca, stranger := newSigner(t), newSigner(t)
	hosts := Name("web1.example.com", port)
	if hashed {
		hosts = Hash(hosts)
	}
	line := func(marker string, key ssh.PublicKey) string { return marker + keyLine(hosts, key) + "\n" }
	authority := line("@cert-authority ", ca.PublicKey())
	cert := func(by ssh.Signer, adjust func(*ssh.Certificate)) *ssh.Certificate {
		return certify(t, by, own, adjust, "web1.example.com")
	}
	expired := func(c *ssh.Certificate) { c.ValidBefore = uint64(time.Now().Add(-time.Minute).Unix()) }
	early := func(c *ssh.Certificate) { c.ValidAfter = uint64(time.Now().Add(time.Minute).Unix()) }
	forUsers := func(c *ssh.Certificate) { c.CertType = ssh.UserCert }
	elsewhere := func(c *ssh.Certificate) { c.ValidPrincipals = []string{"web2.example.com"} }
	pattern := func(c *ssh.Certificate) { c.ValidPrincipals = []string{"db", "*.example.com"} }
	critical := func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{"new@example.com": ""} }
	forged := cert(stranger, nil)
	forged.SignatureKey = ca.PublicKey()
	return []matrixCase{
		{"empty file", "", own, "unknown"},
		{"other host", keyLine("web2.example.com", own) + "\n", own, "unknown"},
		{"known", line("", own), own, "known"},
		{"one of two", line("", other) + line("", own), own, "known"},
		{"changed", line("", other), own, "changed"},
		{"both changed", line("", other) + line("", third), own, "changed"},
		{"revoked", line("@revoked ", own), own, "revoked"},
		{"revoked and known", line("", own) + line("@revoked ", own), own, "revoked"},
		{"other revoked", line("", own) + line("@revoked ", other), own, "known"},
		{"revoked for all", line("", own) + "@revoked " + keyLine("*", own) + "\n", own, "revoked"},
		{"authority only", authority, own, "unknown"},
		{"the authority's own key", authority, ca.PublicKey(), "unknown"},
		{"certificate", authority, cert(ca, nil), "known"},
		{"certificate for all", authority, certify(t, ca, own, nil), "known"},
		{"certificate with a pattern", authority, cert(ca, pattern), "known"},
		{"certificate, plain line", line("", own), cert(stranger, nil), "known"},
		{"certificate, other plain line", line("", other), cert(stranger, nil), "changed"},
		{"certificate of a stranger", authority, cert(stranger, nil), "unknown"},
		{"forged certificate", authority, forged, "invalid"},
		{"expired certificate", authority, cert(ca, expired), "invalid"},
		{"expired certificate, other plain line", authority + line("", other), cert(ca, expired), "invalid"},
		{"expired certificate, plain line", authority + line("", own), cert(ca, expired), "known"}, // as with ssh
		{"early certificate", authority, cert(ca, early), "invalid"},
		{"certificate for users", authority, cert(ca, forUsers), "invalid"},
		{"certificate of another host", authority, cert(ca, elsewhere), "invalid"},
		{"critical option", authority, cert(ca, critical), "invalid"},
		{"revoked authority", authority + line("@revoked ", ca.PublicKey()), cert(ca, nil), "revoked"},
		{"revoked key in certificate", authority + line("@revoked ", own), cert(ca, nil), "revoked"},
	}
}

// TestPorts: a line without a port can prove a key, but not disprove it.
func TestPorts(t *testing.T) {
	own, other := newKey(t, ssh.KeyAlgoED25519), newKey(t, ssh.KeyAlgoED25519)
	ca := newSigner(t)
	for _, c := range []struct {
		hosts string
		key   ssh.PublicKey
		port  int
		want  string
	}{
		{"web1", own, 2222, "known"},
		{"web1", other, 2222, "unknown"},
		{"[web1]:2222", own, 2222, "known"},
		{"[web1]:2222", other, 2222, "changed"},
		{"[web1]:2222", own, 22, "unknown"},
		{"[web1]:2222", own, 2223, "unknown"},
		{"[web1]:22", own, 22, "unknown"},
		{"[web1]:*", own, 2222, "known"},
		{"[web?]:2222", other, 2222, "changed"},
		{"*", other, 2222, "changed"},
		{"web1", own, 0, "known"},
	} {
		db := load(t, keyLine(c.hosts, c.key))
		if got := verdict(t, db.Check("web1", c.port, own)); got != c.want {
			t.Errorf("%s at port %d: %s, want %s", c.hosts, c.port, got, c.want)
		}
	}
	db := load(t, "@cert-authority "+keyLine("*.example.com", ca.PublicKey()))
	cert := certify(t, ca, own, nil, "web1.example.com")
	if err := db.Check("web1.example.com", 2222, cert); err != nil {
		t.Errorf("certificate at another port: %v", err)
	}
	db = load(t, keyLine("[web1]:2222", own)+"\n@revoked "+keyLine("web1", own))
	if got := verdict(t, db.Check("web1", 2222, own)); got != "revoked" {
		t.Errorf("revoked without a port: %s", got)
	}
}

// TestErrorsSayWhatToDo looks at the words.
func TestErrorsSayWhatToDo(t *testing.T) {
	own, other := newKey(t, ssh.KeyAlgoED25519), newKey(t, ssh.KeyAlgoECDSA256)
	file := write(t, "# comment\n"+keyLine("[web1]:2222", other)+"\n")
	db, err := Load(file)
	check(t, err)
	hint := func(err error) string {
		var f *fault.Error
		errors.As(err, &f)
		return f.Hint
	}
	contains := func(text string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(text, part) {
				t.Errorf("%q lacks %q", text, part)
			}
		}
	}
	err = db.Check("web2", 22, own)
	contains(err.Error(), "web2", "not known", "ssh-ed25519 "+ssh.FingerprintSHA256(own))
	contains(hint(err), "echo '"+keyLine("web2", own)+"' >> '"+file+"'")
	err = db.Check("web1", 2222, own)
	contains(err.Error(), "[web1]:2222", "changed", ssh.FingerprintSHA256(own), ssh.FingerprintSHA256(other), file+":2")
	contains(hint(err), "ssh-keygen -R '[web1]:2222' -f '"+file+"'")
	var changed *ChangedError
	if !errors.As(err, &changed) || len(changed.Known) != 1 || changed.Known[0].Line != 2 {
		t.Errorf("%#v", changed)
	}
	db = load(t, "@revoked "+keyLine("*", own))
	var gone *RevokedError
	if err = db.Check("web1", 22, own); !errors.As(err, &gone) || gone.Entry.Line != 1 {
		t.Errorf("%v", err)
	}
}

// TestWarnings: junk is told and hides nothing.
func TestWarnings(t *testing.T) {
	own := newKey(t, ssh.KeyAlgoED25519)
	good := keyLine("web1", own)
	junk := []string{
		"web1", "web1 ssh-ed25519", "web1 ssh-ed25519 !!!", "web1 ssh-rsa " + strings.Fields(good)[2],
		"@nonsense " + good, "@revoked", "|1|bad|bad ssh-ed25519 AAAA", "web1 2048 35 1234567", "web1 ssh-new AAAAB3Nz",
		"web1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", "web1 ssh-ed25519 # AAAA",
	}
	text := "# comment\n\n   \n" + strings.Join(junk, "\n") + "\r\n  " + good + " comment\r\n"
	db := load(t, text)
	if len(db.Warnings()) != len(junk) {
		t.Errorf("%d warnings, want %d:\n%s", len(db.Warnings()), len(junk), strings.Join(db.Warnings(), "\n"))
	}
	for i, warning := range db.Warnings() {
		if !strings.Contains(warning, fmt.Sprintf("known_hosts:%d: ", i+4)) {
			t.Errorf("line %d: %s", i+4, warning)
		}
	}
	check(t, db.Check("web1", 22, own))
}

// TestAlgorithms: known kinds come first, certificates only with an authority.
func TestAlgorithms(t *testing.T) {
	ecdsa := keyLine("web1", newKey(t, ssh.KeyAlgoECDSA384)) + "\n"
	rsa := keyLine("web1", rsaKeys()[0]) + "\n"
	ca := "@cert-authority " + keyLine("*", newSigner(t).PublicKey()) + "\n"
	for _, c := range []struct{ text, want string }{
		{"", ssh.KeyAlgoED25519},
		{ecdsa, ssh.KeyAlgoECDSA384 + " " + ssh.KeyAlgoED25519},
		{rsa, ssh.KeyAlgoRSASHA512 + " " + ssh.KeyAlgoRSASHA256 + " " + ssh.KeyAlgoED25519},
		{rsa + ecdsa, ssh.KeyAlgoECDSA384 + " " + ssh.KeyAlgoRSASHA512},
		{"@revoked " + rsa, ssh.KeyAlgoED25519},
		{ca + rsa, ssh.CertAlgoED25519v01},
	} {
		for _, port := range []int{22, 2222} {
			got := load(t, c.text).Algorithms("web1", port)
			if !strings.HasPrefix(strings.Join(got, " "), c.want) {
				t.Errorf("%q at port %d: %v", c.text, port, got)
			}
			if hasCerts := strings.Contains(strings.Join(got, " "), "-cert-"); hasCerts != strings.Contains(c.text, "cert-authority") {
				t.Errorf("%q: certificates %v in %v", c.text, hasCerts, got)
			}
		}
	}
}

func TestLoad(t *testing.T) {
	db, err := Load(t.TempDir() + "/missing")
	check(t, err)
	if db.Lookup("web1", 22) == nil || len(db.Lookup("web1", 22)) != 0 {
		t.Error("a missing file is an empty one")
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("a folder is no file")
	}
	key := newKey(t, ssh.KeyAlgoED25519)
	first, second := write(t, keyLine("WEB1,web2", key)), write(t, keyLine("web?", key))
	db, err = Load(first, second)
	check(t, err)
	found := db.Lookup("Web1", 22)
	if len(found) != 2 || found[0].File != first || found[1].File != second {
		t.Errorf("%+v", found)
	}
}
