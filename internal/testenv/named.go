package testenv

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Zone is one zone of a name server: its text as a zone file, and further
// lines of its zone statement, such as "allow-update { any; };".
type Zone struct{ Name, Text, Lines string }

// View is what some clients or addresses see; Match is the lines that choose
// it, such as "match-destinations { 127.0.0.2; };".
type View struct {
	Name, Match string
	Zones       []Zone
}

// NameServer says what a name server is to have. Without views, Zones are
// seen by everybody.
type NameServer struct {
	Zones     []Zone
	Views     []View
	Lines     string   // before everything else: keys, acls
	Options   string   // further lines of the options statement
	Addresses []string // where it listens; 127.0.0.1 when empty
}

// Named is a running BIND.
type Named struct {
	Port int
	Addr string // of its first address
	Dir  string // its files

	cmd    *exec.Cmd
	log    Buffer
	ready  chan bool
	exited chan struct{}
}

// Log is what it has written so far.
func (n *Named) Log() string { return n.log.String() }

// Stop ends it. The end of the test does the same.
func (n *Named) Stop() {
	killTree(n.cmd.Process)
	<-n.exited
}

// StartNamed runs a real named(8) on a free loopback port until the test ends.
// Its log is shown when the test fails.
func StartNamed(t testing.TB, server NameServer) *Named {
	t.Helper()
	program := Require(t, "named")
	if len(server.Addresses) == 0 {
		server.Addresses = []string{"127.0.0.1"}
	}
	for range startTries {
		n := &Named{Port: freeNamePort(t, server.Addresses), Dir: t.TempDir(), ready: make(chan bool, 1), exited: make(chan struct{})}
		n.Addr = net.JoinHostPort(server.Addresses[0], strconv.Itoa(n.Port))
		n.start(t, program, server.write(t, n))
		switch up := <-n.ready; {
		case up && !strings.Contains(n.Log(), "could not listen"): // it runs on without the socket
			t.Cleanup(func() { n.finish(t) })
			return n
		case !up && !strings.Contains(n.Log(), "address in use"):
			t.Fatalf("named does not start:\n%s", n.Log())
		}
		n.Stop()
	}
	t.Fatalf("named found no free port in %d tries", startTries)
	return nil
}

// freeNamePort finds a port that is free for both protocols.
func freeNamePort(t testing.TB, addresses []string) int {
	for range startTries {
		port := freePort(t)
		free := true
		for _, address := range addresses {
			conn, err := net.ListenPacket("udp", net.JoinHostPort(address, strconv.Itoa(port)))
			if err != nil {
				free = false
				continue
			}
			conn.Close()
		}
		if free {
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

func (n *Named) start(t testing.TB, program, config string) {
	t.Helper()
	n.cmd = exec.Command(program, "-g", "-c", config)
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	n.cmd.Stderr = write
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go n.follow(read)
}

// follow keeps the log; its line "running" comes when all sockets are open and
// all zones are loaded.
func (n *Named) follow(output *os.File) {
	defer close(n.exited)
	defer output.Close()
	told := false
	for lines := bufio.NewScanner(output); lines.Scan(); {
		fmt.Fprintln(&n.log, lines.Text())
		if !told && strings.HasSuffix(lines.Text(), " running") {
			n.ready <- true
			told = true
		}
	}
	if !told {
		n.ready <- false
	}
	_ = n.cmd.Wait()
}

func (n *Named) finish(t testing.TB) {
	n.Stop()
	if t.Failed() {
		log := n.Log()
		t.Logf("named said at the end:\n%s", log[max(0, len(log)-4000):])
	}
}

// write writes named.conf and the zones.
func (s NameServer) write(t testing.TB, n *Named) (path string) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\ncontrols { };\noptions {\n  directory %q;\n  listen-on port %d { %s; };\n  listen-on-v6 { none; };\n", s.Lines, n.Dir, n.Port, strings.Join(s.Addresses, "; "))
	b.WriteString("  pid-file none;\n  session-keyfile none;\n  check-names primary ignore;\n  notify no;\n" +
		"  minimal-responses no; max-records-per-type 0;\n  " + s.Options + "\n")
	if !strings.Contains(s.Options, "recursion") {
		b.WriteString("  recursion no;\n")
	}
	b.WriteString("};\n")
	b.WriteString(zoneStatements(t, n.Dir, "", s.Zones))
	for _, v := range s.Views {
		fmt.Fprintf(&b, "view %q {\n%s\n%s};\n", v.Name, v.Match, zoneStatements(t, n.Dir, v.Name, v.Zones))
	}
	path = filepath.Join(n.Dir, "named.conf")
	writeFile(t, path, b.String(), 0o644)
	return path
}

func zoneStatements(t testing.TB, dir, view string, zones []Zone) string {
	var b strings.Builder
	for i, z := range zones {
		file := filepath.Join(dir, fmt.Sprintf("zone%s%d.db", view, i))
		if z.Text == "" {
			fmt.Fprintf(&b, "zone %q { %s };\n", z.Name, z.Lines)
			continue
		}
		writeFile(t, file, z.Text, 0o644)
		kind := "type primary;"
		if z.Name == "." && strings.Contains(z.Lines, "type hint") {
			kind = ""
		}
		fmt.Fprintf(&b, "zone %q { %s file %q; %s };\n", z.Name, kind, file, z.Lines)
	}
	return b.String()
}
