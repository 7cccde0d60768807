package sshclient

import (
	"context"
	"net"
	"time"

	"golang.org/x/crypto/ssh"
)

// agentChannel is how a server reaches the agent of its client (OpenSSH's
// PROTOCOL file). It is served only for hosts with ForwardAgent: whoever is
// root there can use the agent as long as the connection lasts.
const agentChannel = "auth-agent@openssh.com"

// requestAgent asks the server to offer our agent to a command.
func (p *Process) requestAgent() {
	if p.client.forwardAgent != "" {
		_, _ = p.ch.SendRequest("auth-agent-req@openssh.com", false, nil) // a refusal shows in the command
	}
}

// serveAgent connects one channel with the agent.
func (c *Client) serveAgent(n ssh.NewChannel) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", c.forwardAgent)
	if err != nil {
		_ = n.Reject(ssh.ConnectionFailed, "the agent does not answer")
		return
	}
	ch, requests, err := n.Accept()
	if err != nil {
		conn.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	remote := newStream(ch, channelAddr("agent"), channelAddr(c.name))
	go func() {
		_ = carry(conn, remote)
		conn.Close()
	}()
	go func() {
		_ = carry(remote, conn)
		_ = remote.Close()
	}()
}
