package sshclient

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/knownhosts"
)

// hostKeys is what a run knows about host keys: the known_hosts files, each
// read once, and what was accepted since.
type hostKeys struct {
	deciding chan struct{}     // holds a token while a new key is decided about
	accepted map[string][]byte // by files and host: the key; guarded by deciding

	mu    sync.Mutex
	files map[string]*knownhosts.DB // by the list of files

	learned map[string]bool         // hosts of which further keys were dealt with; guarded by mu
	revoked map[string]*revocations // by path; guarded by mu
}

func (h *hostKeys) load(files []string, warn func(string)) (*knownhosts.DB, error) {
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
	for _, text := range db.Warnings() {
		warn(text)
	}
	if h.files == nil {
		h.files = map[string]*knownhosts.DB{}
	}
	h.files[key] = db
	return db, nil
}

func (l *login) knownHosts() (*knownhosts.DB, error) {
	return l.dialer.hostKeys.load(l.o.knownHosts(), l.dialer.deps.Warn)
}

// hostKeyAlgorithms asks for the kinds of key that are known for the host: one
// with three keys of which one is known must show that one.
func (l *login) hostKeyAlgorithms() ([]string, error) {
	db, err := l.knownHosts()
	if err != nil {
		return nil, err
	}
	host, port := l.o.hostKeyName()
	known := db.Algorithms(host, port)
	if l.o.hostKeyAlgorithms == nil {
		return known, nil
	}
	return reorder(l.o.hostKeyAlgorithms, known), nil
}

// reorder puts the names of a list into the order they have in another one.
func reorder(list, order []string) []string {
	place := func(name string) int {
		if i := slices.Index(order, name); i >= 0 {
			return i
		}
		return len(order)
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b string) int { return place(a) - place(b) })
	return list
}

// trust decides about the host key by known_hosts and StrictHostKeyChecking.
func (l *login) trust(key ssh.PublicKey) error {
	if err := l.revoked(key); err != nil {
		return err
	}
	if bits, few := l.o.fewBits(key); few {
		return fault.New(fault.HostKey, "the host key %s has %d bits only", fingerprint(key), bits).
			WithHint("the host needs a new key; RequiredRSASize in the ssh configuration is %d", l.o.minRSA)
	}
	db, err := l.knownHosts()
	if err != nil {
		return err
	}
	key = l.o.withoutWeakAuthority(key)
	host, port := l.o.hostKeyName()
	err = db.Check(host, port, key)
	var unknown *knownhosts.UnknownError
	if err == nil || !errors.As(err, &unknown) {
		_, cert := key.(*ssh.Certificate)
		l.inFile = err == nil && !cert
		return err
	}
	return l.decide(err, host, port, key)
}

// decide is about an unknown key; unknown is the refusal. What was decided
// once holds for the run, and one key is decided about at a time.
func (l *login) decide(unknown error, host string, port int, key ssh.PublicKey) error {
	h := &l.dialer.hostKeys
	resume := l.limit.pause() // another host's question may be in front
	defer resume()
	select {
	case h.deciding <- struct{}{}:
		defer func() { <-h.deciding }()
	case <-l.limit.ctx.Done():
		return unknown
	}
	name := strings.Join(l.o.knownHosts(), "\n") + "\n" + hostPort(host, port)
	if seen := h.accepted[name]; seen != nil {
		if bytes.Equal(seen, key.Marshal()) {
			return nil
		}
		return fault.New(fault.HostKey, "the host key changed within this run: now %s", fingerprint(key))
	}
	if err := l.accept(unknown, host, port, key); err != nil {
		return err
	}
	h.accepted[name] = key.Marshal()
	return nil
}

// accept asks the policy.
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
