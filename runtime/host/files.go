package host

import (
	"context"
	"errors"
	"os"
	"path"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/transfer"
	"gofab/runtime/event"
)

type putArgs struct{ transfer.PutOptions }

// put copies to the host. As another user, the bytes travel through a command
// of that user (privileged.go).
func put(c *kit.Call, h *Handle, a putArgs) (transfer.Result, error) {
	o := a.PutOptions
	o.Target = h.scope.path(o.Target)
	if h.scope.privileged() {
		return h.putAs(c, o)
	}
	conn, err := h.conn(c.Context)
	if err != nil {
		return transfer.Result{}, err
	}
	if o.To, err = conn.Files(c.Context); err != nil {
		return transfer.Result{}, h.named(err)
	}
	o.From = h.here(c)
	what := o.Source
	if what == "" {
		what = o.Target
	}
	o.Progress = h.progress(event.Put, what)
	result, err := transfer.Put(c.Context, o)
	h.transferred(event.Put, what, result, err)
	return result, h.named(err)
}

type getArgs struct{ transfer.GetOptions }

func get(c *kit.Call, h *Handle, a getArgs) (transfer.Result, error) {
	o := a.GetOptions
	o.Source = h.scope.path(o.Source)
	o.Names = map[string]string{"host": h.Name}
	if h.scope.privileged() {
		return h.getAs(c, o)
	}
	conn, err := h.conn(c.Context)
	if err != nil {
		return transfer.Result{}, err
	}
	if o.From, err = conn.Files(c.Context); err != nil {
		return transfer.Result{}, h.named(err)
	}
	o.To = h.here(c)
	o.Progress = h.progress(event.Get, o.Source)
	result, err := transfer.Get(c.Context, o)
	h.transferred(event.Get, o.Source, result, err)
	return result, h.named(err)
}

// here is the operator's side of a copy.
func (h *Handle) here(c *kit.Call) transfer.FS {
	return transfer.Local(c.World.Home()).In(c.World.Dir())
}

// named puts the host into an error.
func (h *Handle) named(err error) error {
	if err == nil {
		return nil
	}
	e := *fault.From(err)
	e.Host = h.Name
	return &e
}

func (h *Handle) progress(direction, what string) func(transfer.Progress) {
	return func(p transfer.Progress) {
		h.services.Events.Emit(event.Transfer{
			Host: h.shown(), Direction: direction, Path: what, Done: p.Bytes, Total: p.TotalBytes,
		})
	}
}

func (h *Handle) transferred(direction, what string, r transfer.Result, err error) {
	total := r.Bytes
	if err != nil {
		total = -1
	}
	h.services.Events.Emit(event.Transfer{
		Host: h.shown(), Direction: direction, Path: what, Done: r.Bytes, Total: total, Finished: true,
		Duration: event.Seconds(r.Duration),
	})
}

// maxRead bounds what h:read takes into memory.
const maxRead = 256 << 20

type readArgs struct {
	Path string   `lua:"path,arg1" doc:"Path of the file."`
	Max  kit.Size `lua:"max" default:"64M" doc:"A larger file is an error."`
}

func read(c *kit.Call, h *Handle, a readArgs) ([]byte, error) {
	return h.ReadFile(c.Context, a.Path, min(int64(a.Max), maxRead))
}

func (h *Handle) files(ctx context.Context) (transfer.FS, error) {
	conn, err := h.conn(ctx)
	if err != nil {
		return nil, err
	}
	files, err := conn.Files(ctx)
	return files, h.named(err)
}

type writeArgs struct {
	Path    string `lua:"path,arg1" doc:"Path of the file; folders above it are made."`
	Content string `lua:"content,arg2" doc:"What goes into it."`
	Mode    string `lua:"mode" default:"" doc:"Permission bits in octal, such as \"0640\"; those of the old file, or 0644."`
	Owner   string `lua:"owner" default:"" doc:"User name or number the file belongs to."`
	Group   string `lua:"group" default:"" doc:"Group name or number the file belongs to."`
}

func write(c *kit.Call, h *Handle, a writeArgs) (transfer.Result, error) {
	if strings.HasSuffix(a.Path, "/") {
		return transfer.Result{}, h.named(fault.New(fault.Usage, "%s is a folder; a file name is missing", a.Path))
	}
	o := transfer.PutOptions{Target: a.Path, Content: &a.Content, Mode: a.Mode, Owner: a.Owner, Group: a.Group}
	return put(c, h, putArgs{o})
}

type existsArgs struct {
	Path string `lua:"path,arg1" doc:"Path of a file or folder; links are followed."`
}

func exists(c *kit.Call, h *Handle, a existsArgs) (bool, error) {
	p := h.scope.path(a.Path)
	if h.scope.privileged() {
		o := command.Defaults()
		o.Check, o.Hide = false, true
		result, err := h.run(c.Context, command.Words{Line: "test -e " + remotePath(p)}, o, false)
		return result.OK, err
	}
	files, err := h.files(c.Context)
	if err != nil {
		return false, err
	}
	_, err = files.Stat(c.Context, p)
	if fault.KindOf(err) == fault.NotFound || errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, h.named(err)
}

// remotePath quotes a path for a shell and lets ~ mean the home folder.
func remotePath(p string) string {
	if p == "~" || strings.HasPrefix(p, "~/") {
		return "\"$HOME\"" + quoted(strings.TrimPrefix(p, "~"))
	}
	if strings.HasPrefix(p, "-") {
		p = "./" + p
	}
	return quoted(p)
}

func base(p string) string { return path.Base(strings.TrimSuffix(p, "/")) }
