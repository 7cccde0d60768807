package sshserver

import (
	"io"
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"gofab/internal/testenv"
)

func TestJumpThroughAnotherHost(t *testing.T) {
	b := startBed(t, []string{"bastion", "hop", "inner"})
	out, errs, code := b.ssh("-J", "bastion,hop", "inner", "echo $HOSTNAME")
	if out != "inner\n" || code != 0 {
		t.Errorf("got %q, %q, %d", out, errs, code)
	}
}

func TestForwardsOnlyToLoopback(t *testing.T) {
	client := startBed(t, []string{"web1"}).dial("web1")
	for _, target := range []string{"192.0.2.1:80", "example.com:80", "0.0.0.0:80", "[2001:db8::1]:80"} {
		conn, err := client.Dial("tcp", target)
		if err == nil {
			conn.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "only loopback") {
			t.Errorf("%s: %v", target, err)
		}
	}
	if _, err := client.Listen("tcp", "0.0.0.0:0"); err == nil {
		t.Error("it listens on every address")
	}
}

func TestRemoteForward(t *testing.T) {
	testenv.Goroutines(t)
	client := startBed(t, []string{"web1"}).dial("web1")
	listener, err := client.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = io.Copy(conn, conn)
		conn.Close()
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "there and back"); err != nil {
		t.Fatal(err)
	}
	_ = conn.(*net.TCPConn).CloseWrite()
	if got, err := io.ReadAll(conn); string(got) != "there and back" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if err := listener.Close(); err != nil {
		t.Errorf("cancel: %v", err)
	}
	if conn, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		conn.Close()
		t.Error("it still listens")
	}
}

// TestForwardsEndWithTheirConnection leaves a forward open in both directions.
func TestForwardsEndWithTheirConnection(t *testing.T) {
	testenv.Goroutines(t)
	b := startBed(t, []string{"web1"})
	client := b.dial("web1")
	if _, err := client.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	silent := testenv.Hostile(t, testenv.Behaviour{Silent: true})
	if _, err := client.Dial("tcp", silent.Addr); err != nil {
		t.Fatal(err)
	}
	b.Close()
	if err := client.Wait(); err == nil {
		t.Error("the connection ended without an error")
	}
}

func TestKeepaliveIsAnswered(t *testing.T) {
	client := startBed(t, []string{"web1"}).dial("web1")
	if _, _, err := client.SendRequest("keepalive@openssh.com", true, nil); err != nil {
		t.Error(err)
	}
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := session.SendRequest("keepalive@openssh.com", true, nil); err != nil {
		t.Error(err)
	}
}

func TestOtherChannelsAreRefused(t *testing.T) {
	client := startBed(t, []string{"web1"}).dial("web1")
	if _, _, err := client.OpenChannel("x11", nil); err == nil {
		t.Error("an x11 channel opened")
	}
	if _, _, err := client.OpenChannel("direct-tcpip", []byte("nonsense")); err == nil {
		t.Error("a malformed forward opened")
	}
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.RequestSubsystem("netconf"); err == nil {
		t.Error("an unknown subsystem started")
	}
	if _, err := session.SendRequest("exec", true, []byte{1, 2}); err != nil {
		t.Fatal(err)
	}
	if err := session.Setenv("A=B", "x"); err == nil {
		t.Error("an impossible variable was taken")
	}
	if err := session.Run("true"); err != nil {
		t.Errorf("the session is spoilt: %v", err)
	}
	if ok, _ := session.SendRequest("exec", true, ssh.Marshal(struct{ C string }{"true"})); ok {
		t.Error("a second command started")
	}
}
