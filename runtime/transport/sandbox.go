package transport

import (
	"context"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"crypto/ed25519"
	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/knownhosts"
	"gofab/internal/sshserver"
	"gofab/runtime/inventory"
)

// Sandbox reaches every host in a throw-away SSH server inside this process,
// under the host's own name: keys of this run only, a home folder each under
// Dir. Commands are real and run as the current user; it is a stage, not a
// wall. The way there is the ordinary one, with the host key checked.
type Sandbox struct {
	SSH *SSH   // its Config is replaced by the sandbox's own
	Dir string // holds the homes: Dir/<host>

	ctx     context.Context
	stop    context.CancelFunc
	mu      sync.Mutex
	servers map[string]*sshserver.Server
	key     ssh.PublicKey
}

// NewSandbox makes the stage; hosts start when they are reached.
func NewSandbox(reach *SSH, dir string) (*Sandbox, error) {
	if err := os.MkdirAll(filepath.Join(dir, ".keys"), 0o700); err != nil {
		return nil, fault.OS(err, "cannot make the sandbox")
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Sandbox{SSH: reach, Dir: dir, ctx: ctx, stop: stop, servers: map[string]*sshserver.Server{}}
	if err := s.makeKey(); err != nil {
		stop()
		return nil, err
	}
	reach.Config.Files = []string{}
	reach.Config.Overrides = [][2]string{
		{"IdentityFile", s.file("id")}, {"IdentitiesOnly", "yes"}, {"IdentityAgent", "none"},
		{"UserKnownHostsFile", s.file("known_hosts.%p")}, {"GlobalKnownHostsFile", "none"},
		{"StrictHostKeyChecking", "yes"}, {"HostName", "127.0.0.1"},
	}
	return s, nil
}

func (s *Sandbox) file(name string) string { return filepath.Join(s.Dir, ".keys", name) }

func (s *Sandbox) makeKey() error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fault.Wrap(fault.Failed, err, "cannot make a key for the sandbox")
	}
	block, err := ssh.MarshalPrivateKey(private, "gofab sandbox")
	if err != nil {
		return fault.Wrap(fault.Failed, err, "cannot make a key for the sandbox")
	}
	if err := os.WriteFile(s.file("id"), pem.EncodeToMemory(block), 0o600); err != nil {
		return fault.OS(err, "cannot write the sandbox's key")
	}
	s.key, err = ssh.NewPublicKey(public)
	return err
}

// Dial starts the host when it is not there yet, and connects.
func (s *Sandbox) Dial(ctx context.Context, h *inventory.Host) (Conn, error) {
	server, err := s.server(h.Name)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(server.Addr())
	if err != nil {
		return nil, fault.From(err)
	}
	stage := *h
	number, _ := strconv.Atoi(port)
	stage.Address, stage.Port, stage.Key, stage.Jump = "127.0.0.1", number, "", ""
	conn, err := s.SSH.Dial(ctx, &stage)
	if err != nil {
		return nil, err
	}
	return &staged{conn.(*sshConn), func() error { return s.restart(h.Name, server) }}, nil
}

// Locate starts a host when it is not there yet, and tells where it is.
func (s *Sandbox) Locate(name string) ([][2]string, error) {
	server, err := s.server(name)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(server.Addr())
	return [][2]string{{"Port", port}}, err
}

// staged is a connection to a host of the sandbox.
type staged struct {
	*sshConn
	restart func() error
}

func (s *staged) Restart() error { return s.restart() }

// restart stops a host and what runs on it; it starts again when it is reached.
func (s *Sandbox) restart(name string, server *sshserver.Server) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.servers[name] == server {
		delete(s.servers, name)
	}
	return server.Close()
}

func (s *Sandbox) server(name string) (*sshserver.Server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if server := s.servers[name]; server != nil {
		return server, nil
	}
	root := filepath.Join(s.Dir, name)
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fault.OS(err, "cannot make the sandbox host %s", name)
	}
	server, err := sshserver.Start(s.ctx, sshserver.Config{
		Name: name, Root: root, Authorized: []ssh.PublicKey{s.key},
	})
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "cannot start the sandbox host %s", name)
	}
	_, port, _ := net.SplitHostPort(server.Addr())
	number, _ := strconv.Atoi(port)
	if err := s.know(port, number, server.HostKey()); err != nil {
		return nil, errors.Join(err, server.Close())
	}
	s.servers[name] = server
	return server, nil
}

// know writes the key of a host into a file of its own: a run reads each file
// once, and hosts start one by one.
func (s *Sandbox) know(port string, number int, key ssh.PublicKey) error {
	file := s.file("known_hosts." + port)
	if err := os.Remove(file); err != nil && !os.IsNotExist(err) { // of an earlier run in the same folder
		return fault.OS(err, "cannot replace %s", file)
	}
	return knownhosts.Add(file, "127.0.0.1", number, key, false)
}

// Close stops the hosts and everything that runs on them. The homes stay until
// Remove.
func (s *Sandbox) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.Close())
	}
	s.servers = map[string]*sshserver.Server{}
	return errors.Join(errs...)
}

// Remove deletes the homes.
func (s *Sandbox) Remove() error { return os.RemoveAll(s.Dir) }
