package dnsclient_test

import (
	"io"
	"net"
	"net/netip"
	"strconv"
	"testing"
)

// relay makes a name server on 127.0.0.1 answer at another address of loopback
// on the same port: BIND itself listens only on addresses that an interface
// has. It asks from that address, so that views can tell.
func relay(t testing.TB, address string, port int) {
	t.Helper()
	here := netip.AddrPortFrom(netip.MustParseAddr(address), uint16(port))
	there := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port))
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(here))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); listener.Close() })
	go relayDatagrams(conn, here.Addr(), there)
	go relayStreams(listener, here.Addr(), there)
}

func relayDatagrams(conn *net.UDPConn, from netip.Addr, to netip.AddrPort) {
	for {
		question := make([]byte, 4096)
		n, client, err := conn.ReadFromUDPAddrPort(question)
		if err != nil {
			return
		}
		go func() {
			out, err := net.DialUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(from, 0)), net.UDPAddrFromAddrPort(to))
			if err != nil {
				return
			}
			defer out.Close()
			out.Write(question[:n])
			answer := make([]byte, 65535)
			if n, err = out.Read(answer); err == nil {
				conn.WriteToUDPAddrPort(answer[:n], client)
			}
		}()
	}
}

func relayStreams(listener net.Listener, from netip.Addr, to netip.AddrPort) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer client.Close()
			out, err := net.DialTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0)), net.TCPAddrFromAddrPort(to))
			if err != nil {
				return
			}
			defer out.Close()
			go io.Copy(out, client)
			io.Copy(client, out)
		}()
	}
}
