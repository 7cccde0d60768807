package sshclient

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/knownhosts"
)

// hostKeys is what a run knows about host keys: the known_hosts files, each
// read once, and what was accepted since.
type hostKeys struct {
	mu       sync.Mutex
	files    map[string]*knownhosts.DB // by the list of files
	accepted map[string][]byte         // by list and host: a key taken in this run
}

func (h *hostKeys) load(files []string) (*knownhosts.DB, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := strings.Join(files, "\n")
	if db := h.files[key]; db != nil {
		return db, nil
	}
	db, err := knownhosts.Load(files...)
	if err != nil {
		return nil, err
	}
	if h.files == nil {
		h.files, h.accepted = map[string]*knownhosts.DB{}, map[string][]byte{}
	}
	h.files[key] = db
	return db, nil
}

func (l *login) knownHosts() (*knownhosts.DB, error) {
	return l.dialer.hostKeys.load(l.o.knownHosts())
}

// hostKeyAlgorithms asks for the kinds of key that are known for the host: one
// with three keys of which one is known must show that one.
func (l *login) hostKeyAlgorithms() ([]string, error) {
	if l.o.hostKeyAlgorithms != nil {
		return l.o.hostKeyAlgorithms, nil
	}
	db, err := l.knownHosts()
	if err != nil {
		return nil, err
	}
	host, port := l.o.hostKeyName()
	return db.Algorithms(host, port), nil
}

// trust decides about the host key by known_hosts and StrictHostKeyChecking.
func (l *login) trust(key ssh.PublicKey) error {
	db, err := l.knownHosts()
	if err != nil {
		return err
	}
	host, port := l.o.hostKeyName()
	err = db.Check(host, port, key)
	var unknown *knownhosts.UnknownError
	if err == nil || !errors.As(err, &unknown) {
		return err
	}
	h := &l.dialer.hostKeys
	name := strings.Join(l.o.knownHosts(), "\n") + "\n" + hostPort(host, port)
	h.mu.Lock()
	seen := h.accepted[name]
	h.mu.Unlock()
	if seen != nil && bytes.Equal(seen, key.Marshal()) {
		return nil
	}
	if seen != nil {
		return fault.New(fault.HostKey, "the host key changed within this run: now %s", fingerprint(key))
	}
	if err := l.accept(err, host, port, key); err != nil {
		return err
	}
	h.mu.Lock()
	h.accepted[name] = key.Marshal()
	h.mu.Unlock()
	return nil
}

// accept asks the policy about an unknown key; unknown is the refusal.
func (l *login) accept(unknown error, host string, port int, key ssh.PublicKey) error {
	switch l.o.strict {
	case "accept-new":
		return l.remember(host, port, key)
	case "no":
		l.dialer.deps.Warn(fmt.Sprintf("%s: host key %s is not checked (StrictHostKeyChecking no)", l.o.name, fingerprint(key)))
		return nil
	case "ask":
		if l.dialer.deps.Prompt != nil && !l.o.batch && l.askAbout(host, port, key) {
			return l.remember(host, port, key)
		}
	}
	return unknown
}

// askAbout asks a person whether the key is the right one.
func (l *login) askAbout(host string, port int, key ssh.PublicKey) bool {
	resume := l.limit.pause()
	defer resume()
	name := host
	if port != 22 {
		name = hostPort(host, port)
	}
	text := fmt.Sprintf("the host key of %s is not known: %s\naccept and remember it (yes/no)? ", name, fingerprint(key))
	answer, err := l.dialer.ask(l.limit.ctx, Question{Host: l.o.name, Text: text, Echo: true})
	return err == nil && strings.EqualFold(strings.TrimSpace(answer), "yes")
}

// remember writes the key into the first of the user's known_hosts files. A
// file that cannot be written is no reason to refuse a key that was accepted.
func (l *login) remember(host string, port int, key ssh.PublicKey) error {
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	if len(l.o.userKnownHosts) == 0 {
		return nil
	}
	file := l.o.userKnownHosts[0]
	if err := knownhosts.Add(file, host, port, key, l.o.hashKnownHosts); err != nil {
		l.dialer.deps.Warn(fmt.Sprintf("%s: the host key is accepted but cannot be remembered in %s: %v", l.o.name, file, err))
	}
	return nil
}

// fingerprint names a key the way ssh-keygen -l does.
func fingerprint(key ssh.PublicKey) string {
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	return key.Type() + " " + ssh.FingerprintSHA256(key)
}
