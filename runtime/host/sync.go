package host

import (
	"time"

	"gofab/bindings/kit"
	"gofab/bindings/kit/follow"
	"gofab/internal/fault"
	"gofab/internal/transfer"
	"gofab/runtime/event"
)

type syncArgs struct {
	Local      string   `lua:"local,arg1" doc:"Folder on this machine; {host} stands for the host's name. One that ends in / stands for what is in it."`
	Remote     string   `lua:"remote,arg2" doc:"Folder on the host. The folder itself becomes the copy; one that ends in / gets the source inside, under its own name."`
	Direction  string   `lua:"direction" default:"put" enum:"put|get" doc:"Which way: to the host, or from it."`
	Delete     bool     `lua:"delete" default:"false" doc:"Delete what the source does not have, at the end. Links are never gone through; / and the home folder are refused."`
	Dry        bool     `lua:"dry" default:"false" doc:"Change nothing and tell what would be done."`
	Checksum   bool     `lua:"checksum" default:"false" doc:"Compare the content (SHA-256) of files of the same size, instead of their time."`
	Symlinks   string   `lua:"symlinks" default:"keep" enum:"keep|follow|skip" doc:"Links of the source: made again, as long as they stay inside; replaced by what they point to; or left out."`
	Exclude    []string `lua:"exclude" default:"" doc:"Patterns of what is neither copied nor deleted: with / from the top, such as \"build/**\", else names at any depth, such as \"*.pyc\"; one that ends in / is for folders alone."`
	MaxEntries int      `lua:"max_entries" default:"100000" doc:"Most files, folders and links on either side; more are an error."`
	follow.Options
}

// syncFolder makes a folder equal to another.
func syncFolder(c *kit.Call, h *Handle, a syncArgs) (transfer.SyncResult, error) {
	dry := h.scope.Dry
	a.Dry = a.Dry || dry
	remote, release, err := h.side(c.Context)
	if err != nil {
		return transfer.SyncResult{}, h.named(err)
	}
	defer release()
	if a.Remote == "" || a.Local == "" {
		return transfer.SyncResult{}, h.named(fault.New(fault.Usage, "the name of a folder is empty"))
	}
	target, err := h.homePath(c.Context, h.path(a.Remote))
	if err != nil {
		return transfer.SyncResult{}, h.named(err)
	}
	local, err := transfer.FillNames(a.Local, map[string]string{"host": h.Name})
	if err != nil {
		return transfer.SyncResult{}, h.named(err)
	}
	o := transfer.SyncOptions{
		From: h.here(c), To: remote, Source: local, Target: target, Delete: a.Delete,
		Dry: a.Dry, Checksum: a.Checksum, Compare: h.sums, Symlinks: a.Symlinks, Exclude: a.Exclude, Limit: int64(a.Limit),
		MaxEntries: a.MaxEntries,
	}
	direction, what := event.Put, a.Local
	if a.Direction == "get" {
		direction, what = event.Get, a.Remote
		o.From, o.To, o.Source, o.Target, o.HostIsSource = o.To, o.From, o.Target, o.Source, true
	}
	ctx, report, done := follow.Copy(c.Context, a.Progress, h.progress(c.Context, direction, what))
	o.Progress = report
	began := time.Now()
	result, err := transfer.Sync(ctx, o)
	err = done(err)
	if dry && err == nil {
		h.would("sync %s and %s: %d to copy, %d to delete, %d bytes", a.Local, a.Remote, result.Copied, result.Deleted, result.Bytes)
	}
	if !a.Dry {
		h.transferred(c.Context, direction, what, transfer.Result{Bytes: result.Bytes, Duration: time.Since(began)}, err)
	}
	return result, h.named(err)
}
