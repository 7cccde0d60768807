package host

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/atomicfile"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/shell"
	"gofab/internal/transfer"
	"gofab/runtime/event"
)

// Single files without SFTP, and content under sudo: the bytes travel through a
// command of the user, with the same promise as elsewhere: the file is written
// beside its place and renamed.

func quoted(text string) string {
	q, err := shell.Quote(text)
	if err != nil {
		return "''" // a NUL: no such path anywhere
	}
	return q
}

// replaceScript takes the target in $1, the source's name in $2 and the mode
// in $3 ("" keeps that of the old file, or 0644), owner and group in $4. It
// reads the content from standard input.
const replaceScript = `set -e; umask 077
t=$1; case $t in */) mkdir -p -- "$t"; t=$t$2 ;; esac
if [ -d "$t" ]; then t=$t/$2; fi
d=$(dirname -- "$t"); mkdir -p -- "$d"
mode=$3; if [ -z "$mode" ]; then mode=$(stat -c %a -- "$t" 2>/dev/null || echo 644); fi
n=$(mktemp -- "$d/.$(basename -- "$t").gofab-XXXXXXXX")
trap 'rm -f -- "$n"' EXIT; trap 'exit 1' HUP INT TERM
cat > "$n"
if [ -n "$4" ]; then chown -- "$4" "$n"; elif [ -e "$t" ]; then chown --reference="$t" -- "$n" 2>/dev/null || :; fi
chmod -- "$mode" "$n"; sync "$n" 2>/dev/null || :
mv -f -- "$n" "$t"; trap - EXIT; printf %s "$t"`

func (h *Handle) putAs(c *kit.Call, o transfer.PutOptions) (transfer.Result, error) {
	began := time.Now()
	content, name, err := h.content(c, o)
	if err != nil {
		return transfer.Result{}, h.named(err)
	}
	defer content.Close()
	info, err := content.Stat()
	if err != nil {
		return transfer.Result{}, h.named(fault.OS(err, "cannot read %s", o.Source))
	}
	mode := o.Mode
	if mode == "" && o.Content == nil {
		mode = fmt.Sprintf("%o", info.Mode().Perm())
	}
	owner := o.Owner
	if o.Group != "" {
		owner += ":" + o.Group
	}
	words := strings.Join([]string{
		shell.POSIX, "-c", quoted(replaceScript), "gofab", remotePath(o.Target), quoted(name), quoted(mode), quoted(owner),
	}, " ")
	result, err := h.stream(c.Context, words, content)
	out := transfer.Result{Path: result.Stdout, Files: 1, Changed: 1, Bytes: info.Size(), Notes: []string{}, Duration: time.Since(began)}
	h.transferred(c.Context, event.Put, o.Target, out, err)
	if err != nil {
		return transfer.Result{}, h.fileError(err, "cannot write "+o.Target)
	}
	return out, nil
}

// content gives what is to be written as an open file.
func (h *Handle) content(c *kit.Call, o transfer.PutOptions) (*os.File, string, error) {
	if o.Content != nil {
		f, err := os.CreateTemp("", "gofab-")
		if err != nil {
			return nil, "", fault.OS(err, "cannot make a temporary file")
		}
		_ = os.Remove(f.Name())
		if _, err = f.WriteString(*o.Content); err == nil {
			_, err = f.Seek(0, 0)
		}
		if err != nil {
			f.Close()
			return nil, "", fault.OS(err, "cannot write a temporary file")
		}
		return f, base(o.Target), nil
	}
	source := o.Source
	if rest, ok := strings.CutPrefix(source, "~/"); ok {
		source = filepath.Join(c.World.Home(), rest)
	}
	f, err := os.Open(source)
	if err != nil {
		return nil, "", fault.OS(err, "cannot read %s", o.Source)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, "", fault.New(fault.Unsupported, "cannot copy the folder %s: the host has no SFTP", o.Source).
			WithHint("its sshd_config needs a Subsystem line for sftp, and another user the sftp-server program")
	}
	return f, filepath.Base(source), nil
}

// stream runs a command of the scope's user with a file as its input.
func (h *Handle) stream(ctx context.Context, line string, stdin *os.File) (command.Result, error) {
	conn, err := h.conn(ctx)
	if err != nil {
		return command.Result{}, err
	}
	o := h.scope.OwnOptions()
	o.Cwd, o.Prefix = "", nil // the path has the scope's folder already
	return command.Run(ctx, conn, command.Request{Host: h.Name, Line: line, Options: o, Stdin: stdin}, h.services.Commands)
}

// readAs reads a file as the scope's user.
func (h *Handle) readAs(ctx context.Context, p string, limit int64) ([]byte, error) {
	conn, err := h.conn(ctx)
	if err != nil {
		return nil, err
	}
	o := h.scope.OwnOptions()
	o.Cwd, o.Prefix, o.MaxOutput = "", nil, command.Size(limit/2)+1
	result, err := command.Run(ctx, conn, command.Request{Host: h.Name, Line: "cat -- " + remotePath(p), Options: o},
		h.services.Commands)
	if err != nil {
		return nil, h.fileError(err, "cannot read "+p)
	}
	if result.Truncated || result.StdoutBytes > limit {
		return nil, h.named(fault.New(fault.Failed, "%s is larger than %d bytes", p, limit).WithHint("h:get copies files of any size"))
	}
	return []byte(result.Stdout), nil
}

func (h *Handle) getAs(c *kit.Call, o transfer.GetOptions) (transfer.Result, error) {
	began := time.Now()
	data, err := h.readAs(c.Context, o.Source, maxRead)
	if err != nil {
		return transfer.Result{}, err
	}
	target := strings.NewReplacer("{host}", h.Name, "{basename}", base(o.Source)).Replace(o.Target)
	target = filepath.Join(c.World.Dir(), target)
	if info, err := os.Stat(target); strings.HasSuffix(o.Target, "/") || err == nil && info.IsDir() {
		target = filepath.Join(target, base(o.Source))
	}
	if err = os.MkdirAll(filepath.Dir(target), 0o755); err == nil {
		err = atomicfile.Write(target, data, 0o600)
	}
	out := transfer.Result{Path: target, Files: 1, Changed: 1, Bytes: int64(len(data)), Notes: []string{}, Duration: time.Since(began)}
	h.transferred(c.Context, event.Get, o.Source, out, err)
	if err != nil {
		return transfer.Result{}, h.named(fault.OS(err, "cannot write %s", target))
	}
	return out, nil
}

// fileError words the failure of a file command as one of a file: what the
// command said last, with the kind that it means.
func (h *Handle) fileError(err error, what string) error {
	e := *fault.From(err)
	result, ok := e.Result.(command.Result)
	if e.Kind != fault.Exit || !ok {
		return h.named(err)
	}
	lines := strings.Split(strings.TrimSpace(result.Stderr), "\n")
	reason := lines[len(lines)-1]
	kind := fault.Failed
	for text, k := range map[string]fault.Kind{
		"No such file": fault.NotFound, "Permission denied": fault.Denied, "No space left": fault.NoSpace,
		"Is a directory": fault.Exists, "Read-only": fault.Denied,
	} {
		if strings.Contains(reason, text) {
			kind = k
		}
	}
	return h.named(fault.New(kind, "%s: %s", what, reason))
}
