package sshclient

import (
	"context"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/testenv"
)

// learned are the keys in a known_hosts file, without the names.
func learned(t testing.TB, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	check(t, err)
	var keys []string
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		keys = append(keys, fields[1]+" "+fields[2])
	}
	slices.Sort(keys)
	return keys
}

// waitLearned waits until a file has so many keys.
func waitLearned(t testing.TB, path string, count int) []string {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 2000 {
		if keys := learned(t, path); len(keys) >= count {
			return keys
		}
		<-tick.C
	}
	return learned(t, path)
}

// copyOf is a copy of a file.
func copyOf(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	check(t, err)
	copied := filepath.Join(t.TempDir(), "known_hosts")
	check(t, os.WriteFile(copied, data, 0o600))
	return copied
}

// A server with three keys of which one is known: with UpdateHostKeys we learn
// the others, and the same ones as ssh.
func TestLearnHostKeysLikeSSH(t *testing.T) {
	testenv.Goroutines(t)
	testenv.Require(t, "ssh")
	s := testenv.StartSSHD(t, testenv.HostKeys("rsa", "ed25519", "ecdsa"))
	count := map[string]int{"yes": 3, "no": 1}
	for i, setting := range []string{"yes", "no"} {
		o := sshdOptions(t, s)
		o.userKnownHosts = optionsFor(t, s.Addr, s.HostKeys[i]).userKnownHosts
		o.updateHostKeys = setting
		theirs := copyOf(t, o.userKnownHosts[0])
		out, err := exec.Command("ssh", "-F", s.ConfigFile, "-o", "UserKnownHostsFile="+theirs,
			"-o", "UpdateHostKeys="+setting, s.Name, "true").CombinedOutput()
		if err != nil {
			t.Fatalf("ssh: %v\n%s", err, out)
		}
		c := connectTo(t, o)
		_, _, _, err = run(t, c, "true") // the announcement is older than its answer
		check(t, err)
		waitLearned(t, o.userKnownHosts[0], count[setting])
		check(t, c.Close())
		ours, want := learned(t, o.userKnownHosts[0]), learned(t, theirs)
		if !slices.Equal(ours, want) || len(ours) != count[setting] {
			t.Errorf("%s: ours %q, ssh's %q", setting, ours, want)
		}
	}
}

// Thirty connections to one host learn its keys once.
func TestLearnOnce(t *testing.T) {
	testenv.Goroutines(t)
	s := testenv.StartSSHD(t, testenv.HostKeys("rsa", "ed25519"))
	o := sshdOptions(t, s)
	o.userKnownHosts = optionsFor(t, s.Addr, s.HostKeys[0]).userKnownHosts
	o.updateHostKeys = "ask"
	asked := 0
	d := newDialer(Deps{Prompt: func(_ context.Context, q Question) (string, error) {
		asked++
		if !strings.Contains(q.Text, fingerprint(s.HostKeys[1])) {
			t.Errorf("asked %+v", q)
		}
		return "yes", nil
	}})
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			c, err := d.dial(testContext(t), o)
			if err != nil {
				t.Error(err)
				return
			}
			_, _, _, _ = run(t, c, "true")
			waitLearned(t, o.userKnownHosts[0], 2)
			c.Close()
		})
	}
	all.Wait()
	if keys := learned(t, o.userKnownHosts[0]); len(keys) != 2 || asked != 1 {
		t.Errorf("asked %d times, learned %q", asked, keys)
	}
}

// What a server cannot prove is not learned, and nothing hangs or breaks.
func TestHostileAnnouncements(t *testing.T) {
	_, own := newKey(t)
	_, other := newKey(t)
	_, third := newKey(t)
	blobs := func(keys ...ssh.PublicKey) (list []byte) {
		for _, k := range keys {
			list = append(list, ssh.Marshal(struct{ B []byte }{k.Marshal()})...)
		}
		return list
	}
	sign := func(with ssh.Signer, session []byte, key ssh.PublicKey) []byte {
		signature, err := with.Sign(rand.Reader, ssh.Marshal(struct {
			Purpose       string
			Session, Blob []byte
		}{proveRequest, session, key.Marshal()}))
		check(t, err)
		return ssh.Marshal(struct{ B []byte }{ssh.Marshal(signature)})
	}
	many := make([]ssh.PublicKey, 0, 1000)
	for range cap(many) {
		many = append(many, other.PublicKey())
	}
	for name, test := range map[string]struct {
		announced []byte
		answer    func(session []byte) (bool, []byte) // nil: never answers
		learns    bool
		quiet     bool // no warning
	}{
		"proven":         {blobs(other.PublicKey()), func(s []byte) (bool, []byte) { return true, sign(other, s, other.PublicKey()) }, true, true},
		"refused":        {blobs(other.PublicKey()), func([]byte) (bool, []byte) { return false, nil }, false, false},
		"signed by own":  {blobs(other.PublicKey()), func(s []byte) (bool, []byte) { return true, sign(own, s, other.PublicKey()) }, false, false},
		"other session":  {blobs(other.PublicKey()), func([]byte) (bool, []byte) { return true, sign(other, []byte("x"), other.PublicKey()) }, false, false},
		"empty proof":    {blobs(other.PublicKey()), func([]byte) (bool, []byte) { return true, nil }, false, false},
		"too few proofs": {blobs(other.PublicKey(), third.PublicKey()), func(s []byte) (bool, []byte) { return true, sign(other, s, other.PublicKey()) }, false, false},
		"junk":           {[]byte("\x00\x00\xff\xffjunk"), nil, false, false},
		"no keys":        {blobs(), nil, false, true},
		"no key at all":  {ssh.Marshal(struct{ B []byte }{[]byte("junk")}), nil, false, true},
		"no answer":      {blobs(many...), nil, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			testenv.Goroutines(t)
			asked := make(chan struct{}, 1)
			s := startScripted(t, func(s *scripted) {
				s.requests = func(sc *ssh.ServerConn, r *ssh.Request) bool {
					if r.Type != proveRequest {
						return false
					}
					if test.answer != nil {
						r.Reply(test.answer(sc.SessionID()))
					}
					asked <- struct{}{}
					return true
				}
				s.session = func(ch ssh.Channel, _ <-chan *ssh.Request) { exitWith(ch, 0) }
				s.welcome = func(sc *ssh.ServerConn) { sc.SendRequest(hostKeysRequest, false, test.announced) }
			})
			o := s.options(t)
			o.updateHostKeys = "yes"
			before := len(learned(t, o.userKnownHosts[0]))
			warned := make(chan string, 10)
			c, err := newDialer(Deps{Warn: func(text string) { warned <- text }}).dial(testContext(t), o)
			check(t, err)
			if _, _, _, err := run(t, c, "x"); err != nil {
				t.Error(err)
			}
			if test.answer != nil {
				<-asked
			}
			check(t, c.Close())
			if got := len(learned(t, o.userKnownHosts[0])) > before; got != test.learns {
				t.Errorf("learned: %v", got)
			}
			if quiet := len(warned) == 0; quiet != test.quiet {
				t.Errorf("%d warnings", len(warned))
			}
		})
	}
}
