package host

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/sftpfs"
	"gofab/internal/transfer"
	"gofab/runtime/transport"
)

// serverScript starts the program that sshd starts for SFTP, from where the
// systems keep it.
const serverScript = `for s in /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server /usr/libexec/sftp-server \
/usr/lib/ssh/sftp-server /usr/lib/sftp-server /usr/libexec/ssh/sftp-server /usr/local/libexec/sftp-server; do
[ -x "$s" ] && exec "$s"; done; exit 127`

// side is the host's file system as the user of the scope sees it; release ends
// what was opened for it.
func (h *Handle) side(ctx context.Context) (side transfer.FS, release func(), err error) {
	if !h.scope.Becomes() {
		side, err = h.files(ctx)
		return side, func() {}, err
	}
	files, err := h.filesAs(ctx)
	if err != nil {
		return nil, nil, err
	}
	return files, func() {
		if c, ok := files.(io.Closer); ok {
			_ = c.Close()
		}
	}, nil
}

// filesAs gives the files as the scope's user sees them. A connection may know
// them itself, or want to see what is done with them.
func (h *Handle) filesAs(ctx context.Context) (transfer.FS, error) {
	conn, err := h.conn(ctx)
	if err != nil {
		return nil, err
	}
	open := func(conn transport.Conn) (transfer.FS, error) { return h.serveAs(ctx, conn) }
	if knows, ok := conn.(interface {
		FilesAs(user string, open func(transport.Conn) (transfer.FS, error)) (transfer.FS, error)
	}); ok {
		return knows.FilesAs(h.scope.As(), open)
	}
	return open(conn)
}

// serveAs speaks SFTP with a server of its own that runs as the scope's user:
// that of the connection knows only the login user.
func (h *Handle) serveAs(ctx context.Context, conn transport.Conn) (transfer.FS, error) {
	o := h.atHome().scope.OwnOptions()
	o.Timeout = 0
	s := &serverStream{ended: make(chan struct{})}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	in, out := io.Pipe()
	s.out = out
	s.in, s.written = io.Pipe()
	go func() {
		defer close(s.ended)
		defer cancel()
		request := command.Request{Host: h.Name, Line: serverScript, Options: o, Stdin: in, Stdout: s.written}
		_, s.err = command.Run(running, conn, request, h.services.Commands)
		_ = s.written.CloseWithError(io.EOF)
		_ = in.CloseWithError(io.ErrClosedPipe)
	}()
	files, err := sftpfs.New(ctx, s)
	if err == nil {
		return files, nil
	}
	return nil, h.serverError(ctx, s, err)
}

// serverError says why there is no server: that is known only once the command
// has ended.
func (h *Handle) serverError(ctx context.Context, s *serverStream, err error) error {
	if ctx.Err() != nil {
		return err
	}
	<-s.ended
	failed := fault.From(s.err)
	result, ran := failed.Result.(command.Result)
	switch {
	case s.err == nil:
		return h.named(err)
	case ran && result.Code == 127:
		return h.named(fault.New(fault.Unsupported, "no sftp-server program was found, which files as another user need").
			WithHint("install openssh-sftp-server there, or copy as the login user and move with h:sudo"))
	case ran && failed.Kind == fault.Exit:
		said, _, _ := strings.Cut(strings.TrimSpace(result.Stderr), "\n")
		return h.named(fault.New(fault.Failed, "cannot reach files as %s: %s", h.scope.As(), said))
	}
	return h.named(s.err)
}

// serverStream is the standard input and output of a running sftp-server.
type serverStream struct {
	in      *io.PipeReader
	written *io.PipeWriter
	out     *io.PipeWriter
	cancel  context.CancelFunc
	ended   chan struct{}
	err     error // once ended
	once    sync.Once
}

func (s *serverStream) Read(p []byte) (int, error)  { return s.in.Read(p) }
func (s *serverStream) Write(p []byte) (int, error) { return s.out.Write(p) }

// Close ends the server as the end of a connection does.
func (s *serverStream) Close() error {
	s.once.Do(func() {
		_ = s.out.Close()
		_ = s.in.CloseWithError(io.ErrClosedPipe)
		s.cancel()
	})
	return nil
}

// homePath replaces ~ by the home folder of the scope's user, which SFTP does
// not know.
func (h *Handle) homePath(ctx context.Context, p string) (string, error) {
	if !h.scope.Becomes() || p != "~" && !strings.HasPrefix(p, "~/") {
		return p, nil
	}
	out, err := h.atHome().Output(ctx, `printf %s "$HOME"`, nil, 4096)
	if err != nil {
		return "", err
	}
	if len(out) == 0 || out[0] != '/' {
		return "", h.named(fault.New(fault.Failed, "the user has no home folder"))
	}
	return string(out) + p[1:], nil
}

// isPlain tells a copy that asks for nothing that a shell could not do.
func isPlain(o transfer.TreeOptions) bool {
	return !o.Preserve && !o.Update && !o.Verify && !o.Resume && o.Checksum != "sha256" && o.Limit == 0 && len(o.Exclude) == 0
}

// noServer tells that files have to travel in another way.
func noServer(err error) bool {
	var e *fault.Error
	return errors.As(err, &e) && e.Kind == fault.Unsupported
}
