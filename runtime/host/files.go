package host

import (
	"context"
	"errors"
	"os"
	"path"
	"strings"

	"gofab/bindings/kit"
	"gofab/bindings/kit/follow"
	"gofab/internal/fault"
	"gofab/internal/transfer"
	"gofab/runtime/event"
)

type putArgs struct {
	transfer.PutOptions
	follow.Options
}

// put copies to the host.
func put(c *kit.Call, h *Handle, a putArgs) (transfer.Result, error) {
	o := a.PutOptions
	o.Limit, o.HostSums, o.PrefixSum = int64(a.Limit), h.sums, h.prefixSum
	err := o.Place()
	if err == nil {
		err = h.fillNames(&o)
	}
	if err != nil {
		return transfer.Result{}, h.named(err)
	}
	o.Target = h.path(o.Target)
	if h.scope.Dry {
		return h.wouldPut(c, o)
	}
	if h.scope.Becomes() && o.Content != nil && isPlain(o.TreeOptions) {
		return h.putAs(c, o) // one command is faster
	}
	side, release, err := h.side(c.Context)
	if noServer(err) && isPlain(o.TreeOptions) {
		return h.putAs(c, o)
	}
	if err == nil {
		defer release()
		o.Target, err = h.homePath(c.Context, o.Target)
	}
	if err != nil {
		return transfer.Result{}, h.named(err)
	}
	o.From, o.To = h.here(c), side
	what := o.Source
	if what == "" {
		what = o.Target
	}
	return h.copy(c, a.Options, event.Put, what, func(ctx context.Context, report func(transfer.Progress)) (transfer.Result, error) {
		o.Progress = report
		return transfer.Put(ctx, o)
	})
}

// fillNames lets each host have a file of its own: {host} is its name, and in
// the target {basename} the last part of the source. Other braces are left
// alone: they may be part of a name.
func (h *Handle) fillNames(o *transfer.PutOptions) error {
	if !strings.Contains(o.Source+o.Target, "{host}") && !strings.Contains(o.Target, "{basename}") {
		return nil
	}
	name, err := transfer.FillNames("{host}", map[string]string{"host": h.Name})
	if err != nil {
		return err
	}
	o.Source = strings.ReplaceAll(o.Source, "{host}", name)
	o.Target = strings.ReplaceAll(o.Target, "{host}", name)
	if o.Source != "" {
		o.Target = strings.ReplaceAll(o.Target, "{basename}", base(o.Source))
	}
	return nil
}

type getArgs struct {
	transfer.GetOptions
	follow.Options
}

// get copies from the host.
func get(c *kit.Call, h *Handle, a getArgs) (transfer.Result, error) {
	o := a.GetOptions
	o.Limit, o.HostSums, o.PrefixSum = int64(a.Limit), h.sums, h.prefixSum
	o.Source = h.path(o.Source)
	o.Names = map[string]string{"host": h.Name}
	if h.scope.Dry {
		return h.wouldGet(o)
	}
	side, release, err := h.side(c.Context)
	if noServer(err) && isPlain(o.TreeOptions) && o.Mode == "" {
		return h.getAs(c, o)
	}
	if err == nil {
		defer release()
		o.Source, err = h.homePath(c.Context, o.Source)
	}
	if err != nil {
		return transfer.Result{}, h.named(err)
	}
	o.From, o.To = side, h.here(c)
	return h.copy(c, a.Options, event.Get, o.Source, func(ctx context.Context, report func(transfer.Progress)) (transfer.Result, error) {
		o.Progress = report
		return transfer.Get(ctx, o)
	})
}

// copy runs a copy and tells of it.
func (h *Handle) copy(c *kit.Call, o follow.Options, direction, what string,
	run func(context.Context, func(transfer.Progress)) (transfer.Result, error),
) (transfer.Result, error) {
	ctx, report, done := follow.Copy(c.Context, o.Progress, h.progress(c.Context, direction, what))
	result, err := run(ctx, report)
	err = done(err)
	h.transferred(c.Context, direction, what, result, err)
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

func (h *Handle) progress(ctx context.Context, direction, what string) func(transfer.Progress) {
	return func(p transfer.Progress) {
		h.services.Events.EmitIn(ctx, event.Transfer{
			Host: h.shown(), Direction: direction, Path: what, Done: p.Bytes, Total: p.TotalBytes,
		})
	}
}

func (h *Handle) transferred(ctx context.Context, direction, what string, r transfer.Result, err error) {
	total := r.Bytes
	if err != nil {
		total = -1
	}
	h.services.Events.EmitIn(ctx, event.Transfer{
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
	return put(c, h, putArgs{PutOptions: o})
}

type existsArgs struct {
	Path string `lua:"path,arg1" doc:"Path of a file or folder; links are followed."`
}

func exists(c *kit.Call, h *Handle, a existsArgs) (bool, error) {
	p := h.path(a.Path)
	if h.scope.Becomes() {
		out, err := h.atHome().Output(c.Context, "if test -e "+remotePath(p)+"; then echo yes; fi", nil, 0)
		return len(out) > 0, err
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
