package sshserver

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// Fleet is a set of named hosts that one client key opens.
type Fleet struct {
	dir   string
	key   ssh.Signer
	pem   []byte
	names []string
	hosts map[string]*Server
}

// StartFleet opens one host per name, each with the home directory dir/name
// (made when missing, mode 0700), and makes the client key that opens them
// all. adjust may change each host's configuration before it starts.
func StartFleet(ctx context.Context, dir string, names []string, adjust ...func(*Config)) (*Fleet, error) {
	key, pem, err := newKey()
	if err != nil {
		return nil, err
	}
	f := &Fleet{dir: dir, key: key, pem: pem, hosts: make(map[string]*Server, len(names))}
	for _, name := range names {
		if err := f.start(ctx, name, adjust); err != nil {
			_ = f.Close()
			return nil, err
		}
	}
	return f, nil
}

func (f *Fleet) start(ctx context.Context, name string, adjust []func(*Config)) error {
	if err := checkName(name); err != nil {
		return err
	}
	if f.hosts[name] != nil {
		return fault.New(fault.Usage, "sandbox host %q is named twice", name)
	}
	cfg := Config{Name: name, Root: filepath.Join(f.dir, name), Authorized: []ssh.PublicKey{f.key.PublicKey()}}
	for _, change := range adjust {
		change(&cfg)
	}
	if err := os.MkdirAll(cfg.Root, 0o700); err != nil {
		return fault.OS(err, "home of sandbox host %q", name)
	}
	server, err := Start(ctx, cfg)
	if err != nil {
		return err
	}
	f.names, f.hosts[name] = append(f.names, name), server
	return nil
}

// checkName refuses names that are no single folder name.
func checkName(name string) error {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00") {
		return fault.New(fault.Usage, "%q cannot name a sandbox host", name).
			WithHint("a sandbox host is named like a folder: web1, db.example")
	}
	return nil
}

// ClientKey opens every host of the fleet, under any user name.
func (f *Fleet) ClientKey() ssh.Signer { return f.key }

// ClientKeyPEM is the same key as a file of ssh-keygen(1); it belongs into a
// file of mode 0600 and lives no longer than the fleet.
func (f *Fleet) ClientKeyPEM() []byte { return f.pem }

// KnownHosts is a known_hosts file with the key of every host (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
func (f *Fleet) KnownHosts() []byte {
	var lines bytes.Buffer
	for _, name := range f.names {
		host := f.hosts[name]
		_, port, _ := net.SplitHostPort(host.Addr())
		fmt.Fprintf(&lines, "[127.0.0.1]:%s %s", port, ssh.MarshalAuthorizedKey(host.HostKey()))
	}
	return lines.Bytes()
}

// Names lists the hosts in the order they were asked for.
func (f *Fleet) Names() []string { return f.names }

// Host gives one host, nil when there is none of that name.
func (f *Fleet) Host(name string) *Server { return f.hosts[name] }

// Lookup tells where a host listens, "127.0.0.1:port", and its host key.
func (f *Fleet) Lookup(name string) (addr string, key ssh.PublicKey, ok bool) {
	host := f.hosts[name]
	if host == nil {
		return "", nil, false
	}
	return host.Addr(), host.HostKey(), true
}

// Close stops all hosts and keeps their files.
func (f *Fleet) Close() error {
	var wg sync.WaitGroup
	for _, host := range f.hosts {
		wg.Go(func() { _ = host.Close() })
	}
	wg.Wait()
	return nil
}

// Remove stops all hosts and removes their folder with everything in it.
func (f *Fleet) Remove() error {
	_ = f.Close()
	if err := os.RemoveAll(f.dir); err != nil {
		return fault.OS(err, "cannot remove the sandbox folder %s", f.dir)
	}
	return nil
}
