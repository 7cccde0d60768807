package sshclient

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/knownhosts"
	"gofab/internal/testenv"
)

// forget empties the known_hosts file of some options.
func forget(t testing.TB, o *options) *options {
	t.Helper()
	check(t, os.WriteFile(o.userKnownHosts[0], nil, 0o600))
	return o
}

func TestHostKeyPolicies(t *testing.T) {
	testenv.Goroutines(t)
	_, other := newKey(t)
	for _, policy := range []string{"yes", "no", "ask", "accept-new"} {
		t.Run(policy, func(t *testing.T) {
			s := startScripted(t, nil)
			o := s.options(t)
			o.strict = policy
			var warned atomic.Int32
			answer := "yes"
			deps := Deps{
				Warn: func(string) { warned.Add(1) },
				Prompt: func(_ context.Context, q Question) (string, error) {
					if !strings.Contains(q.Text, fingerprint(s.hostKey.PublicKey())) || !q.Echo {
						t.Errorf("asked %+v", q)
					}
					return answer, nil
				},
			}
			try := func(o *options) error {
				c, err := newDialer(deps).dial(testContext(t), o)
				if err == nil {
					c.Close()
				}
				return err
			}
			if err := try(o); err != nil {
				t.Errorf("known: %v", err)
			}
			err := try(forget(t, o))
			var unknown *knownhosts.UnknownError
			if policy == "yes" {
				if !errors.As(err, &unknown) || fault.KindOf(err) != fault.HostKey || fault.From(err).Hint == "" {
					t.Errorf("unknown: %v", err)
				}
			} else if err != nil {
				t.Errorf("unknown: %v", err)
			}
			data, err := os.ReadFile(o.userKnownHosts[0])
			check(t, err)
			if remembered := len(data) > 0; remembered != (policy == "ask" || policy == "accept-new") {
				t.Errorf("known_hosts is %q", data)
			}
			if (warned.Load() > 0) != (policy == "no") {
				t.Errorf("%d warnings", warned.Load())
			}
			answer = "no"
			if policy == "ask" {
				if err := try(forget(t, o)); fault.KindOf(err) != fault.HostKey {
					t.Errorf("answered no: %v", err)
				}
				o.batch = true
				if err := try(o); fault.KindOf(err) != fault.HostKey {
					t.Errorf("batch: %v", err)
				}
			}
			changed := optionsFor(t, s.listener.Addr().String(), other.PublicKey())
			changed.strict = policy
			if err := try(changed); fault.KindOf(err) != fault.HostKey {
				t.Errorf("changed: %v", err)
			}
		})
	}
}

// A key that is accepted is asked about once and written once, for however
// many names of the same address.
func TestAcceptedOnce(t *testing.T) {
	testenv.Goroutines(t)
	s := startScripted(t, nil)
	o := forget(t, s.options(t))
	o.strict = "ask"
	var asked atomic.Int32
	d := newDialer(Deps{Prompt: func(context.Context, Question) (string, error) {
		asked.Add(1)
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
			c.Close()
		})
	}
	all.Wait()
	data, err := os.ReadFile(o.userKnownHosts[0])
	check(t, err)
	if lines := strings.Count(string(data), "\n"); asked.Load() != 1 || lines != 1 {
		t.Errorf("asked %d times, %d lines: %s", asked.Load(), lines, data)
	}
}

func TestHostKeyAlias(t *testing.T) {
	testenv.Goroutines(t)
	s := startScripted(t, nil)
	o := forget(t, s.options(t))
	o.alias = "cluster"
	check(t, knownhosts.Add(o.userKnownHosts[0], "cluster", 22, s.hostKey.PublicKey(), true))
	connectTo(t, o).Close()
}

func TestReorder(t *testing.T) {
	got := reorder([]string{"a", "b", "c", "d"}, []string{"c", "x", "a"})
	if strings.Join(got, "") != "cabd" {
		t.Errorf("got %v", got)
	}
}

func TestAlgorithmLists(t *testing.T) {
	testenv.Goroutines(t)
	s := startScripted(t, nil)
	o := s.options(t)
	o.ciphers = []string{"nonsense", ssh.CipherAES256CTR}
	o.macs = []string{ssh.HMACSHA512}
	o.kexAlgorithms = []string{ssh.KeyExchangeECDHP384}
	c := connectTo(t, o)
	if i := c.Info(); i.Cipher != ssh.CipherAES256CTR || i.MAC != ssh.HMACSHA512 || i.KeyExchange != ssh.KeyExchangeECDHP384 {
		t.Errorf("Info is %+v", i)
	}
	c.Close()
	o.ciphers = []string{"nonsense"}
	if _, err := newDialer(Deps{}).dial(testContext(t), o); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("got %v", err)
	}
	o = s.options(t)
	o.kexAlgorithms = []string{ssh.InsecureKeyExchangeDH1SHA1}
	_, err := newDialer(Deps{}).dial(testContext(t), o)
	if fault.KindOf(err) != fault.Protocol || !strings.Contains(fault.From(err).Hint, "KexAlgorithms") {
		t.Errorf("got %v", err)
	}
}
