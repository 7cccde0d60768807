package sshclient

import (
	"context"
	"fmt"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

func TestReadAddKeys(t *testing.T) {
	for value, want := range map[string]addKeys{
		"": {}, "no": {}, "yes": {wanted: true}, "ask": {wanted: true, ask: true}, "confirm": {wanted: true, confirm: true},
		"confirm 60": {wanted: true, confirm: true, seconds: 60}, "3600": {wanted: true, seconds: 3600},
	} {
		if got := readAddKeys(value); got != want {
			t.Errorf("%q: %+v", value, got)
		}
	}
}

// A key that was used goes into the agent once, also one with a passphrase, for
// which nobody is asked again; one that was only offered does not.
func TestAddKeysToAgent(t *testing.T) {
	testenv.Goroutines(t)
	unused, _ := newKey(t)
	used, signer := newKey(t)
	s := startScripted(t, accepts(nil, signer.PublicKey()))
	for value, want := range map[string]int{"no": 0, "yes": 1, "ask": 1, "confirm 60": 1, "3600": 1} {
		t.Run(value, func(t *testing.T) {
			ring := &addRecorder{Agent: agent.NewKeyring()}
			o := s.options(t)
			o.agentSocket = serveRing(t, ring)
			passphrase, prompts := "", 0
			if value == "yes" { // unlocking takes a while
				passphrase, prompts = "open", 1
			}
			o.identityFiles = []string{keyFileOf(t, unused, ""), keyFileOf(t, used, passphrase)}
			o.addKeys = readAddKeys(value)
			asked := map[string]int{}
			d := newDialer(Deps{Prompt: func(_ context.Context, q Question) (string, error) {
				asked[q.Text]++
				if q.Echo {
					return "yes", nil
				}
				return "open", nil
			}})
			for range 2 {
				c, err := d.dial(testContext(t), o)
				check(t, err)
				c.Close()
			}
			if len(ring.added) != want {
				t.Fatalf("the agent got %v", ring.added)
			}
			for _, got := range ring.added {
				key, err := ssh.NewSignerFromKey(got.PrivateKey)
				check(t, err)
				if fingerprint(key.PublicKey()) != fingerprint(signer.PublicKey()) || got.Comment != o.identityFiles[1] ||
					got.ConfirmBeforeUse != o.addKeys.confirm || got.LifetimeSecs != o.addKeys.seconds {
					t.Errorf("the agent got %+v", got)
				}
			}
			add := fmt.Sprintf("add the key %s to the agent (yes/no)? ", o.identityFiles[1])
			if questions := len(asked); (asked[add] == 1) != (value == "ask") || questions != prompts+asked[add] {
				t.Errorf("asked %v", asked)
			}
		})
	}
}

// addRecorder is an agent that takes every key.
type addRecorder struct {
	agent.Agent
	added []agent.AddedKey
}

func (r *addRecorder) Add(key agent.AddedKey) error {
	r.added = append(r.added, key)
	return nil
}

// An agent that takes no keys, or is not there, does not stop a login.
func TestAddKeysToAgentFails(t *testing.T) {
	testenv.Goroutines(t)
	private, signer := newKey(t)
	s := startScripted(t, accepts(nil, signer.PublicKey()))
	ring := agent.NewKeyring()
	check(t, ring.Lock([]byte("x")))
	for _, socket := range []string{serveRing(t, ring), "/nonexistent/agent"} {
		o := s.options(t)
		o.agentSocket, o.identityFiles, o.addKeys = socket, []string{keyFileOf(t, private, "")}, addKeys{wanted: true}
		warned := ""
		c, err := newDialer(Deps{Warn: func(text string) { warned += text }}).dial(testContext(t), o)
		if err != nil || warned == "" {
			t.Errorf("%s: %v %s, warned %q", socket, err, fault.KindOf(err), warned)
			continue
		}
		c.Close()
	}
}
