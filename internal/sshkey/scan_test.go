package sshkey

import (
	"context"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

func TestScanAsKeyscan(t *testing.T) {
	testenv.Goroutines(t)
	program := testenv.Require(t, "ssh-keyscan")
	s := testenv.StartSSHD(t, testenv.HostKeys("rsa", "ed25519"))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	keys, err := Scan(ctx, s.Addr, ScanKinds)
	check(t, err)
	if len(keys) != 2 {
		t.Fatalf("%d keys", len(keys))
	}
	out, err := exec.Command(program, "-p", strconv.Itoa(s.Port), "127.0.0.1").Output()
	check(t, err)
	for _, key := range keys {
		if line := AuthorizedLine(key, ""); !strings.Contains(string(out), line) {
			t.Errorf("%s is not in\n%s", line, out)
		}
	}
	if _, err := Scan(ctx, s.Addr, []string{"ecdsa"}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no such key: %v", err)
	}
	if _, err := Scan(ctx, s.Addr, []string{"dsa"}); fault.KindOf(err) != fault.Usage {
		t.Errorf("no such kind: %v", err)
	}
}

// A server that says nothing, and one that is none.
func TestScanOfNobody(t *testing.T) {
	testenv.Goroutines(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, err := Scan(ctx, l.Addr().String(), ScanKinds); fault.KindOf(err) != fault.Timeout {
		t.Errorf("a mute server: %v", err)
	}
	l.Close()
	ctx, cancel = context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := Scan(ctx, l.Addr().String(), ScanKinds); fault.KindOf(err) != fault.Unreachable {
		t.Errorf("nobody: %v", err)
	}
}
