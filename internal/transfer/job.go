package transfer

import (
	"context"
	"io/fs"
	"slices"
	"sync"
	"time"

	"gofab/internal/fault"
)

// defaults of limits that are not given.
const (
	defaultEntries = 100_000
	defaultBytes   = 1 << 40
	maxNotes       = 100
)

// job is one copy while it runs.
type job struct {
	TreeOptions
	from, to FS
	sides    [2]FS       // from and to before anything was confined
	putting  bool        // to the host
	mode     fs.FileMode // of files, when modeSet
	modeSet  bool
	uid, gid int // of new files and folders; -1 leaves it
	maxBytes int64
	roomy    bool   // check that there is room before anything is written
	prefix   string // what paths of a confined side are relative to
	window   *window
	limiter  *limiter
	report   func(Progress)
	started  time.Time

	mu     sync.Mutex
	result Result
	seen   Progress
	copies []copied // what Checksum is for
}

func newJob(from, to FS, mode string, o TreeOptions, report func(Progress)) (*job, error) {
	bits, given, err := parseMode(mode)
	if err != nil {
		return nil, err
	}
	if o.Symlinks == "" {
		o.Symlinks = "keep"
	}
	if o.MaxEntries <= 0 {
		o.MaxEntries = defaultEntries
	}
	if err := checkOptions(o); err != nil {
		return nil, err
	}
	j := &job{
		TreeOptions: o, from: from, to: to, sides: [2]FS{from, to}, mode: bits, modeSet: given, uid: -1, gid: -1,
		maxBytes: defaultBytes, report: report, started: time.Now(),
	}
	if o.Limit > 0 {
		j.limiter = &limiter{rate: float64(o.Limit)}
	}
	return j, nil
}

func checkOptions(o TreeOptions) error {
	if !slices.Contains([]string{"keep", "follow", "skip"}, o.Symlinks) {
		return fault.New(fault.Usage, "symlinks: %q is none of keep, follow, skip", o.Symlinks)
	}
	return checkPatterns(o.Exclude)
}

// moved counts copied bytes of the file at path.
func (j *job) moved(path string) func(n int) {
	return func(n int) {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.result.Bytes += int64(n)
		j.seen.Path, j.seen.Bytes = j.show(path), j.result.Bytes
		if j.report != nil {
			j.report(j.seen)
		}
	}
}

// placed counts a file that is in place.
func (j *job) placed(path string, changed bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.result.Files++
	if changed {
		j.result.Changed++
	}
	j.seen.Path, j.seen.Files = j.show(path), j.result.Files
	if j.report != nil {
		j.report(j.seen)
	}
}

// show is a path of the to side as the operator knows it.
func (j *job) show(path string) string {
	if path == "." {
		path = ""
	}
	return join(j.prefix, path)
}

// made counts a link or folder that was made.
func (j *job) made() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.result.Changed++
}

// note keeps a remark for the operator.
func (j *job) note(text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.result.Notes) < maxNotes {
		j.result.Notes = append(j.result.Notes, text)
	}
}

// end gives the result. With an error the result so far goes with it.
func (j *job) end(err error) (Result, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.result.Duration = time.Since(j.started)
	if j.result.Notes == nil {
		j.result.Notes = []string{}
	}
	slices.Sort(j.result.Notes)
	if err == nil {
		return j.result, nil
	}
	failed := *fault.From(err)
	failed.Result = j.result
	return j.result, &failed
}

// prepare gets both sides ready for so much; done tells them that it is over.
func (j *job) prepare(ctx context.Context, bytes int64, files int) (done func()) {
	narrow := []func(){}
	for _, side := range []FS{j.from, j.to} {
		if wide, ok := side.(Widener); ok {
			narrow = append(narrow, wide.Widen(ctx, bytes, files))
		}
	}
	j.window = windowFor(j.from.Limits(), j.to.Limits())
	j.window.limiter = j.limiter
	return func() {
		for _, stop := range narrow {
			stop()
		}
	}
}

// single copies one file to where target says.
func (j *job) single(ctx context.Context, src source, name, target string) error {
	target, err := j.placeFile(ctx, name, target)
	if err != nil {
		return err
	}
	j.result.Path = target
	j.seen.TotalFiles, j.seen.TotalBytes = 1, src.info.Size
	if err := j.checkBytes(ctx, parent(target), src.info.Size); err != nil {
		return because(ctx, err, "cannot write %s", target)
	}
	old, err := j.existing(ctx, target)
	if err != nil {
		return because(ctx, err, "cannot write %s", target)
	}
	defer j.prepare(ctx, src.info.Size, 1)()
	return j.file(ctx, src, target, old)
}

// checkBytes refuses a copy that is larger than was allowed or than there is
// room for in dir.
func (j *job) checkBytes(ctx context.Context, dir string, total int64) error {
	if total > j.maxBytes {
		return fault.New(fault.Failed, "the source has %s, more than the limit of %s", size(total), size(j.maxBytes)).
			WithHint("raise max_bytes")
	}
	spacer, ok := j.to.(Spacer)
	if !ok || !j.roomy || j.Update {
		return nil
	}
	if space, err := spacer.Space(ctx, dir); err == nil && space.Free < uint64(total) {
		return noSpace(space)
	}
	return nil
}
