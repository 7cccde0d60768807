package sshclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"gofab/internal/termsafe"
)

// agentCache asks each agent once in a run for its keys. A connection to an
// agent lasts for one request, so none hangs around for the length of a login.
type agentCache struct {
	mu   sync.Mutex
	keys map[string][]*agent.Key // by socket
	busy chan struct{}           // limits the requests at once
}

// agentRequests is how many requests an agent gets at once: its queue of
// connections is short.
const agentRequests = 16

// confirmTime is how long a person may take to touch a token or to confirm a
// signature (ssh-add -c).
const confirmTime = time.Minute

// list gives the keys of the agent at socket. A failure is not remembered.
func (c *agentCache) list(ctx context.Context, socket string) ([]*agent.Key, error) {
	c.mu.Lock()
	keys, known := c.keys[socket]
	c.mu.Unlock()
	if known {
		return keys, nil
	}
	err := c.request(ctx, socket, func(a agent.ExtendedAgent) (err error) {
		keys, err = a.List()
		return err
	})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys == nil {
		c.keys = map[string][]*agent.Key{}
	}
	c.keys[socket] = keys
	return keys, nil
}

// request connects, makes one request and hangs up, at the latest with ctx.
func (c *agentCache) request(ctx context.Context, socket string, do func(agent.ExtendedAgent) error) (err error) {
	busy := c.lanes()
	select {
	case busy <- struct{}{}:
		defer func() { <-busy }()
	case <-ctx.Done():
		return ctx.Err()
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the agent sent nonsense: %v", r)
		}
	}()
	return do(agent.NewClient(conn))
}

func (c *agentCache) lanes() chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy == nil {
		c.busy = make(chan struct{}, agentRequests)
	}
	return c.busy
}

// agentKeys are the keys of the agent of this login.
func (a *authenticator) agentKeys() []*agent.Key {
	if a.o.agentSocket == "" {
		return nil
	}
	keys, err := a.dialer.agents.list(a.limit.ctx, a.o.agentSocket)
	if err != nil {
		a.note("no answer from the agent at " + a.short(a.o.agentSocket) + ": " + agentReason(err))
	}
	return keys
}

func agentReason(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return sysReason(op.Err)
	}
	return termsafe.Line(err.Error())
}

func (a *authenticator) agentOffer(k *agent.Key) offer {
	return offer{
		label: "agent key " + ssh.FingerprintSHA256(k),
		signer: func(a *authenticator) (ssh.Signer, error) {
			public, err := ssh.ParsePublicKey(k.Blob)
			if err != nil {
				return nil, errors.New(termsafe.Line(err.Error()))
			}
			return &agentSigner{public, a}, nil
		},
	}
}

// agentSigner signs with a key in the agent.
type agentSigner struct {
	public ssh.PublicKey
	auth   *authenticator
}

func (s *agentSigner) PublicKey() ssh.PublicKey { return s.public }

func (s *agentSigner) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return s.SignWithAlgorithm(rand, data, "")
}

func (s *agentSigner) SignWithAlgorithm(_ io.Reader, data []byte, algorithm string) (signature *ssh.Signature, err error) {
	var flags agent.SignatureFlags
	switch algorithm {
	case ssh.KeyAlgoRSASHA256:
		flags = agent.SignatureFlagRsaSha256
	case ssh.KeyAlgoRSASHA512:
		flags = agent.SignatureFlagRsaSha512
	}
	resume := s.auth.limit.pause()
	defer resume()
	ctx, cancel := context.WithTimeout(s.auth.limit.ctx, confirmTime)
	defer cancel()
	err = s.auth.dialer.agents.request(ctx, s.auth.o.agentSocket, func(a agent.ExtendedAgent) (err error) {
		signature, err = a.SignWithFlags(s.public, data, flags)
		return err
	})
	if err != nil {
		s.auth.note("the agent did not sign: " + agentReason(err))
		return nil, err
	}
	return signature, nil
}
