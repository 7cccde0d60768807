package sshserver

import (
	"context"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// serve runs one connection to its end and returns when nothing of it is left.
func (s *Server) serve(raw net.Conn) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })()

	_ = raw.SetDeadline(time.Now().Add(handshakeLimit))
	conn, channels, requests, err := ssh.NewServerConn(raw, s.ssh)
	if err != nil {
		_ = raw.Close()
		return
	}
	_ = raw.SetDeadline(time.Time{})

	var wg sync.WaitGroup
	forwards := newForwards(conn)
	wg.Go(func() { forwards.answer(requests) })
	for offered := range channels {
		wg.Go(func() { s.open(ctx, conn, offered) })
	}
	cancel()
	_ = conn.Close()
	forwards.close()
	wg.Wait()
}

func (s *Server) open(ctx context.Context, conn *ssh.ServerConn, offered ssh.NewChannel) {
	switch offered.ChannelType() {
	case "session":
		s.session(ctx, conn, offered)
	case "direct-tcpip":
		directTCPIP(ctx, offered)
	default:
		_ = offered.Reject(ssh.UnknownChannelType, "this server knows session and direct-tcpip")
	}
}
