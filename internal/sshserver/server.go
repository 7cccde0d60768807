// Package sshserver is a small SSH and SFTP server that lives inside the
// process: the hosts of `gofab --sandbox`, and a fast target for tests.
//
// Rules: it listens on loopback only, one listener per host. Commands are real
// processes of the current user and file requests reach the real file system,
// so it is a home directory and not isolation. A command dies with its channel
// or connection; what it left in the background on purpose lives until Close.
// Nothing outlives Close, except what fled into a session of its own, as
// setsid(1) does. Only keys and passwords it was given open it.
//
// Protocol: RFC 4251 to 4254, the SFTP draft version 3
// (draft-ietf-secsh-filexfer-02) and OpenSSH's PROTOCOL file.
package sshserver

import (
	"context"
	"net"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// handshakeLimit ends a connection that has not logged in by then, as sshd's
// LoginGraceTime does.
const handshakeLimit = 2 * time.Minute

// Config describes one host.
type Config struct {
	Name string // what the host is called; HOSTNAME of its commands when set
	Root string // home directory: commands start there, relative SFTP paths begin there

	Listener   net.Listener               // a free loopback port when nil
	HostKey    ssh.Signer                 // a fresh ed25519 key when nil
	Authorized []ssh.PublicKey            // keys that may log in, under any user name
	Password   func(user, pw string) bool // nil: keys only

	Shell string   // runs commands with -c and is the login shell; /bin/sh when empty
	Env   []string // added to the environment of every command, "NAME=value"

	// Exec replaces real processes when set. It gets the command line, "" for
	// a shell. Its context ends with the channel, the connection and a signal;
	// it must return then. The result is the exit status; a negative one
	// closes the channel with no status at all, as a dying host does.
	Exec func(ctx context.Context, command string, ch Stream) int
}

// Server is one host.
type Server struct {
	cfg      Config
	ssh      *ssh.ServerConfig
	listener net.Listener
	ctx      context.Context
	cancel   context.CancelFunc
	orphans  orphans
	wg       sync.WaitGroup
}

// Start opens a host on a free loopback port. It ends with ctx or Close.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	if cfg.Listener == nil {
		var listen net.ListenConfig
		var err error
		if cfg.Listener, err = listen.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			return nil, fault.Wrap(fault.Failed, err, "cannot listen on loopback for host %q", cfg.Name)
		}
	}
	s := &Server{cfg: cfg, ssh: loginRules(cfg), listener: cfg.Listener}
	s.ctx, s.cancel = context.WithCancel(ctx)
	context.AfterFunc(s.ctx, func() { _ = s.listener.Close() })
	s.wg.Go(s.accept)
	return s, nil
}

// complete fills in the defaults.
func (c *Config) complete() (err error) {
	if c.Root, err = filepath.Abs(c.Root); err != nil {
		return fault.OS(err, "home of host %q", c.Name)
	}
	if c.Shell == "" {
		c.Shell = "/bin/sh"
	}
	if c.HostKey == nil {
		c.HostKey, err = NewKey()
	}
	return err
}

// Addr is where it listens, "127.0.0.1:port".
func (s *Server) Addr() string { return s.listener.Addr().String() }

// HostKey is the public half of the host key.
func (s *Server) HostKey() ssh.PublicKey { return s.cfg.HostKey.PublicKey() }

// Root is the host's home directory.
func (s *Server) Root() string { return s.cfg.Root }

// Close ends all connections, kills every process that runs for this host and
// waits until they are gone.
func (s *Server) Close() error {
	s.cancel()
	s.wg.Wait()
	s.orphans.kill()
	return nil
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if s.ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return
		}
		if err != nil { // out of file descriptors, for instance: the next one may do
			if !sleep(s.ctx, 10*time.Millisecond) {
				return
			}
			continue
		}
		s.wg.Go(func() { s.serve(conn) })
	}
}

// sleep waits, and tells whether the time went by before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
