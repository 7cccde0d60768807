package transfer_test

import (
	"io"
	"io/fs"
	"net"
	"os"
	"testing"
	"time"

	"github.com/pkg/sftp"

	"gofab/internal/sftpfs"
)

// liar is a server that makes up its files.
type liar struct {
	list    func(dir string) []os.FileInfo
	stat    func(name string) os.FileInfo
	link    func(name string) string
	open    func(name string) io.ReaderAt
	write   func(name string) (io.WriterAt, error)
	command func(*sftp.Request) // hears of all others; may be nil
}

// fake is a file of a liar.
type fake struct {
	name string
	size int64
	mode fs.FileMode
}

func (f fake) Name() string       { return f.name }
func (f fake) Size() int64        { return f.size }
func (f fake) Mode() fs.FileMode  { return f.mode }
func (f fake) ModTime() time.Time { return time.Unix(1e9, 0) }
func (f fake) IsDir() bool        { return f.mode.IsDir() }
func (f fake) Sys() any           { return nil }

type infos []os.FileInfo

func (l infos) ListAt(to []os.FileInfo, off int64) (int, error) {
	if off >= int64(len(l)) {
		return 0, io.EOF
	}
	n := copy(to, l[off:])
	if n < len(to) {
		return n, io.EOF
	}
	return n, nil
}

func (l *liar) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	switch r.Method {
	case "List":
		return infos(l.list(r.Filepath)), nil
	case "Readlink":
		return infos{fake{name: l.link(r.Filepath)}}, nil
	default:
		return infos{l.stat(r.Filepath)}, nil
	}
}

func (l *liar) Readlink(name string) (string, error)           { return l.link(name), nil }
func (l *liar) Lstat(r *sftp.Request) (sftp.ListerAt, error)   { return infos{l.stat(r.Filepath)}, nil }
func (l *liar) Fileread(r *sftp.Request) (io.ReaderAt, error)  { return l.open(r.Filepath), nil }
func (l *liar) Filewrite(r *sftp.Request) (io.WriterAt, error) { return l.write(r.Filepath) }
func (l *liar) StatVFS(*sftp.Request) (*sftp.StatVFS, error) {
	return &sftp.StatVFS{Frsize: 1 << 20, Blocks: 64}, nil
}

func (l *liar) PosixRename(r *sftp.Request) error { return l.Filecmd(r) }

func (l *liar) Filecmd(r *sftp.Request) error {
	if l.command != nil {
		l.command(r)
	}
	return nil
}

func (l *liar) start(t *testing.T) *sftpfs.FS {
	t.Helper()
	ours, theirs := net.Pipe()
	server := sftp.NewRequestServer(theirs, sftp.Handlers{FileGet: l, FilePut: l, FileCmd: l, FileList: l})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve()
		_ = server.Close()
	}()
	t.Cleanup(func() {
		_ = ours.Close()
		<-ended
	})
	return begin(t, ours)
}
