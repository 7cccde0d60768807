package testenv

import (
	"io"

	"golang.org/x/crypto/ssh"
)

// channel plays the script on one channel of a hostile server.
func (h *HostileServer) channel(link ssh.Conn, offered ssh.NewChannel) {
	switch {
	case h.behaviour.StallSession:
		return
	case h.behaviour.RefuseSession || offered.ChannelType() != "session":
		_ = offered.Reject(ssh.ResourceShortage, "no more sessions")
		return
	}
	channel, requests, err := offered.Accept()
	if err != nil {
		return
	}
	if h.behaviour.HangUp == AfterOpen {
		_ = link.Close()
	}
	for req := range requests {
		h.request(link, channel, req)
	}
}

func (h *HostileServer) request(link ssh.Conn, channel ssh.Channel, req *ssh.Request) {
	b := h.behaviour
	reply := func(ok bool) {
		if req.WantReply {
			_ = req.Reply(ok, nil)
		}
	}
	switch {
	case req.Type == "subsystem":
		reply(b.SFTP != nil)
		if b.SFTP != nil {
			h.wg.Go(func() { b.SFTP.serve(channel) })
		}
	case req.Type != "exec" && req.Type != "shell":
		reply(true)
	case b.StallExec:
	case b.RefuseExec:
		reply(false)
	default:
		h.note(req)
		reply(true)
		h.wg.Go(func() { h.command(link, channel) })
	}
}

func (h *HostileServer) note(req *ssh.Request) {
	var command struct{ Text string }
	_ = ssh.Unmarshal(req.Payload, &command)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.commands = append(h.commands, command.Text)
}

func (h *HostileServer) command(link ssh.Conn, channel ssh.Channel) {
	b := h.behaviour
	_, err := io.WriteString(channel, b.Stdout)
	_, _ = io.WriteString(channel.Stderr(), b.Stderr)
	for b.Endless && err == nil {
		_, err = io.WriteString(channel, b.Stdout)
	}
	if b.HangUp == AfterOutput {
		_ = link.Close()
		return
	}
	switch b.End {
	case ExitStatus:
		_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{b.Code}))
	case ExitTruncated:
		_, _ = channel.SendRequest("exit-status", false, []byte{0, 0})
	case ExitSignal:
		payload := struct {
			Signal     string
			CoreDumped bool
			Text, Lang string
		}{b.Signal, false, b.SignalText, ""}
		_, _ = channel.SendRequest("exit-signal", false, ssh.Marshal(payload))
	case ExitNever:
		return
	case ExitMissing:
	}
	_ = channel.Close()
}
