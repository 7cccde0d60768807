package fs

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// Info describes a file.
type Info struct {
	Path     string    `lua:"path" doc:"Path as it was asked for."`
	Name     string    `lua:"name" doc:"Last part of the path."`
	Type     string    `lua:"type" doc:"\"file\", \"directory\", \"symlink\" or \"other\"."`
	Size     int64     `lua:"size" doc:"Bytes."`
	Mode     string    `lua:"mode" doc:"Permission bits in octal, such as \"0644\"."`
	Modified time.Time `lua:"modified" doc:"Time of the last change, in Unix seconds."`
}

func infoOf(path string, info fs.FileInfo) Info {
	kind := "other"
	switch mode := info.Mode(); {
	case mode.IsRegular():
		kind = "file"
	case mode.IsDir():
		kind = "directory"
	case mode&fs.ModeSymlink != 0:
		kind = "symlink"
	}
	bits := uint32(info.Mode().Perm())
	for bit, flag := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if info.Mode()&flag != 0 {
			bits |= bit
		}
	}
	return Info{path, info.Name(), kind, info.Size(), fmt.Sprintf("%04o", bits), info.ModTime()}
}

func stat(c *kit.Call, a pathArgs) (*Info, error) {
	info, err := os.Stat(c.Path(a.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.OS(err, "cannot look at %s", a.Path)
	}
	described := infoOf(a.Path, info)
	return &described, nil
}

func list(c *kit.Call, a pathArgs) ([]string, error) {
	entries, err := os.ReadDir(c.Path(a.Path))
	if err != nil {
		return nil, fault.OS(err, "cannot list %s", a.Path)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

type globArgs struct {
	Pattern string `lua:"pattern,arg1" doc:"Pattern with *, ?, [a-z], {a,b} and **."`
}

func glob(c *kit.Call, a globArgs) ([]string, error) {
	paths, err := doublestar.FilepathGlob(c.Path(a.Pattern))
	if err != nil {
		return nil, fault.New(fault.Usage, "%q is not a pattern", a.Pattern)
	}
	if paths == nil {
		paths = []string{}
	}
	sort.Strings(paths)
	return paths, nil
}

// walk reads the tree while the script goes through it.
func walk(c *kit.Call, a pathArgs) (kit.Iter, error) {
	root := c.Path(a.Path)
	if _, err := os.Lstat(root); err != nil {
		return nil, fault.OS(err, "cannot walk %s", a.Path)
	}
	next, stop := iter.Pull2(entries(root))
	var mu sync.Mutex
	return func(*kit.Call) (any, bool, error) {
		mu.Lock()
		defer mu.Unlock()
		info, err, ok := next()
		if !ok || err != nil {
			stop()
		}
		if err != nil {
			return nil, false, fault.OS(err, "cannot walk %s", a.Path)
		}
		return info, ok, nil
	}, nil
}

func entries(root string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if path == root && err == nil {
				return nil
			}
			var info fs.FileInfo
			if err == nil {
				info, err = d.Info()
			}
			if errors.Is(err, fs.ErrNotExist) { // it went away while we walked
				return nil
			}
			described := Info{}
			if err == nil {
				described = infoOf(path, info)
			}
			if !yield(described, err) {
				return fs.SkipAll
			}
			return nil
		})
	}
}

func mkdir(c *kit.Call, a pathArgs) (kit.None, error) {
	if err := os.MkdirAll(c.Path(a.Path), 0o755); err != nil {
		return kit.None{}, fault.OS(err, "cannot make the folder %s", a.Path)
	}
	return kit.None{}, nil
}

type removeArgs struct {
	Path      string `lua:"path,arg1" doc:"Path of the file or folder."`
	Recursive bool   `lua:"recursive" default:"false" doc:"Remove a folder with everything in it."`
}

func remove(c *kit.Call, a removeArgs) (bool, error) {
	path := c.Path(a.Path)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if clean, err := filepath.Abs(path); err != nil || clean == "/" || clean == c.World.Home() {
		return false, fault.New(fault.Usage, "refuses to remove %s", a.Path)
	}
	drop := os.Remove
	if a.Recursive {
		drop = os.RemoveAll
	}
	if err := drop(path); err != nil {
		return false, fault.OS(err, "cannot remove %s", a.Path).WithHint("recursive = true removes a folder with everything in it")
	}
	return true, nil
}

type twoPaths struct {
	From string `lua:"from,arg1" doc:"What there is."`
	To   string `lua:"to,arg2" doc:"Where it goes; inside, when it ends in / or is a folder."`
}

