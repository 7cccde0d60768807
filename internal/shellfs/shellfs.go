// Package shellfs is a file system that is reached through a POSIX shell, for
// places without SFTP: containers, chroots, other users.
//
// Rules: each operation is one command, with its paths as arguments and never
// as part of a script; relative paths begin at the home folder; names may hold
// any character; what the commands complain of becomes an error of its kind.
// The other side needs a shell and stat, find, dd, head and tail as GNU and
// busybox have them.
package shellfs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/shell"
	"gofab/internal/transfer"
)

// FS is the files of one place.
type FS struct{ executor command.Executor }

var _ transfer.FS = (*FS)(nil)

// New reaches files through an executor whose lines go to a POSIX shell.
func New(executor command.Executor) *FS { return &FS{executor} }

// prologue goes to where relative paths begin, and has errors in one language.
const prologue = `LC_ALL=C; export LC_ALL; cd 2>/dev/null; `

// run runs a script with arguments and gives its output.
func (f *FS) run(ctx context.Context, what, script string, stdin io.Reader, args ...string) ([]byte, error) {
	for i, arg := range args {
		if strings.HasPrefix(arg, "-") {
			args[i] = "./" + arg
		}
	}
	line, err := shell.Join(append([]string{shell.POSIX, "-c", prologue + script, "gofab"}, args...))
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "%s", what)
	}
	var out, errs bytes.Buffer
	exit, err := f.executor.Exec(ctx, command.Exec{Line: line, Stdin: stdin, Stdout: &out, Stderr: &limited{Buffer: &errs}})
	if err != nil {
		return nil, err
	}
	if exit.Code != 0 {
		return nil, explain(what, exit.Code, errs.String())
	}
	return out.Bytes(), nil
}

// limited keeps the beginning of what is written.
type limited struct{ *bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if room := 4096 - l.Len(); room > 0 {
		l.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// reasons are the words by which the kind of a failure is known.
var reasons = []struct {
	text string
	kind fault.Kind
}{
	{"No such file", fault.NotFound}, {"nonexistent", fault.NotFound}, {"Permission denied", fault.Denied},
	{"not permitted", fault.Denied}, {"Read-only", fault.Denied}, {"No space left", fault.NoSpace}, {"quota", fault.NoSpace},
	{"File exists", fault.Exists}, {"cannot overwrite", fault.Exists}, {"s a directory", fault.Exists}, {"not empty", fault.Exists},
	{"not found", fault.Unsupported},
}

func explain(what string, code int, said string) error {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	reason := strings.TrimSpace(lines[len(lines)-1])
	if reason == "" {
		reason = fmt.Sprintf("exit code %d", code)
	}
	kind := fault.Failed
	for _, r := range reasons {
		if strings.Contains(said, r.text) {
			kind = r.kind
			break
		}
	}
	return fault.New(kind, "%s: %s", what, reason)
}

// Home is the home folder, or where commands begin when there is none.
func (f *FS) Home(ctx context.Context) (string, error) {
	out, err := f.run(ctx, "home folder", `pwd -P`, nil)
	return strings.TrimSuffix(string(out), "\n"), err
}

// Open opens a file for reading.
func (f *FS) Open(ctx context.Context, p string) (transfer.File, error) {
	_, err := f.run(ctx, p, `if [ -d "$1" ]; then echo "is a directory" >&2; exit 1; fi; : < "$1"`, nil, p)
	return &file{f, p}, err
}

// Create makes a file that did not exist.
func (f *FS) Create(ctx context.Context, p string) (transfer.File, error) {
	_, err := f.run(ctx, p, `umask 077; set -C; : > "$1"`, nil, p)
	return &file{f, p}, err
}

// format is what stat tells: mode in hexadecimal, size, times, owner.
const format = `%f %s %Y %X %u %g`

// Stat follows symbolic links, Lstat does not.
func (f *FS) Stat(ctx context.Context, p string) (transfer.Info, error) {
	return f.stat(ctx, p, `stat -L -c '`+format+`' -- "$1"`)
}

// Lstat tells of a link itself.
func (f *FS) Lstat(ctx context.Context, p string) (transfer.Info, error) {
	return f.stat(ctx, p, `stat -c '`+format+`' -- "$1"`)
}

func (f *FS) stat(ctx context.Context, p, script string) (transfer.Info, error) {
	out, err := f.run(ctx, p, script, nil, p)
	if err != nil {
		return transfer.Info{}, err
	}
	return parse(strings.TrimSpace(string(out)) + " " + path.Base(p))
}

// ReadDir lists a folder. A name cannot hold a slash, so that one ends it.
func (f *FS) ReadDir(ctx context.Context, p string, max int) ([]transfer.Info, error) {
	const script = `if [ ! -d "$1" ]; then echo "No such file or directory" >&2; exit 1; fi; cd -- "$1" || exit 1; find . -maxdepth 1 ! -name . -exec stat -c '` + format + ` %n/' -- {} +`
	out, err := f.run(ctx, p, script, nil, p)
	if err != nil {
		return nil, err
	}
	var list []transfer.Info
	for _, record := range strings.Split(strings.TrimSuffix(string(out), "/\n"), "/\n") {
		if record == "" {
			continue
		}
		info, err := parse(strings.Replace(record, " ./", " ", 1))
		if err != nil {
			return nil, err
		}
		if list = append(list, info); max > 0 && len(list) > max {
			return nil, fault.New(fault.Failed, "%s has more than %d entries", p, max)
		}
	}
	return list, nil
}

// parse reads a line of stat with a name at its end.
func parse(line string) (transfer.Info, error) {
	parts := strings.SplitN(line, " ", 7)
	if len(parts) != 7 {
		return transfer.Info{}, fault.New(fault.Protocol, "stat answers %q, which is not its format", line)
	}
	mode, err := strconv.ParseUint(parts[0], 16, 32)
	numbers := make([]int64, 5)
	for i := range numbers {
		var failed error
		if numbers[i], failed = strconv.ParseInt(parts[i+1], 10, 64); failed != nil {
			err = failed
		}
	}
	if err != nil {
		return transfer.Info{}, fault.New(fault.Protocol, "stat answers %q, which is not its format", line)
	}
	return transfer.Info{
		Name: parts[6], Size: numbers[0], Mode: modeOf(uint32(mode)), Modified: time.Unix(numbers[1], 0),
		Accessed: time.Unix(numbers[2], 0), UID: int(numbers[3]), GID: int(numbers[4]),
	}, nil
}

// modeOf reads the mode of stat(2).
func modeOf(mode uint32) fs.FileMode {
	out := fs.FileMode(mode & 0o777)
	switch mode & 0o170000 {
	case 0o040000:
		out |= fs.ModeDir
	case 0o120000:
		out |= fs.ModeSymlink
	case 0o010000:
		out |= fs.ModeNamedPipe
	case 0o140000:
		out |= fs.ModeSocket
	case 0o020000:
		out |= fs.ModeDevice | fs.ModeCharDevice
	case 0o060000:
		out |= fs.ModeDevice
	}
	for bit, flag := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if mode&bit != 0 {
			out |= flag
		}
	}
	return out
}

// bits is a mode as chmod takes it.
func bits(mode fs.FileMode) string {
	n := uint32(mode.Perm())
	for flag, bit := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if mode&flag != 0 {
			n |= bit
		}
	}
	return fmt.Sprintf("%04o", n)
}
