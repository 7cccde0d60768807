package expect_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"gofab/internal/expect"
	"gofab/internal/ptyproc"
	"gofab/internal/testenv"
)

// textFile makes a file of lines with a last word to wait for.
func textFile(b *testing.B, size int) string {
	line := "Nov 23 04:10:11 web1 sshd[4711]: Accepted publickey for deploy from 192.0.2.7 port 51234\n"
	path := filepath.Join(b.TempDir(), "text")
	text := append(bytes.Repeat([]byte(line), size/len(line)), "DONE\n"...)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// script lets another program do the work of one round of a benchmark.
func script(b *testing.B, program string, args ...string) {
	b.Helper()
	for b.Loop() {
		if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
	}
}

// BenchmarkWait waits for a word behind 100 MB on a terminal.
func BenchmarkWait(b *testing.B) {
	const size = 100 << 20
	path := textFile(b, size)
	b.Run("gofab", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			p := spawn(b, ptyproc.Options{}, "cat", path)
			if _, err := p.Expect(b.Context(), []expect.Pattern{re("DONE|FAILED"), expect.EOF}, expect.Wait{Timeout: time.Minute}); err != nil {
				b.Fatal(err)
			}
			_ = p.Close()
		}
	})
	b.Run("pexpect", func(b *testing.B) {
		python := testenv.Python(b, "pexpect")
		b.SetBytes(size)
		script(b, python, "-c", fmt.Sprintf(`
import pexpect
p = pexpect.spawn("cat", [%q], timeout=300, searchwindowsize=2000)
assert p.expect(["DONE|FAILED", pexpect.EOF]) == 0
`, path))
	})
	b.Run("tcl", func(b *testing.B) {
		b.SetBytes(size)
		script(b, testenv.Require(b, "expect"), "-c", fmt.Sprintf(`
log_user 0; set timeout 300
spawn -noecho cat %s
expect { -re "DONE|FAILED" {} eof { exit 1 } }
`, path))
	})
}

// BenchmarkRounds sends a line and waits for it, 10,000 times.
func BenchmarkRounds(b *testing.B) {
	const rounds = 10000
	answer := []expect.Pattern{re(`hello\r\n`)}
	rate := func(b *testing.B) {
		b.ReportMetric(float64(rounds)*float64(b.N)/b.Elapsed().Seconds(), "rounds/s")
	}
	b.Run("gofab", func(b *testing.B) {
		for b.Loop() {
			p := spawn(b, ptyproc.Options{}, "cat")
			for range rounds {
				if err := p.Send(b.Context(), "hello\n", 0); err != nil {
					b.Fatal(err)
				}
				if _, err := p.Expect(b.Context(), answer, expect.Wait{}); err != nil {
					b.Fatal(err)
				}
			}
			_ = p.Close()
		}
		rate(b)
	})
	b.Run("pexpect", func(b *testing.B) {
		script(b, testenv.Python(b, "pexpect"), "-c", fmt.Sprintf(`
import pexpect
p = pexpect.spawn("cat", echo=False)
p.delaybeforesend = None
for i in range(%d):
    p.sendline("hello")
    p.expect("hello\r\n")
`, rounds))
		rate(b)
	})
	b.Run("tcl", func(b *testing.B) {
		script(b, testenv.Require(b, "expect"), "-c", fmt.Sprintf(`
log_user 0; set stty_init -echo
spawn -noecho cat
for {set i 0} {$i < %d} {incr i} { send "hello\r"; expect -re "hello\r\n" }
`, rounds))
		rate(b)
	})
}

// BenchmarkMemory waits for the end of 1 GB and tells the most memory that was
// in use.
func BenchmarkMemory(b *testing.B) {
	line := strings.Repeat("0123456789abcde\n", 4096)
	for b.Loop() {
		p := spawn(b, ptyproc.Options{Pipes: true}, "sh", "-c", "yes '"+line[:15]+"' | head -c 1073741824; echo DONE")
		if _, err := p.Expect(b.Context(), []expect.Pattern{re("DONE|FAILED")}, expect.Wait{Timeout: time.Hour}); err != nil {
			b.Fatal(err)
		}
		_ = p.Close()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MB")
}
