// Package sshagent speaks with an SSH agent (draft-miller-ssh-agent).
//
// Rules: one connection for each request, so that none hangs around; a request
// ends with its context; bytes of the agent never crash the program.
package sshagent

import (
	"bytes"
	"context"
	"net"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"gofab/internal/fault"
	"gofab/internal/sshkey"
	"gofab/internal/termsafe"
)

// Agent is one agent by its socket.
type Agent struct{ Socket string }

// Constraints limit how the agent uses a key.
type Constraints struct {
	Lifetime time.Duration // 0 is for ever
	Confirm  bool          // a person is asked before each use
}

// do makes one request.
func (a Agent) do(ctx context.Context, what string, ask func(agent.ExtendedAgent) error) (err error) {
	if a.Socket == "" {
		return fault.New(fault.NotFound, "there is no SSH agent").WithHint("start one: eval $(ssh-agent), or give its socket")
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", a.Socket)
	if err != nil {
		return fault.Wrap(fault.Unreachable, err, "no SSH agent answers at %s", a.Socket)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer func() {
		if r := recover(); r != nil {
			err = fault.New(fault.Protocol, "the agent at %s sent nonsense", a.Socket)
		}
	}()
	err = ask(agent.NewClient(conn))
	switch {
	case err != nil && ctx.Err() != nil:
		return fault.Wrap(fault.KindOf(ctx.Err()), ctx.Err(), "the agent did not %s", what)
	case err != nil:
		return fault.New(fault.Denied, "the agent did not %s: %s", what, termsafe.Line(err.Error()))
	}
	return nil
}

// List gives the keys of the agent; none while it is locked.
func (a Agent) List(ctx context.Context) ([]sshkey.Public, error) {
	var held []*agent.Key
	err := a.do(ctx, "list its keys", func(ring agent.ExtendedAgent) (err error) {
		held, err = ring.List()
		return err
	})
	keys := []sshkey.Public{}
	for _, k := range held {
		if public, err := ssh.ParsePublicKey(k.Blob); err == nil {
			keys = append(keys, sshkey.Public{Key: public, Comment: k.Comment})
		}
	}
	return keys, err
}

// Add gives a key to the agent.
func (a Agent) Add(ctx context.Context, key *sshkey.Key, limits Constraints) error {
	added := agent.AddedKey{
		PrivateKey: key.Private, Comment: key.Comment,
		LifetimeSecs: uint32((limits.Lifetime + time.Second - 1) / time.Second), ConfirmBeforeUse: limits.Confirm,
	}
	return a.do(ctx, "take the key", func(ring agent.ExtendedAgent) error { return ring.Add(added) })
}

// Remove takes a key out of the agent.
func (a Agent) Remove(ctx context.Context, key ssh.PublicKey) error {
	return a.do(ctx, "remove the key", func(ring agent.ExtendedAgent) error { return ring.Remove(key) })
}

// RemoveAll takes all keys out of the agent.
func (a Agent) RemoveAll(ctx context.Context) error {
	return a.do(ctx, "remove its keys", func(ring agent.ExtendedAgent) error { return ring.RemoveAll() })
}

// Lock hides the keys until Unlock is given the same password.
func (a Agent) Lock(ctx context.Context, password []byte) error {
	return a.do(ctx, "lock itself", func(ring agent.ExtendedAgent) error { return ring.Lock(password) })
}

// Unlock shows them again.
func (a Agent) Unlock(ctx context.Context, password []byte) error {
	return a.do(ctx, "unlock itself", func(ring agent.ExtendedAgent) error { return ring.Unlock(password) })
}

// Sign has a key sign data. An RSA key signs with SHA-512.
func (a Agent) Sign(ctx context.Context, key ssh.PublicKey, data []byte) (signature *ssh.Signature, err error) {
	flags := agent.SignatureFlags(0)
	if key.Type() == ssh.KeyAlgoRSA {
		flags = agent.SignatureFlagRsaSha512
	}
	err = a.do(ctx, "sign", func(ring agent.ExtendedAgent) error {
		signature, err = ring.SignWithFlags(key, data, flags)
		return err
	})
	return signature, err
}

// Find gives the key that a fingerprint, a comment or a public key names.
func (a Agent) Find(ctx context.Context, name string) (ssh.PublicKey, error) {
	if public, err := sshkey.Parse(name); err == nil {
		return public.Key, nil
	}
	if sshkey.IsFile(name) {
		public, err := sshkey.LoadPublic(name)
		if err != nil {
			return nil, err
		}
		return public.Key, nil
	}
	keys, err := a.List(ctx)
	if err != nil {
		return nil, err
	}
	var found ssh.PublicKey
	for _, k := range keys {
		if name != ssh.FingerprintSHA256(k.Key) && name != sshkey.MD5(k.Key) && name != k.Comment {
			continue
		}
		if found != nil && !bytes.Equal(found.Marshal(), k.Key.Marshal()) {
			return nil, fault.New(fault.Usage, "several keys of the agent are called %q", name).WithHint("a fingerprint names one")
		}
		found = k.Key
	}
	if found == nil {
		return nil, fault.New(fault.NotFound, "the agent has no key %q", name)
	}
	return found, nil
}
