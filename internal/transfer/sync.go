package transfer

import (
	"context"
	"io/fs"
	"path"
	"strings"
	"time"

	"gofab/internal/fault"
)

// SyncOptions makes one folder equal to another.
type SyncOptions struct {
	From, To FS
	Source   string // a folder
	Target   string
	Delete   bool
	Checksum bool
	Dry      bool
	Compare  Comparer // sums of files on the host, for Checksum; nil reads them back
	Progress func(Progress)
	Symlinks string
	Exclude  []string
	Limit    int64 // bytes a second; 0 is none

	MaxEntries   int
	HostIsSource bool // else the host is the target
}

// Comparer computes SHA-256 sums on the host, in hexadecimal, of files by their
// paths below a folder. Those that it leaves out are read back.
type Comparer func(ctx context.Context, top string, files []string) (sums map[string]string, err error)

// SyncResult tells what a sync did, or would do.
type SyncResult struct {
	Path      string        `lua:"path" doc:"The top folder of the target."`
	Copied    int           `lua:"copied" doc:"Files that were written, and folders and links that were made."`
	Deleted   int           `lua:"deleted" doc:"Entries that were deleted."`
	Unchanged int           `lua:"unchanged" doc:"Entries that were equal already."`
	Bytes     int64         `lua:"bytes" doc:"Bytes copied; with dry those that would be."`
	Skipped   int           `lua:"skipped" doc:"Entries of the source left out: excluded, links when they are skipped, devices, sockets and pipes."`
	Entries   []SyncEntry   `lua:"entries" doc:"What was not equal, by path."`
	Notes     []string      `lua:"notes" doc:"What was left out without being asked for, and why; the first 100."`
	Duration  time.Duration `lua:"duration" doc:"Seconds it took."`
}

// SyncEntry is one difference.
type SyncEntry struct {
	Path   string `lua:"path" doc:"Path below the top."`
	Action string `lua:"action" doc:"create, update, mode (and times), mkdir, link or delete."`
	Bytes  int64  `lua:"bytes" doc:"Size of a file that is copied."`
}

// What is done to an entry.
const (
	actCreate = "create"
	actUpdate = "update"
	actMode   = "mode"
	actMkdir  = "mkdir"
	actLink   = "link"
	actDelete = "delete"
)

// Sync makes the target folder equal to the source folder: it copies what
// differs in type, size, time (whole seconds) or content, and with Delete it
// deletes what the source does not have, at the end. It never goes through a
// symbolic link of the target.
func Sync(ctx context.Context, o SyncOptions) (SyncResult, error) {
	with := TreeOptions{Preserve: true, Symlinks: o.Symlinks, Exclude: o.Exclude, MaxEntries: o.MaxEntries, Limit: o.Limit}
	j, err := newJob(o.From, o.To, "", with, o.Progress)
	if err != nil {
		return SyncResult{}, err
	}
	s := &syncing{tree: &tree{job: j, fresh: map[string]bool{}}, options: o}
	err = s.run(ctx)
	return s.end(err)
}

// syncing is one sync while it runs.
type syncing struct {
	*tree
	options SyncOptions
	want    []entry         // the source
	have    map[string]Info // the target, by path
	plan    plan
}

func (s *syncing) run(ctx context.Context) error {
	if err := s.place(ctx); err != nil {
		return err
	}
	want, have, err := s.look(ctx)
	if err != nil {
		return err
	}
	s.want = want
	if err := s.compare(ctx, want, have); err != nil {
		return err
	}
	if s.options.Dry {
		return nil
	}
	return s.apply(ctx)
}

// place finds both top folders.
func (s *syncing) place(ctx context.Context) (err error) {
	name := baseName(s.options.Source)
	if s.source, err = expand(ctx, s.from, s.options.Source); err != nil {
		return err
	}
	s.source = trim(s.source)
	if s.top, err = s.placeTree(ctx, name, s.options.Target); err != nil {
		return err
	}
	if s.options.Delete {
		if err := s.checkDanger(ctx); err != nil {
			return err
		}
	}
	if s.top, err = s.throughLinks(ctx, s.top); err != nil {
		return err
	}
	if s.options.Delete {
		err = s.checkDanger(ctx)
	}
	s.result.Path = s.top
	return err
}

// checkDanger refuses to delete in a folder that nobody means to make equal to
// another: the root, the home folder, and what is above it.
func (s *syncing) checkDanger(ctx context.Context) error {
	home, err := s.to.Home(ctx)
	if err != nil {
		return err
	}
	at := s.top
	if !strings.HasPrefix(at, "/") {
		at = beside(home, at)
	}
	at = path.Clean(at)
	if at == "/" || at == path.Clean(home) || strings.HasPrefix(path.Clean(home), at+"/") {
		return fault.New(fault.Usage, "will not delete in %s", at).
			WithHint("the home folder, what is above it and the root are never synced with delete")
	}
	return nil
}

// look lists both sides at the same time. A target that is missing is empty.
func (s *syncing) look(ctx context.Context) (want, have []entry, err error) {
	err = each(ctx, 2, 2, func(ctx context.Context, i int) (err error) {
		if i == 0 {
			want, err = s.lookAtSource(ctx)
			return err
		}
		have, err = s.survey(ctx)
		return err
	})
	return want, have, err
}

func (s *syncing) lookAtSource(ctx context.Context) ([]entry, error) {
	info, err := s.from.Stat(ctx, s.source)
	if err != nil {
		return nil, because(ctx, err, "cannot read %s", s.source)
	}
	if !info.IsDir() {
		return nil, fault.New(fault.Usage, "%s is %s, not a directory", s.source, typeName(info.Mode)).WithHint("put and get copy single files")
	}
	return s.scan(ctx, s.source, info)
}

// end gives the result; with an error what was done until then.
func (s *syncing) end(err error) (SyncResult, error) {
	r := SyncResult{
		Path: s.result.Path, Bytes: s.result.Bytes, Skipped: s.result.Skipped, Unchanged: s.plan.unchanged,
		Entries: s.plan.entries(), Duration: time.Since(s.started),
	}
	r.Copied, r.Deleted = int(s.plan.copied.Load()), int(s.plan.deleted.Load())
	if s.options.Dry {
		r.Copied, r.Deleted, r.Bytes = s.plan.count()
	}
	_, err = s.job.end(err)
	r.Notes = s.result.Notes
	if r.Notes == nil {
		r.Notes = []string{}
	}
	if err == nil {
		return r, nil
	}
	failed := *fault.From(err)
	failed.Result = r
	return r, &failed
}

// modeOf is what is compared of a mode.
func modeOf(i Info) fs.FileMode { return i.Mode.Perm() }
