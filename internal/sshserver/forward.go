package sshserver

import (
	"context"
	"io"
	"net"
	"net/netip"
	"strconv"
	"sync"

	"golang.org/x/crypto/ssh"
)

// directOpen is the extra data of a direct-tcpip or forwarded-tcpip channel
// (RFC 4254, section 7.2).
type directOpen struct {
	Host       string
	Port       uint32
	OriginHost string
	OriginPort uint32
}

// directTCPIP connects a channel to a loopback port, which is what a jump host
// made of another sandbox host needs. Other targets are refused: this server
// is no way out to the network.
func directTCPIP(ctx context.Context, offered ssh.NewChannel) {
	var to directOpen
	if err := ssh.Unmarshal(offered.ExtraData(), &to); err != nil {
		_ = offered.Reject(ssh.ConnectionFailed, "malformed request")
		return
	}
	if !loopback(to.Host) {
		_ = offered.Reject(ssh.Prohibited, "only loopback addresses are forwarded")
		return
	}
	var dialer net.Dialer
	target, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port))))
	if err != nil {
		_ = offered.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	channel, requests, err := offered.Accept()
	if err != nil {
		_ = target.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	relay(ctx, channel, target.(*net.TCPConn))
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// relay copies both ways, passing on each half's end, until both have ended or
// ctx is over.
func relay(ctx context.Context, channel ssh.Channel, target *net.TCPConn) {
	defer context.AfterFunc(ctx, func() { _ = target.Close() })()
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = io.Copy(target, channel)
		_ = target.CloseWrite()
	})
	wg.Go(func() {
		_, _ = io.Copy(channel, target)
		_ = channel.CloseWrite()
	})
	wg.Wait()
	_ = channel.Close()
	_ = target.Close()
}
