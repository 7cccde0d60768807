package portforward

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/sshclient"
	"gofab/internal/sshconfig"
	"gofab/internal/testenv"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// connect logs in to a real sshd.
func connect(t testing.TB, lines ...string) *sshclient.Client {
	t.Helper()
	s := testenv.StartSSHD(t, testenv.Lines(lines...))
	settings, err := sshconfig.Resolve(testContext(t), s.Name, sshconfig.Options{Files: []string{s.ConfigFile}, Home: t.TempDir()})
	check(t, err)
	c, err := sshclient.NewDialer(sshclient.Deps{}).Dial(testContext(t), sshclient.Target{Name: s.Name, Settings: settings})
	check(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

func open(t testing.TB, via Client, s Spec) *Forward {
	t.Helper()
	f, err := Open(testContext(t), via, s)
	check(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// serve runs a server on a listener until the test ends.
func serve(t testing.TB, l net.Listener, handle func(conn net.Conn)) string {
	t.Helper()
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer conn.Close()
				handle(conn)
			})
		}
	})
	t.Cleanup(func() { l.Close(); group.Wait() })
	return l.Addr().String()
}

// upper answers with all it got in capitals, when the client has ended its half.
func upper(conn net.Conn) {
	data, err := io.ReadAll(conn)
	if err == nil {
		_, _ = conn.Write(bytes.ToUpper(data))
	}
}

func tcp(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	return l
}

func unix(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	check(t, err)
	return l
}

// talk sends data, ends its half and gives the answer.
func talk(addr net.Addr, data []byte) ([]byte, error) {
	network := "tcp"
	if strings.HasPrefix(addr.String(), "/") {
		network = "unix"
	}
	conn, err := net.Dial(network, addr.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return exchange(conn, data)
}

func exchange(conn net.Conn, data []byte) ([]byte, error) {
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	written := make(chan error, 1)
	go func() {
		_, err := conn.Write(data)
		if err == nil {
			err = conn.(interface{ CloseWrite() error }).CloseWrite()
		}
		written <- err
	}()
	answer, err := io.ReadAll(conn)
	if err == nil {
		err = <-written
	}
	return answer, err
}

// Data goes both ways through every kind of forward, and a half-closed
// connection still answers.
func TestBothWays(t *testing.T) {
	testenv.Goroutines(t)
	c := connect(t)
	socket := func() Place { return Place(filepath.Join(t.TempDir(), "listen")) }
	atTCP, atUnix := serve(t, tcp(t), upper), serve(t, unix(t), upper)
	for _, test := range []struct {
		name string
		spec Spec
	}{
		{"port to port", Spec{To: atTCP}},
		{"port to socket", Spec{Listen: "127.0.0.1:0", To: atUnix}},
		{"socket to port", Spec{Listen: socket(), To: atTCP}},
		{"socket to socket", Spec{Listen: socket(), To: atUnix}},
		{"remote port", Spec{Remote: "127.0.0.1:0", To: atTCP}},
		{"remote port to socket", Spec{Remote: "0", To: atUnix}},
		{"remote socket", Spec{Remote: socket(), To: atTCP}},
		{"remote socket to socket", Spec{Remote: socket(), To: atUnix}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := open(t, c, test.spec)
			for _, size := range []int{0, 1, 70_000, 3_000_000} {
				data := bytes.Repeat([]byte("abcdefg"), size/7+1)[:size]
				answer, err := talk(f.Addr(), data)
				if err != nil || !bytes.Equal(answer, bytes.ToUpper(data)) {
					t.Fatalf("%d bytes: %d came back, %v; %+v", size, len(answer), err, f.Stats())
				}
			}
			check(t, f.Close())
			if s := f.Stats(); s.Open != 0 || s.Total != 4 || s.Failed != 0 {
				t.Errorf("after the end: %+v", s)
			}
			if _, err := talk(f.Addr(), nil); err == nil && test.spec.Remote == "" {
				t.Error("it listens after Close")
			}
		})
	}
}

// A hundred connections at once, each with data of its own.
func TestParallel(t *testing.T) {
	testenv.Goroutines(t)
	c := connect(t)
	echo := serve(t, tcp(t), func(conn net.Conn) { _, _ = io.Copy(conn, conn) })
	for _, spec := range []Spec{{To: echo}, {Remote: "127.0.0.1:0", To: echo}} {
		f := open(t, c, spec)
		errs := make(chan error, 100)
		for i := range cap(errs) {
			go func() {
				data := make([]byte, 20_000+i)
				_, _ = rand.Read(data)
				answer, err := talk(f.Addr(), data)
				if err == nil && !bytes.Equal(answer, data) {
					err = fmt.Errorf("%d of %d bytes", len(answer), len(data))
				}
				errs <- err
			}()
		}
		for range cap(errs) {
			if err := <-errs; err != nil {
				t.Errorf("%+v: %v", spec, err)
			}
		}
		if s := f.Stats(); s.Total != 100 || s.Failed != 0 {
			t.Errorf("%+v", s)
		}
		check(t, f.Close())
	}
}

