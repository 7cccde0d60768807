package sshserver

import (
	"context"
	"io"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Stream is the channel as a command sees it: read standard input, write
// standard output.
type Stream interface {
	io.ReadWriter
	Stderr() io.ReadWriter
}

// session is one session channel: a few requests that prepare it, then exactly
// one that starts something (RFC 4254, section 6).
type session struct {
	server  *Server
	channel ssh.Channel
	peer    ssh.ConnMetadata
	env     []string
	pty     *ptyRequest
	program program // nil until something was started
}

// program is what runs on a session.
type program interface {
	signal(name string)
	resize(windowSize)
	// end kills what still runs and gives back what it held.
	end()
}

// session serves one session channel until the client closes it or what it
// started has ended.
func (s *Server) session(ctx context.Context, conn ssh.ConnMetadata, offered ssh.NewChannel) {
	channel, requests, err := offered.Accept()
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ses := &session{server: s, channel: channel, peer: conn}
	for req := range requests {
		ok, run := ses.request(ctx, req)
		if req.WantReply {
			_ = req.Reply(ok, nil)
		}
		if run != nil {
			// After the reply: a client may take data that precedes it as noise.
			s.wg.Go(run)
		}
	}
	// The channel is closed, by either side, or the connection is gone.
	if ses.program != nil {
		ses.program.end()
	}
	_ = channel.Close()
}

// request handles one request. run, when not nil, is to be started after the
// answer and ends the channel itself.
func (ses *session) request(ctx context.Context, req *ssh.Request) (ok bool, run func()) {
	switch req.Type {
	case "env":
		return ses.setenv(req.Payload), nil
	case "pty-req":
		return ses.wantPTY(req.Payload), nil
	case "window-change":
		return ses.resize(req.Payload), nil
	case "signal":
		return ses.signal(req.Payload), nil
	case "exec", "shell", "subsystem":
		if ses.program != nil {
			return false, nil
		}
		return ses.start(ctx, req)
	default:
		return false, nil
	}
}

func (ses *session) start(ctx context.Context, req *ssh.Request) (ok bool, run func()) {
	var arg struct{ Text string }
	if req.Type != "shell" && ssh.Unmarshal(req.Payload, &arg) != nil {
		return false, nil
	}
	switch {
	case req.Type == "subsystem" && arg.Text != "sftp":
		return false, nil
	case req.Type == "subsystem":
		return ses.startSFTP()
	case ses.server.cfg.Exec != nil:
		return ses.startFunc(ctx, arg.Text)
	default:
		return ses.startProcess(arg.Text)
	}
}

func (ses *session) setenv(payload []byte) bool {
	var v struct{ Name, Value string }
	if ssh.Unmarshal(payload, &v) != nil || v.Name == "" || strings.ContainsAny(v.Name, "=\x00") || strings.Contains(v.Value, "\x00") {
		return false
	}
	ses.env = append(ses.env, v.Name+"="+v.Value)
	return true
}

func (ses *session) signal(payload []byte) bool {
	var v struct{ Name string }
	if ssh.Unmarshal(payload, &v) != nil || ses.program == nil {
		return false
	}
	ses.program.signal(v.Name)
	return true
}

// finish reports how a command ended and closes the channel.
func (ses *session) finish(request string, payload any) {
	if request != "" {
		_, _ = ses.channel.SendRequest(request, false, ssh.Marshal(payload))
	}
	_ = ses.channel.Close()
}

// exitStatus and exitSignal are the payloads of RFC 4254, section 6.10.
type exitStatus struct{ Code uint32 }

type exitSignal struct {
	Signal     string // without SIG
	CoreDumped bool
	Message    string
	Language   string
}
