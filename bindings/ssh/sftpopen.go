package ssh

import (
	"context"
	"strings"

	"gofab/internal/fault"
	"gofab/internal/remotefile"
	"gofab/internal/sftpfs"
)

type openArgs struct {
	Path string `lua:"path,arg1" doc:"Path on the host."`
	Mode string `lua:"mode,arg2" default:"r" doc:"r reads, w writes a new or emptied file, a adds to its end, x (or wx) makes one that must not be there; + is for both."`
}

// read understands the letters of a mode in any order that C or Python take.
func (a openArgs) read() (sftpfs.Mode, error) {
	text := strings.Replace(a.Mode, "b", "", 1)
	both := strings.Contains(text, "+")
	kind := strings.Replace(text, "+", "", 1)
	if kind == "wx" {
		kind = "x"
	}
	if len(kind) != 1 || !strings.Contains("rwax", kind) {
		return sftpfs.Mode{}, fault.New(fault.Usage, "mode: %q is not one of r, r+, w, w+, a, a+, x, x+", a.Mode)
	}
	return sftpfs.Mode{
		Read: kind == "r" || both, Write: kind != "r" || both, Append: kind == "a",
		Create: kind != "r", Truncate: kind == "w", Exclusive: kind == "x",
	}, nil
}

// remoteFile is an open file of a host.
type remoteFile struct {
	*remotefile.File
	session *session
	path    string
	mode    sftpfs.Mode
}

func (f *remoteFile) String() string { return f.session.name + ":" + f.path }

// may refuses what the mode is not for. The server would say something else,
// and about writing not before the end.
func (f *remoteFile) may(ok bool) error {
	if ok {
		return nil
	}
	what := "writing"
	if f.mode.Read {
		what = "reading"
	}
	return f.session.named(fault.New(fault.Usage, "%s is open for %s only", f.path, what).
		WithHint(`with a + in its mode, as in "r+" or "w+", it is open for both`))
}

func openFile(ctx context.Context, f *sftpClient, a openArgs) (*remoteFile, error) {
	mode, err := a.read()
	if err != nil {
		return nil, err
	}
	full := f.path(a.Path)
	target, err := f.files.OpenMode(ctx, full, mode)
	if err != nil {
		if _, lookErr := f.files.Lstat(ctx, full); lookErr == nil && mode.Exclusive {
			err = fault.New(fault.Exists, "%s exists", full)
		}
		return nil, err
	}
	if info, err := target.Stat(ctx); err == nil && info.IsDir() {
		_ = target.Close(ctx)
		return nil, fault.New(fault.Usage, "%s is a folder", full)
	}
	file, err := remotefile.New(ctx, target, mode.Append)
	if err != nil {
		_ = target.Close(ctx)
		return nil, err
	}
	return &remoteFile{file, f.session, full, mode}, nil
}
