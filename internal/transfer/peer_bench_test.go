package transfer_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/sftpfs"
	"gofab/internal/testenv"
	"gofab/internal/transfer"
)

// These benchmarks copy against Debian's sshd, each program with a login of its
// own: gofab, scp, rsync and paramiko. Give -benchtime 1x or 3x. The files are
// in memory, to measure the copy and not the disk.

// bench is one server with files to copy, here and there.
type bench struct {
	sshd       *testenv.SSHD
	addr       string
	here, over string // folders of the client and of the server
}

func newBench(b *testing.B, delay time.Duration) *bench {
	sshd := testenv.StartSSHD(b)
	e := &bench{sshd: sshd, addr: sshd.Addr, here: benchDir(b), over: benchDir(b)}
	if delay > 0 {
		relay := testenv.Proxy(b, sshd.Addr)
		relay.Delay(delay / 2)
		e.addr = relay.Addr
	}
	return e
}

// gofab runs a copy with a login of its own.
func (e *bench) gofab(b *testing.B, do func(side transfer.FS)) {
	b.Run("gofab", func(b *testing.B) {
		for b.Loop() {
			client, side := e.login(b)
			do(side)
			_ = side.Close()
			_ = client.Close()
		}
	})
}

func (e *bench) login(b *testing.B) (*ssh.Client, *sftpfs.FS) {
	client, err := ssh.Dial("tcp", e.addr, &ssh.ClientConfig{
		User: e.sshd.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(e.sshd.Key.Signer)},
		HostKeyCallback: ssh.FixedHostKey(e.sshd.HostKeys[0]),
	})
	ok(b, err)
	open := func(context.Context) (io.ReadWriteCloser, error) { return subsystem(client) }
	channel, err := subsystem(client)
	ok(b, err)
	side, err := sftpfs.New(b.Context(), channel, sftpfs.More(open))
	ok(b, err)
	return client, side
}

func subsystem(client *ssh.Client) (io.ReadWriteCloser, error) {
	channel, requests, err := client.OpenChannel("session", nil)
	if err != nil {
		return nil, err
	}
	go ssh.DiscardRequests(requests)
	_, err = channel.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"sftp"}))
	return channel, err
}

func (e *bench) put(b *testing.B, side transfer.FS, from, to string) {
	_, err := transfer.Put(b.Context(), transfer.PutOptions{From: transfer.Local(e.here), To: side, Source: from, Target: e.over + "/" + to})
	ok(b, err)
}

func (e *bench) get(b *testing.B, side transfer.FS, from, to string) {
	_, err := transfer.Get(b.Context(), transfer.GetOptions{From: side, To: transfer.Local(e.here), Source: e.over + "/" + from, Target: to})
	ok(b, err)
}

// program runs a peer; {port} {key} {known} {user} are filled in.
func (e *bench) program(b *testing.B, name string, clean func(), args ...string) {
	b.Run(name, func(b *testing.B) {
		if _, err := exec.LookPath(args[0]); err != nil {
			b.Skipf("%s is missing", args[0])
		}
		_, port, _ := strings.Cut(e.addr, ":")
		fill := strings.NewReplacer("{port}", port, "{key}", e.sshd.ClientKey, "{user}", e.sshd.User,
			"{ssh}", "-oStrictHostKeyChecking=no -oUserKnownHostsFile=/dev/null -oLogLevel=ERROR -i "+e.sshd.ClientKey)
		for b.Loop() {
			clean()
			full := []string{}
			for _, a := range args {
				if a == "{ssh}" {
					full = append(full, strings.Fields(fill.Replace(a))...)
				} else {
					full = append(full, fill.Replace(a))
				}
			}
			if out, err := exec.Command(full[0], full[1:]...).CombinedOutput(); err != nil {
				b.Fatalf("%s: %v\n%s", name, err, out)
			}
		}
	})
}

const paramikoScript = `
import paramiko, sys
port, key, user, what, a, b = sys.argv[1:]
c = paramiko.SSHClient()
c.set_missing_host_key_policy(paramiko.AutoAddPolicy())
c.connect("127.0.0.1", int(port), user, key_filename=key, look_for_keys=False, allow_agent=False)
getattr(c.open_sftp(), what)(a, b)
c.close()
`

func (e *bench) paramiko(b *testing.B, clean func(), what, from, to string) {
	e.program(b, "paramiko", clean, "/usr/bin/python3", "-c", paramikoScript, "{port}", "{key}", "{user}", what, from, to)
}

// random writes a file that cannot be compressed.
func random(b *testing.B, path string, size int64) {
	f, err := os.Create(path)
	ok(b, err)
	_, err = io.CopyN(f, rand.NewChaCha8([32]byte{1}), size)
	ok(b, err)
	ok(b, f.Close())
}