func copyPath(c *kit.Call, a twoPaths) (kit.None, error) {
	local := transfer.Local(".")
	_, err := transfer.Put(c.Context, transfer.PutOptions{From: local, To: local, Source: c.Path(a.From), Target: c.Path(a.To), TreeOptions: transfer.TreeOptions{Preserve: true}})
	return kit.None{}, err
}

type moveArgs struct {
	From      string `lua:"from,arg1" doc:"What there is."`
	To        string `lua:"to,arg2" doc:"Its new path."`
	Overwrite bool   `lua:"overwrite" default:"false" doc:"Replace a file that is there."`
}

func move(c *kit.Call, a moveArgs) (kit.None, error) {
	to := c.Path(a.To)
	if _, err := os.Lstat(to); err == nil && !a.Overwrite {
		return kit.None{}, fault.New(fault.Exists, "cannot move %s: %s is there", a.From, a.To).WithHint("overwrite = true replaces it")
	}
	if err := os.Rename(c.Path(a.From), to); err != nil {
		var link *os.LinkError
		if errors.As(err, &link) {
			err = link.Err
		}
		return kit.None{}, fault.OS(err, "cannot move %s to %s", a.From, a.To)
	}
	return kit.None{}, nil
}

type chmodArgs struct {
	Path string `lua:"path,arg1" doc:"Path of the file or folder."`
	Mode string `lua:"mode,arg2" doc:"Permission bits in octal, such as \"0755\"."`
}

func chmod(c *kit.Call, a chmodArgs) (kit.None, error) {
	mode, err := parseMode(a.Mode)
	if err != nil {
		return kit.None{}, err
	}
	if err := os.Chmod(c.Path(a.Path), mode); err != nil {
		return kit.None{}, fault.OS(err, "cannot change the mode of %s", a.Path)
	}
	return kit.None{}, nil
}

type symlinkArgs struct {
	Target string `lua:"target,arg1" doc:"What the link points to."`
	Path   string `lua:"path,arg2" doc:"Where the link is made."`
}

func symlink(c *kit.Call, a symlinkArgs) (kit.None, error) {
	if err := os.Symlink(a.Target, c.Path(a.Path)); err != nil {
		return kit.None{}, fault.OS(errors.Unwrap(err), "cannot make the link %s", a.Path)
	}
	return kit.None{}, nil
}

func readlink(c *kit.Call, a pathArgs) (string, error) {
	target, err := os.Readlink(c.Path(a.Path))
	if err != nil {
		return "", fault.OS(err, "cannot read the link %s", a.Path)
	}
	return target, nil
}

type tempKey struct{}

// tempDirs are removed with the run.
type tempDirs struct {
	mu   sync.Mutex
	dirs []string
}

func (t *tempDirs) Close() error {
	var errs []error
	for _, dir := range t.dirs {
		errs = append(errs, os.RemoveAll(dir))
	}
	return errors.Join(errs...)
}

func temp(c *kit.Call, _ struct{}) (string, error) {
	dir, err := os.MkdirTemp("", "gofab-")
	if err != nil {
		return "", fault.OS(err, "cannot make a temporary folder")
	}
	all := kit.SharedValue(c.Shared, tempKey{}, func() *tempDirs { return &tempDirs{} })
	all.mu.Lock()
	defer all.mu.Unlock()
	all.dirs = append(all.dirs, dir)
	return dir, nil
}

type hashArgs struct {
	Path      string `lua:"path,arg1" doc:"Path of the file."`
	Algorithm string `lua:"algorithm" default:"sha256" enum:"md5|sha1|sha256|sha512" doc:"Hash function."`
}

func hashFile(c *kit.Call, a hashArgs) (string, error) {
	algorithm := map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}
	f, err := os.Open(c.Path(a.Path))
	if err != nil {
		return "", fault.OS(err, "cannot read %s", a.Path)
	}
	defer f.Close()
	h := algorithm[a.Algorithm]()
	if _, err := io.Copy(h, f); err != nil {
		return "", fault.OS(err, "cannot read %s", a.Path)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

type joinArgs struct {
	Parts []string `lua:"parts,rest" doc:"Parts of the path."`
}

func join(_ *kit.Call, a joinArgs) (string, error) { return filepath.Join(a.Parts...), nil }

func basename(_ *kit.Call, a pathArgs) (string, error) { return filepath.Base(a.Path), nil }
func dirname(_ *kit.Call, a pathArgs) (string, error)  { return filepath.Dir(a.Path), nil }

func abs(c *kit.Call, a pathArgs) (string, error) { return filepath.Abs(c.Path(a.Path)) }
