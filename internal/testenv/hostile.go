package testenv

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

// Phase is a step of an SSH connection.
type Phase int

// The steps after which a hostile server can hang up.
const (
	NoPhase     Phase = iota
	AfterHello        // its version line is sent
	AfterKex          // keys are exchanged
	AfterAuth         // the client is logged in
	AfterOpen         // the client has its first session
	AfterOutput       // a command runs and Stdout and Stderr are sent
)

// End is how a command on a hostile server ends.
type End int

// The ends of a command.
const (
	ExitStatus    End = iota // with Behaviour.Code
	ExitMissing              // the channel closes with no status
	ExitTruncated            // a status of two bytes
	ExitSignal               // exit-signal with Behaviour.Signal and SignalText
	ExitNever                // nothing more, the channel stays open
)

// Behaviour is the script of a hostile SSH server. The zero value is a
// harmless one: everybody may log in, each command prints nothing and ends
// with status 0.
type Behaviour struct {
	Silent   bool   // accept connections and say nothing
	Greeting string // say this instead of an SSH version and hang up
	Lines    int    // lines ahead of the version (RFC 4253, section 4.2)
	Version  string // "SSH-2.0-hostile" when empty
	HangUp   Phase  // close the connection after this step

	Banner     string // shown before the login
	Banners    int    // how often, at least once when there is a Banner
	RefuseAuth bool   // let nobody in

	Mute          bool // never answer global requests: no keepalive comes back
	RefuseSession bool // refuse every session
	StallSession  bool // never answer a request for a session
	RefuseExec    bool // refuse every command
	StallExec     bool // never answer a request to run a command

	Stdout, Stderr string
	Endless        bool // Stdout over and over until the client goes
	End            End
	Code           uint32
	Signal         string // without SIG
	SignalText     string

	SFTP *SFTPBehaviour // the sftp subsystem; refused when nil
}

// HostileServer is a scripted SSH server on loopback.
type HostileServer struct {
	Addr       string
	HostKey    ssh.PublicKey
	KnownHosts string // its line of a known_hosts file

	behaviour Behaviour
	config    *ssh.ServerConfig
	listener  net.Listener
	done      chan struct{}
	wg        sync.WaitGroup

	mu       sync.Mutex
	accepted int
	commands []string
}

// Hostile starts a server that behaves as scripted until the test ends.
func Hostile(t testing.TB, b Behaviour) *HostileServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	key := NewKey(t, "ed25519")
	h := &HostileServer{
		Addr: listener.Addr().String(), HostKey: key.Signer.PublicKey(),
		behaviour: b, listener: listener, done: make(chan struct{}),
	}
	h.KnownHosts = fmt.Sprintf("[127.0.0.1]:%d %s", listener.Addr().(*net.TCPAddr).Port, ssh.MarshalAuthorizedKey(h.HostKey))
	h.config = h.login(key.Signer)
	h.wg.Go(h.accept)
	t.Cleanup(func() {
		close(h.done)
		_ = listener.Close()
		h.wg.Wait()
	})
	return h
}

// Connections counts the connections that were accepted.
func (h *HostileServer) Connections() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.accepted
}

// Commands lists the command lines that arrived.
func (h *HostileServer) Commands() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.commands)
}

func (h *HostileServer) login(key ssh.Signer) *ssh.ServerConfig {
	b := h.behaviour
	verdict := func() (*ssh.Permissions, error) {
		if b.RefuseAuth {
			return nil, fmt.Errorf("refused")
		}
		return &ssh.Permissions{}, nil
	}
	config := &ssh.ServerConfig{
		ServerVersion:     "SSH-2.0-hostile",
		NoClientAuth:      !b.RefuseAuth,
		PublicKeyCallback: func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return verdict() },
		PasswordCallback:  func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { return verdict() },
	}
	if b.Version != "" {
		config.ServerVersion = b.Version
	}
	config.AddHostKey(key)
	return config
}

func (h *HostileServer) accept() {
	for {
		conn, err := h.listener.Accept()
		if err != nil {
			return
		}
		h.mu.Lock()
		h.accepted++
		h.mu.Unlock()
		h.wg.Go(func() { h.serve(conn) })
	}
}

// serve plays the script on one connection, until the client or the test ends it.
func (h *HostileServer) serve(conn net.Conn) {
	ended := make(chan struct{})
	defer close(ended)
	h.wg.Go(func() {
		select {
		case <-h.done:
		case <-ended:
		}
		_ = conn.Close()
	})
	b := h.behaviour
	switch {
	case b.Silent:
		<-h.done
	case b.Greeting != "":
		_, _ = conn.Write([]byte(b.Greeting))
	case b.HangUp == AfterHello:
		_, _ = conn.Write([]byte(h.config.ServerVersion + "\r\n"))
	default:
		_, _ = conn.Write([]byte(strings.Repeat("a line ahead of the version\r\n", b.Lines)))
		h.handshake(conn)
	}
}

func (h *HostileServer) handshake(conn net.Conn) {
	config := *h.config
	config.PreAuthConnCallback = func(auth ssh.ServerPreAuthConn) { h.beforeLogin(conn, auth) }
	link, channels, requests, err := ssh.NewServerConn(conn, &config)
	if err != nil {
		return
	}
	defer link.Close()
	if h.behaviour.HangUp == AfterAuth {
		return
	}
	h.wg.Go(func() { h.answer(requests) })
	for offered := range channels {
		h.wg.Go(func() { h.channel(link, offered) })
	}
}

func (h *HostileServer) beforeLogin(conn net.Conn, auth ssh.ServerPreAuthConn) {
	if h.behaviour.HangUp == AfterKex {
		_ = conn.Close()
		return
	}
	if h.behaviour.Banner == "" {
		return
	}
	for range max(h.behaviour.Banners, 1) {
		if auth.SendAuthBanner(h.behaviour.Banner) != nil {
			return
		}
	}
}

func (h *HostileServer) answer(requests <-chan *ssh.Request) {
	for req := range requests {
		if !h.behaviour.Mute && req.WantReply {
			_ = req.Reply(false, nil)
		}
	}
}