func largeFile(b *testing.B, delay time.Duration, size int64) {
	e := newBench(b, delay)
	random(b, filepath.Join(e.here, "large"), size)
	random(b, filepath.Join(e.over, "large"), size)
	here, over := e.here+"/", e.over+"/"
	remote := "{user}@127.0.0.1:" + over
	clean := func() {
		for _, pattern := range []string{here + "got*", over + "put*"} {
			found, _ := filepath.Glob(pattern)
			for _, name := range found {
				ok(b, os.Remove(name))
			}
		}
	}
	b.Run("get", func(b *testing.B) {
		b.SetBytes(size)
		e.gofab(b, func(side transfer.FS) { clean(); e.get(b, side, "large", "got") })
		e.program(b, "scp", clean, "scp", "-q", "{ssh}", "-P", "{port}", remote+"large", here+"got2")
		e.program(b, "rsync", clean, "rsync", "-W", "--inplace", "-e", "ssh -p {port} {ssh}", remote+"large", here+"got3")
		e.paramiko(b, clean, "get", over+"large", here+"got4")
	})
	b.Run("put", func(b *testing.B) {
		b.SetBytes(size)
		e.gofab(b, func(side transfer.FS) { clean(); e.put(b, side, "large", "put") })
		e.program(b, "scp", clean, "scp", "-q", "{ssh}", "-P", "{port}", here+"large", remote+"put2")
		e.program(b, "rsync", clean, "rsync", "-W", "--inplace", "-e", "ssh -p {port} {ssh}", here+"large", remote+"put3")
		e.paramiko(b, clean, "put", here+"large", over+"put4")
	})
}

func BenchmarkLoopback1GiB(b *testing.B)     { largeFile(b, 0, 1<<30) }
func BenchmarkDelay20ms512MiB(b *testing.B)  { largeFile(b, 20*time.Millisecond, 512<<20) }
func BenchmarkDelay100ms256MiB(b *testing.B) { largeFile(b, 100*time.Millisecond, 256<<20) }

func manyFilesBench(b *testing.B, delay time.Duration, count int) {
	e := newBench(b, delay)
	files := map[string]string{}
	for i := range count {
		files[fmt.Sprintf("tree/%02d/file%05d", i%100, i)] = strings.Repeat(fmt.Sprintf("%08d", i), 512)
	}
	write(b, e.here, files)
	write(b, e.over, files)
	remote := "{user}@127.0.0.1:" + e.over + "/"
	clean := func() {
		for _, name := range []string{e.here + "/got", e.over + "/put"} {
			ok(b, os.RemoveAll(name))
		}
	}
	b.Run("put", func(b *testing.B) {
		e.gofab(b, func(side transfer.FS) { clean(); e.put(b, side, "tree", "put") })
		e.program(b, "scp", clean, "scp", "-q", "-r", "{ssh}", "-P", "{port}", e.here+"/tree", remote+"put")
		e.program(b, "rsync", clean, "rsync", "-a", "-e", "ssh -p {port} {ssh}", e.here+"/tree/", remote+"put")
	})
	b.Run("get", func(b *testing.B) {
		e.gofab(b, func(side transfer.FS) { clean(); e.get(b, side, "tree", "got") })
		e.program(b, "scp", clean, "scp", "-q", "-r", "{ssh}", "-P", "{port}", remote+"tree", e.here+"/got")
		e.program(b, "rsync", clean, "rsync", "-a", "-e", "ssh -p {port} {ssh}", remote+"tree/", e.here+"/got")
	})
}

func BenchmarkLoopback10000Files(b *testing.B) { manyFilesBench(b, 0, 10_000) }
func BenchmarkDelay20ms200Files(b *testing.B)  { manyFilesBench(b, 20*time.Millisecond, 200) }

// BenchmarkSyncUnchanged10000 finds out that there is nothing to do.
func BenchmarkSyncUnchanged10000(b *testing.B) {
	e := newBench(b, 0)
	files := map[string]string{}
	for i := range 10_000 {
		files[fmt.Sprintf("tree/%02d/file%05d", i%100, i)] = fmt.Sprint(i)
	}
	write(b, e.here, files)
	ok(b, exec.Command("cp", "-a", e.here+"/tree", e.over+"/tree").Run())
	e.gofab(b, func(side transfer.FS) {
		r, err := transfer.Sync(b.Context(), transfer.SyncOptions{
			From: transfer.Local(e.here), To: side, Source: "tree", Target: e.over + "/tree", Delete: true,
		})
		ok(b, err)
		if r.Copied != 0 || r.Unchanged < 10_000 {
			b.Fatalf("%+v", r)
		}
	})
	e.program(b, "rsync", func() {}, "rsync", "-a", "--delete", "-e", "ssh -p {port} {ssh}", e.here+"/tree/", "{user}@127.0.0.1:"+e.over+"/tree")
}
