package fs

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"gofab/bindings/kit"
	"gofab/internal/atomicfile"
	"gofab/internal/fault"
)

type pathArgs struct {
	Path string `lua:"path,arg1" doc:"Path of the file or folder."`
}

// maxRead bounds what read takes into memory.
const maxRead = 1 << 30

func read(c *kit.Call, a pathArgs) ([]byte, error) {
	f, err := os.Open(c.Path(a.Path))
	if err != nil {
		return nil, fault.OS(err, "cannot read %s", a.Path)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fault.New(fault.Exists, "cannot read %s: it is a directory", a.Path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxRead+1))
	if err != nil {
		return nil, fault.OS(err, "cannot read %s", a.Path)
	}
	if len(data) > maxRead {
		return nil, fault.New(fault.Failed, "%s is larger than 1 GiB", a.Path).WithHint("go through it with fs.lines")
	}
	return data, nil
}

func lines(c *kit.Call, a pathArgs) (kit.Iter, error) {
	f, err := os.Open(c.Path(a.Path))
	if err != nil {
		return nil, fault.OS(err, "cannot read %s", a.Path)
	}
	in := bufio.NewReader(f)
	var once sync.Once
	return func(*kit.Call) (any, bool, error) {
		line, err := in.ReadString('\n')
		if err != nil && line == "" {
			once.Do(func() { _ = f.Close() })
			if errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) {
				return nil, false, nil
			}
			return nil, false, fault.OS(err, "cannot read %s", a.Path)
		}
		return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), true, nil
	}, nil
}

type writeArgs struct {
	Path    string `lua:"path,arg1" doc:"Path of the file; folders above it are made."`
	Content string `lua:"content,arg2" doc:"What goes into it."`
	Mode    string `lua:"mode" default:"" doc:"Permission bits in octal, such as \"0640\"; those of the old file, or 0644."`
}

func write(c *kit.Call, a writeArgs) (kit.None, error) {
	path := c.Path(a.Path)
	mode, err := modeFor(path, a.Mode)
	if err != nil {
		return kit.None{}, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return kit.None{}, fault.OS(err, "cannot write %s", a.Path)
	}
	if err := atomicfile.Write(path, []byte(a.Content), mode); err != nil {
		return kit.None{}, fault.OS(err, "cannot write %s", a.Path)
	}
	return kit.None{}, nil
}

// modeFor is the mode that was asked for, else that of the file that is there.
func modeFor(path, text string) (fs.FileMode, error) {
	if text != "" {
		return parseMode(text)
	}
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm(), nil
	}
	return 0o644, nil
}

func parseMode(text string) (fs.FileMode, error) {
	n, err := strconv.ParseUint(text, 8, 12)
	if err != nil {
		return 0, fault.New(fault.Usage, "mode: %q is not octal", text).WithHint(`write it as "0644"`)
	}
	mode := fs.FileMode(n & 0o777)
	for bit, flag := range map[uint64]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if n&bit != 0 {
			mode |= flag
		}
	}
	return mode, nil
}

type appendArgs struct {
	Path    string `lua:"path,arg1" doc:"Path of the file."`
	Content string `lua:"content,arg2" doc:"What is added."`
}

func appendTo(c *kit.Call, a appendArgs) (kit.None, error) {
	f, err := os.OpenFile(c.Path(a.Path), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.WriteString(a.Content)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return kit.None{}, fault.OS(err, "cannot append to %s", a.Path)
	}
	return kit.None{}, nil
}

func exists(c *kit.Call, a pathArgs) (bool, error) {
	_, err := os.Lstat(c.Path(a.Path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fault.OS(err, "cannot look at %s", a.Path)
	}
	return err == nil, nil
}