// A refused target costs one connection; the forward goes on.
func TestRefusedTarget(t *testing.T) {
	testenv.Goroutines(t)
	c := connect(t)
	gone := tcp(t)
	address := gone.Addr().String()
	gone.Close()
	for _, spec := range []Spec{{To: address}, {Remote: "127.0.0.1:0", To: address}} {
		f := open(t, c, spec)
		for range 2 {
			if answer, err := talk(f.Addr(), nil); len(answer) > 0 {
				t.Errorf("%q, %v from nobody", answer, err)
			}
		}
		check(t, f.Close())
		if s := f.Stats(); s.Failed != 2 || fault.KindOf(s.Error) != fault.Unreachable {
			t.Errorf("%+v", s)
		}
	}
}

func TestForbidden(t *testing.T) {
	testenv.Goroutines(t)
	c := connect(t, "AllowTcpForwarding no", "AllowStreamLocalForwarding no")
	f := open(t, c, Spec{To: "127.0.0.1:9"})
	_, _ = talk(f.Addr(), nil)
	check(t, f.Close())
	if s := f.Stats(); fault.KindOf(s.Error) != fault.Denied {
		t.Errorf("%+v", s)
	}
	for _, remote := range []string{"127.0.0.1:0", filepath.Join(t.TempDir(), "s")} {
		if _, err := Open(testContext(t), c, Spec{Remote: Place(remote), To: "127.0.0.1:9"}); fault.KindOf(err) != fault.Denied {
			t.Errorf("%s: %v", remote, err)
		}
	}
}

// Close ends connections that are busy, and so does the end of the SSH
// connection.
func TestCloseWhileBusy(t *testing.T) {
	testenv.Goroutines(t)
	flood := serve(t, tcp(t), func(conn net.Conn) {
		go func() { _, _ = io.Copy(io.Discard, conn) }()
		for block := make([]byte, 64<<10); ; {
			if _, err := conn.Write(block); err != nil {
				return
			}
		}
	})
	for _, how := range []string{"forward", "connection"} {
		c := connect(t)
		f := open(t, c, Spec{To: flood})
		conns := make([]net.Conn, 5)
		for i := range conns {
			conn, err := net.Dial("tcp", f.Addr().String())
			check(t, err)
			defer conn.Close()
			_, err = io.ReadFull(conn, make([]byte, 1<<20))
			check(t, err)
			conns[i] = conn
		}
		if how == "connection" {
			check(t, c.Close())
		} else {
			check(t, f.Close())
		}
		for _, conn := range conns {
			_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
			_, err := io.Copy(io.Discard, conn)
			if late, ok := err.(net.Error); ok && late.Timeout() {
				t.Errorf("a connection outlives the %s", how)
			}
		}
		check(t, f.Close())
		if s := f.Stats(); s.Open != 0 {
			t.Errorf("%+v", s)
		}
	}
}

func TestMisuse(t *testing.T) {
	c := connect(t)
	for _, s := range []Spec{
		{}, {Listen: "0"}, {Socks: "0", To: "a:1"}, {Listen: "0", Remote: "0", To: "a:1"},
		{To: "nowhere"}, {To: "a:b"}, {To: "a:0"}, {To: "a:70000"}, {Listen: "nonsense", To: "a:1"}, {Remote: "nonsense", To: "a:1"},
	} {
		if _, err := Open(testContext(t), c, s); fault.KindOf(err) != fault.Usage {
			t.Errorf("%+v: %v", s, err)
		}
	}
	taken := tcp(t)
	defer taken.Close()
	for _, s := range []Spec{{Listen: Place(taken.Addr().String()), To: "a:1"}, {Listen: "/no/such/folder/s", To: "a:1"}} {
		if _, err := Open(testContext(t), c, s); err == nil {
			t.Errorf("%+v: no error", s)
		}
	}
	if _, err := Open(testContext(t), c, Spec{Remote: Place(taken.Addr().String()), To: "a:1"}); fault.KindOf(err) != fault.Denied {
		t.Errorf("a port that is taken: %v", err)
	}
}
