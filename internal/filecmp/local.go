package filecmp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"gofab/internal/fault"
)

// Local is a folder of this machine.
type Local struct{ Path string }

// Name is the path.
func (l Local) Name() string { return l.Path }

func (l Local) at(p string) string { return filepath.Join(l.Path, filepath.FromSlash(p)) }

// List walks through the folder.
func (l Local) List(ctx context.Context, o Listing) ([]Entry, error) {
	info, err := os.Stat(l.Path)
	if err != nil {
		return nil, fault.OS(err, "cannot compare %s", l.Path)
	}
	if !info.IsDir() {
		return nil, fault.New(fault.Usage, "%s is not a folder", l.Path).WithHint("filecmp.equal compares two files")
	}
	w := &walk{ctx: ctx, side: l, listing: o}
	return w.entries, w.folder("", []string{identity(info)})
}

// walk collects entries.
type walk struct {
	ctx     context.Context
	side    Local
	listing Listing
	entries []Entry
}

// folder lists one folder. above are the identities of the folders that lead
// here: one that comes again is a loop of links.
func (w *walk) folder(dir string, above []string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	names, err := os.ReadDir(w.side.at(dir))
	if err != nil {
		if dir == "" {
			return fault.OS(err, "cannot read %s", w.side.Path)
		}
		w.entries[len(w.entries)-1].Problem = plain(err)
		return nil
	}
	for _, name := range names {
		p := path.Join(dir, name.Name())
		if w.listing.Skip(p) {
			continue
		}
		e := w.side.look(p, name, w.listing.Follow)
		if e.Kind == Dir && slices.Contains(above, e.id) {
			e.Kind, e.Problem = Other, "a link that leads back to a folder above"
		}
		w.entries = append(w.entries, e)
		if e.Kind == Dir && !w.listing.Top {
			if err := w.folder(p, append(slices.Clip(above), e.id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// look describes one entry.
func (l Local) look(p string, name fs.DirEntry, follow bool) Entry {
	e := Entry{Path: p, Kind: Gone}
	info, err := name.Info()
	if err == nil && follow && info.Mode()&fs.ModeSymlink != 0 {
		info, err = os.Stat(l.at(p))
	}
	if err != nil {
		e.Problem = plain(err)
		return e
	}
	e.Kind, e.Mode, e.Modified, e.Size = kindOf(info.Mode()), info.Mode(), info.ModTime(), info.Size()
	e.UID, e.GID = owner(info)
	switch e.Kind {
	case Dir:
		e.id = identity(info)
	case Link:
		if e.Target, err = os.Readlink(l.at(p)); err != nil {
			e.Problem = plain(err)
		}
	}
	return e
}

func kindOf(mode fs.FileMode) Kind {
	switch {
	case mode.IsRegular():
		return File
	case mode.IsDir():
		return Dir
	case mode&fs.ModeSymlink != 0:
		return Link
	default:
		return Other
	}
}

// plain is the reason without the path.
func plain(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}

// Sums hashes files, several at a time.
func (l Local) Sums(ctx context.Context, paths []string) (sums, problems map[string]string, err error) {
	sums, problems = map[string]string{}, map[string]string{}
	var mu sync.Mutex
	err = each(ctx, runtime.NumCPU(), paths, func(p string) {
		sum, err := sumOf(ctx, l.at(p))
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			problems[p] = plain(err)
		} else {
			sums[p] = sum
		}
	})
	return sums, problems, err
}

func sumOf(ctx context.Context, file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	buffer := make([]byte, blockSize)
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := f.Read(buffer)
		h.Write(buffer[:n])
		if err == io.EOF {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
}

// each does work on every item, some at a time, until ctx ends.
func each[T any](ctx context.Context, workers int, items []T, work func(T)) error {
	queue := make(chan T)
	var wg sync.WaitGroup
	for range max(min(workers, len(items)), 1) {
		wg.Go(func() {
			for item := range queue {
				work(item)
			}
		})
	}
	defer wg.Wait()
	defer close(queue)
	for _, item := range items {
		select {
		case queue <- item:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
