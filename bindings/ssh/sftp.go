package ssh

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/sftpfs"
	"gofab/internal/transfer"
)

// sftpClient is a host's files with a current folder.
type sftpClient struct {
	session *session
	files   *sftpfs.FS

	mu  sync.Mutex
	cwd string // "" is the home folder
}

func (f *sftpClient) String() string { return f.session.name + " files" }

func openSFTP(c *kit.Call, s *session, _ none) (*sftpClient, error) {
	channel, err := s.client.SFTP(c.Context)
	if err != nil {
		return nil, err
	}
	files, err := sftpfs.New(c.Context, channel, sftpfs.More(s.client.SFTP))
	if err != nil {
		return nil, s.named(err)
	}
	s.own(func() { _ = files.Close() })
	return &sftpClient{session: s, files: files}, nil
}

// named puts the host into an error.
func (s *session) named(err error) error {
	if err == nil {
		return nil
	}
	e := *fault.From(err)
	if e.Host == "" {
		e.Host = s.name
	}
	return &e
}

// path is a path within the current folder.
func (f *sftpClient) path(p string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cwd == "" || strings.HasPrefix(p, "/") {
		return p
	}
	joined := path.Join(f.cwd, p)
	if strings.HasSuffix(p, "/") {
		joined += "/"
	}
	return joined
}

func sftpType() kit.Type {
	methods := append(append(lookMethods(), changeMethods()...), copyMethods()...)
	return kit.TypeOf[*sftpClient]("ssh_sftp", "A host's files over SFTP. Relative paths begin in the current folder, which is the home folder at first.", methods...)
}

type pathArgs struct {
	Path string `lua:"path,arg1" doc:"Path on the host."`
}

type folderArgs struct {
	Path string `lua:"path,arg1" default:"." doc:"Folder on the host; the current one."`
}

// attributes describe a file on a host.
type attributes struct {
	Name     string    `lua:"name" doc:"Last part of the path."`
	Type     string    `lua:"type" doc:"\"file\", \"directory\", \"symlink\" or \"other\"."`
	Size     int64     `lua:"size" doc:"Bytes."`
	Mode     string    `lua:"mode" doc:"Permission bits in octal, such as \"0644\"."`
	UID      int       `lua:"uid" doc:"Number of the owner; -1 when the server does not tell."`
	GID      int       `lua:"gid" doc:"Number of the group; -1 when the server does not tell."`
	Modified time.Time `lua:"modified" doc:"Time of the last change, in Unix seconds."`
	Accessed time.Time `lua:"accessed" doc:"Time of the last access, in Unix seconds."`
}

func attributesOf(i transfer.Info) attributes {
	kind := "other"
	switch {
	case i.Mode.IsRegular():
		kind = "file"
	case i.IsDir():
		kind = "directory"
	case i.IsLink():
		kind = "symlink"
	}
	return attributes{
		Name: i.Name, Type: kind, Size: i.Size, Mode: octal(i.Mode), UID: i.UID, GID: i.GID,
		Modified: i.Modified, Accessed: i.Accessed,
	}
}

// octal writes the bits of chmod(1).
func octal(m fs.FileMode) string {
	bits := uint32(m.Perm())
	for flag, bit := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if m&flag != 0 {
			bits |= bit
		}
	}
	return fmt.Sprintf("%04o", bits)
}

// readMode reads the bits of chmod(1).
func readMode(text string) (fs.FileMode, error) {
	n, err := strconv.ParseUint(text, 8, 16)
	if err != nil || n > 0o7777 {
		return 0, fault.New(fault.Usage, "mode: want octal bits such as \"0644\", got %q", text)
	}
	mode := fs.FileMode(n & 0o777)
	for flag, bit := range map[fs.FileMode]uint64{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if n&bit != 0 {
			mode |= flag
		}
	}
	return mode, nil
}

// act makes a method of something that gives nothing but an error.
func act[A any](name, doc string, do func(ctx context.Context, f *sftpClient, a A) error) kit.Func {
	return kit.Method(name, doc, func(c *kit.Call, f *sftpClient, a A) (kit.None, error) {
		return kit.None{}, f.session.named(do(c.Context, f, a))
	})
}

// ask makes a method of something that gives a value.
func ask[A, R any](name, doc string, do func(ctx context.Context, f *sftpClient, a A) (R, error)) kit.Func {
	return kit.Method(name, doc, func(c *kit.Call, f *sftpClient, a A) (R, error) {
		r, err := do(c.Context, f, a)
		return r, f.session.named(err)
	})
}
