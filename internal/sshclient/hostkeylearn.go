package sshclient

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
)

// UpdateHostKeys (ssh_config(5)): after the login an OpenSSH server tells all
// its host keys. Those that are not known are learned once the server has shown
// that it holds them, so that it can retire the key that is known. Nothing is
// learned from a host whose own key was not found in known_hosts, and nothing is
// forgotten: that is for a person.
const (
	hostKeysRequest = "hostkeys-00@openssh.com"
	proveRequest    = "hostkeys-prove-00@openssh.com"
)

// announcedLimit bounds how many keys of one server are looked at.
const announcedLimit = 32

// learnHostKeys deals with an announcement, beside the commands.
func (c *Client) learnHostKeys(announced []byte) {
	if c.login.o.updateHostKeys == "no" || !c.login.inFile {
		return
	}
	ended := c.beginEnding()
	go c.guard(func() {
		defer ended()
		if err := c.login.learn(c, announced); err != nil {
			c.login.dialer.deps.Warn(fmt.Sprintf("%s: new host keys are not learned: %v", c.name, err))
		}
	})
}

func (l *login) learn(c *Client, announced []byte) error {
	host, port := l.o.hostKeyName()
	keys, err := l.newKeys(host, port, announced)
	if err != nil || len(keys) == 0 || !l.dialer.hostKeys.learnOnce(host, port) {
		return err
	}
	if proven, err := prove(c.conn, keys); !proven {
		if err == nil {
			l.dialer.hostKeys.learnAgain(host, port)
		}
		return err
	}
	if l.o.updateHostKeys == "ask" && !l.askToLearn(c, keys) {
		return nil
	}
	for _, key := range keys {
		_ = l.remember(host, port, key) // has told what went wrong
	}
	return nil
}

// newKeys are the announced keys that are of use and not known.
func (l *login) newKeys(host string, port int, announced []byte) ([]ssh.PublicKey, error) {
	db, err := l.knownHosts()
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, e := range db.Lookup(host, port) {
		seen[string(e.Key.Marshal())] = true
	}
	var keys []ssh.PublicKey
	for number := 0; len(announced) > 0 && number < announcedLimit; number++ {
		var next struct {
			Blob []byte
			Rest []byte `ssh:"rest"`
		}
		if err := ssh.Unmarshal(announced, &next); err != nil {
			return nil, fault.New(fault.Protocol, "the list of its keys makes no sense")
		}
		announced = next.Rest
		key, err := ssh.ParsePublicKey(next.Blob)
		if err == nil && !seen[string(next.Blob)] && l.wants(key) {
			keys = append(keys, key)
		}
		seen[string(next.Blob)] = true
	}
	return keys, nil
}

// wants tells whether a login would take the key.
func (l *login) wants(key ssh.PublicKey) bool {
	if _, ok := key.(*ssh.Certificate); ok {
		return false
	}
	allowed := l.o.hostKeyAlgorithms
	if allowed == nil {
		allowed = ssh.SupportedAlgorithms().HostKeys
	}
	_, few := l.o.fewBits(key)
	return !few && len(signatureAlgorithms(key.Type(), false, allowed)) > 0 && l.revoked(key) == nil
}

// prove has the server sign with each key, bound to this connection. The end of
// the connection proves nothing, but is no error.
func prove(conn ssh.Conn, keys []ssh.PublicKey) (bool, error) {
	var question []byte
	for _, key := range keys {
		question = append(question, ssh.Marshal(struct{ Blob []byte }{key.Marshal()})...)
	}
	ok, proof, err := conn.SendRequest(proveRequest, true, question)
	switch {
	case err != nil:
		return false, nil //nolint:nilerr // whoever works on the connection hears of it
	case !ok:
		return false, fault.New(fault.Protocol, "the server does not prove that it holds them")
	}
	for _, key := range keys {
		if proof, err = verifyProof(conn.SessionID(), key, proof); err != nil {
			return false, err
		}
	}
	return true, nil
}

// verifyProof checks the signature of one key and gives what follows it.
func verifyProof(session []byte, key ssh.PublicKey, proof []byte) ([]byte, error) {
	var next struct {
		Signature []byte
		Rest      []byte `ssh:"rest"`
	}
	var signature ssh.Signature
	if ssh.Unmarshal(proof, &next) != nil || ssh.Unmarshal(next.Signature, &signature) != nil {
		return nil, fault.New(fault.Protocol, "its proof makes no sense")
	}
	signed := ssh.Marshal(struct {
		Purpose       string
		Session, Blob []byte
	}{proveRequest, session, key.Marshal()})
	if signature.Format == ssh.KeyAlgoRSA || key.Verify(signed, &signature) != nil {
		return nil, fault.New(fault.HostKey, "the server does not hold the key %s that it claims", termsafe.Line(fingerprint(key)))
	}
	return next.Rest, nil
}

// askToLearn asks a person, at most as long as the connection lasts.
func (l *login) askToLearn(c *Client, keys []ssh.PublicKey) bool {
	if l.o.batch {
		return false
	}
	var list []string
	for _, key := range keys {
		list = append(list, fingerprint(key))
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-c.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	text := fmt.Sprintf("the host has more keys: %s\nremember them (yes/no)? ", strings.Join(list, ", "))
	answer, err := l.dialer.ask(ctx, Question{Host: l.o.name, Text: text, Echo: true})
	return err == nil && strings.EqualFold(strings.TrimSpace(answer), "yes")
}

// learnOnce tells whether the keys of a host were not dealt with in this run.
func (h *hostKeys) learnOnce(host string, port int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	name := hostPort(host, port)
	if h.learned == nil {
		h.learned = map[string]bool{}
	}
	known := h.learned[name]
	h.learned[name] = true
	return !known
}

// learnAgain leaves the keys of a host to its next connection.
func (h *hostKeys) learnAgain(host string, port int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.learned, hostPort(host, port))
}
