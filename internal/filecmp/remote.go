package filecmp

import (
	"bytes"
	"context"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"gofab/internal/fault"
	"gofab/internal/machine"
	"gofab/internal/shell"
	"gofab/internal/transfer"
)

// Remote is a folder of a host.
type Remote struct {
	On   machine.Machine
	Path string
}

// Name is host:path.
func (r Remote) Name() string { return r.On.Label() + ":" + r.Path }

// maxListing bounds what a host may answer.
const maxListing = 512 << 20

// listScript prints every entry as fields that end in NUL, with GNU find; its
// other answer says that there is none. A folder that cannot be read is marked:
// what find says of it goes to standard error, and its exit status tells no
// more.
const listScript = `cd -- "$1" || exit 9
find . -maxdepth 0 -printf '' 2>/dev/null || { printf none; exit 0; }
find $2 . -mindepth 1 $3 \( -type d \( ! -readable -o ! -executable \) -printf "$4!\0" -o -printf "$4%l\0" \) 2>/dev/null || :`

const listFormat = `%P\0%y\0%s\0%m\0%T@\0%U\0%G\0%D:%i\0`

const listFields = 9

// List lists the folder with one command, or over SFTP where find cannot.
func (r Remote) List(ctx context.Context, o Listing) ([]Entry, error) {
	follow, depth := "", ""
	if o.Follow {
		follow = "-L"
	}
	if o.Top {
		depth = "-maxdepth 1"
	}
	out, err := r.run(ctx, listScript, nil, follow, depth, listFormat)
	if err != nil {
		return nil, err
	}
	if string(out) == "none" {
		return r.listFiles(ctx, o)
	}
	fields := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if len(out) == 0 {
		return nil, nil
	}
	if len(fields)%listFields != 0 {
		return nil, fault.New(fault.Protocol, "find printed what makes no sense on %s", r.Name())
	}
	var entries []Entry
	hidden := ""
	for ; len(fields) > 0; fields = fields[listFields:] {
		e, err := parseEntry(fields[:listFields], o.Follow)
		if err != nil {
			return nil, err
		}
		if hidden != "" && strings.HasPrefix(e.Path, hidden) {
			continue
		}
		if hidden = ""; o.Skip(e.Path) {
			hidden = e.Path + "/"
			continue
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// run runs a script on the host, with the folder as its first argument.
func (r Remote) run(ctx context.Context, script string, stdin []byte, args ...string) ([]byte, error) {
	words := []string{shell.POSIX, "-c", script, "gofab", r.Path}
	line, err := shell.Join(append(words, args...))
	if err != nil {
		return nil, err
	}
	out, err := r.On.Output(ctx, line, bytes.NewReader(stdin), maxListing)
	if e := fault.From(err); err != nil && e.Kind == fault.Exit {
		return nil, fault.New(fault.NotFound, "cannot compare %s: it is not a folder that can be read", r.Name())
	}
	return out, err
}

// parseEntry reads what find printed of one entry.
func parseEntry(f []string, follow bool) (Entry, error) {
	e := Entry{Path: f[0], id: f[7]}
	var errs [5]error
	e.Size, errs[0] = strconv.ParseInt(f[2], 10, 64)
	mode, err := strconv.ParseUint(f[3], 8, 32)
	errs[1] = err
	e.Modified, errs[2] = parseTime(f[4])
	e.UID, errs[3] = strconv.Atoi(f[5])
	e.GID, errs[4] = strconv.Atoi(f[6])
	for _, err := range errs {
		if err != nil {
			return e, fault.Wrap(fault.Protocol, err, "find printed what makes no sense")
		}
	}
	e.Mode = fileMode(uint32(mode))
	switch f[1] {
	case "f":
		e.Kind = File
	case "d":
		e.Kind = Dir
		if f[8] != "" {
			e.Problem = "permission denied"
		}
	case "l", "N", "L", "?":
		e.Kind, e.Target = Link, f[8]
		if follow { // find -L shows a link only when it leads nowhere, or in a circle
			e.Kind, e.Problem = Gone, "no such file or directory"
		}
	default:
		e.Kind = Other
	}
	return e, nil
}

// parseTime reads seconds with a fraction, without losing nanoseconds.
func parseTime(text string) (time.Time, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, err
	}
	nanos, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	return time.Unix(seconds, nanos), err
}

func fileMode(unix uint32) fs.FileMode {
	m := fs.FileMode(unix & 0o777)
	for bit, is := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if unix&bit != 0 {
			m |= is
		}
	}
	return m
}

// listFiles lists the folder over SFTP, a round trip a folder.
func (r Remote) listFiles(ctx context.Context, o Listing) ([]Entry, error) {
	if o.Follow {
		return nil, fault.New(fault.Unsupported, "links on %s cannot be followed: its find has no -printf", r.On.Label())
	}
	files, err := r.On.Files(ctx)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	var folder func(dir string) error
	folder = func(dir string) error {
		infos, err := files.ReadDir(ctx, path.Join(r.Path, dir), 0)
		if err != nil {
			return err
		}
		for _, info := range infos {
			e := entryOf(path.Join(dir, info.Name), info)
			if o.Skip(e.Path) {
				continue
			}
			if e.Kind == Link {
				if e.Target, err = files.Readlink(ctx, path.Join(r.Path, e.Path)); err != nil {
					return err
				}
			}
			entries = append(entries, e)
			if e.Kind == Dir && !o.Top {
				if err := folder(e.Path); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return entries, folder("")
}

func entryOf(p string, info transfer.Info) Entry {
	return Entry{Path: p, Kind: kindOf(info.Mode), Size: info.Size, Mode: info.Mode, Modified: info.Modified, UID: info.UID, GID: info.GID}
}

// sumScript hashes the files that it reads, each name ended by NUL, and prints
// a line for each in the same order: the sum alone, or - when it cannot be read.
const sumScript = `cd -- "$1" || exit 9
if command -v sha256sum >/dev/null 2>&1; then sum=sha256sum; elif command -v shasum >/dev/null 2>&1; then sum='shasum -a 256'; else exit 8; fi
export sum
exec xargs -0 sh -c 'if out=$($sum -- "$@" 2>/dev/null); then printf "%s\n" "$out" | cut -c1-65; else for f; do s=$($sum <"$f" 2>/dev/null) && printf "%s\n" "$s" | cut -c1-64 || echo -; done; fi' sum`

// Sums hashes files on the host, with one command for all.
func (r Remote) Sums(ctx context.Context, paths []string) (sums, problems map[string]string, err error) {
	var names bytes.Buffer
	odd := false
	for _, p := range paths {
		odd = odd || strings.ContainsAny(p, "\n\\\r")
		names.WriteString("./" + p + "\x00")
	}
	script := sumScript
	if odd { // sha256sum writes such names over several lines, or marks them
		script = strings.Replace(script, "if out=$($sum -- \"$@\" 2>/dev/null)", "if false", 1)
	}
	out, err := r.run(ctx, script, names.Bytes())
	if err != nil {
		return nil, nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(paths) {
		return nil, nil, fault.New(fault.Protocol, "%s hashed %d files of %d", r.On.Label(), len(lines), len(paths))
	}
	sums, problems = map[string]string{}, map[string]string{}
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if len(line) != 64 {
			problems[paths[i]] = "it cannot be read on " + r.On.Label()
			continue
		}
		sums[paths[i]] = line
	}
	return sums, problems, nil
}
