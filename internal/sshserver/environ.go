package sshserver

import (
	"net"
	"os/user"
	"strconv"
	"sync"
)

// path is where commands are looked for unless Config.Env says otherwise.
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// userName is the name of the user who runs this process.
var userName = sync.OnceValue(func() string {
	u, err := user.Current()
	if err != nil {
		return "nobody"
	}
	return u.Username
})

// environment is a clean one, as sshd(8) makes it: nothing of the operator's
// own. Later entries win: the host's, then the client's.
func (ses *session) environment() []string {
	cfg := ses.server.cfg
	env := []string{
		"HOME=" + cfg.Root, "USER=" + userName(), "LOGNAME=" + userName(),
		"SHELL=" + cfg.Shell, "PATH=" + path,
		"SSH_CONNECTION=" + endpoints(ses.peer.RemoteAddr(), ses.peer.LocalAddr()),
	}
	if cfg.Name != "" {
		env = append(env, "HOSTNAME="+cfg.Name)
	}
	if ses.pty != nil {
		env = append(env, "TERM="+ses.pty.Term)
	}
	env = append(env, cfg.Env...)
	return append(env, ses.env...)
}

// endpoints is "client-ip port server-ip port".
func endpoints(client, server net.Addr) string {
	c, _ := client.(*net.TCPAddr)
	s, _ := server.(*net.TCPAddr)
	if c == nil || s == nil {
		return ""
	}
	return spaced(c) + " " + spaced(s)
}

func spaced(a *net.TCPAddr) string { return a.IP.String() + " " + strconv.Itoa(a.Port) }
