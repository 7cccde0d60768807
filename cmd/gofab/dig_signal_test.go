package main

import (
	"net"
	"syscall"
	"testing"

	"gofab/runtime/world"
)

// TestInterruptDuringDig: Ctrl-C ends a question that nobody answers.
func TestInterruptDuringDig(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, words := range [][]string{
		{"dig", "@" + conn.LocalAddr().String(), "+time=3600", "x.test"},
		{"-e", `dns.query("x.test", "A", { server = "` + conn.LocalAddr().String() + `", timeout = 3600, attempt_timeout = 3600 })`},
	} {
		cmd, stderr := startGofab(t, t.TempDir(), words...)
		if _, _, err := conn.ReadFrom(make([]byte, 512)); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != world.ExitInterrupted {
			t.Errorf("%v: exit code %d\n%s", words, code, stderr)
		}
	}
}
