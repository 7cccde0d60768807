package portforward

import (
	"io"
	"net"
	"os/exec"
	"strconv"
	"testing"

	"gofab/internal/testenv"
)

// BenchmarkForward compares with ssh -L over the same sshd.
func BenchmarkForward(b *testing.B) {
	c := connect(b)
	const size = 64 << 20
	source := serve(b, tcp(b), func(conn net.Conn) { _, _ = conn.Write(make([]byte, size)) })
	f := open(b, c, Spec{To: source})
	fetch := func(b *testing.B, address string) {
		b.SetBytes(size)
		for b.Loop() {
			conn, err := net.Dial("tcp", address)
			check(b, err)
			n, err := io.Copy(io.Discard, conn)
			conn.Close()
			if err != nil || n != size {
				b.Fatal(n, err)
			}
		}
	}
	b.Run("gofab", func(b *testing.B) { fetch(b, f.Addr().String()) })
	b.Run("ssh", func(b *testing.B) {
		program := testenv.Require(b, "ssh")
		s := testenv.StartSSHD(b)
		free := tcp(b)
		port := free.Addr().(*net.TCPAddr).Port
		free.Close()
		cmd := exec.Command(program, "-F", s.ConfigFile, "-o", "ExitOnForwardFailure=yes",
			"-L", "127.0.0.1:"+strconv.Itoa(port)+":"+source, s.Name, "echo ready; cat")
		in, err := cmd.StdinPipe()
		check(b, err)
		out, err := cmd.StdoutPipe()
		check(b, err)
		check(b, cmd.Start())
		b.Cleanup(func() { in.Close(); _ = cmd.Wait() })
		_, err = io.ReadFull(out, make([]byte, 6))
		check(b, err)
		fetch(b, "127.0.0.1:"+strconv.Itoa(port))
	})
}
