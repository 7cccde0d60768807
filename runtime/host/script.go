package host

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/shell"
)

type scriptArgs struct {
	File   string   `lua:"file,arg1" default:"" doc:"Script on this machine. Its first line, #!, names the program that runs it; without one it is the shell."`
	Args   []string `lua:"args,arg2" default:"" doc:"Arguments of the script; they need no quoting."`
	Source string   `lua:"source" default:"" doc:"Text of the script, instead of a file."`
	command.Options
}

// maxScript bounds a script, which is read into memory.
const maxScript = 16 << 20

// script runs a script of this machine on the host: it is written to a private
// temporary folder there, run by its interpreter as the user of the scope, and
// removed, whatever happens. /tmp may forbid to run files: nobody does.
func script(c *kit.Call, h *Handle, a scriptArgs) (command.Result, error) {
	name, text, err := a.read(c)
	if err != nil {
		return command.Result{Code: -1}, h.named(err)
	}
	o := a.Options
	o.Scope = h.scope.Inside(o.Scope)
	if o.Detach {
		return command.Result{Code: -1}, h.named(fault.New(fault.Usage, "a script is removed at its end, so it cannot be detached"))
	}
	words := interpreter(text, o.Shell)
	shown, _ := shell.Join(append([]string{name}, a.Args...))
	dir, user := "$TMPDIR", h.as(o.Scope)
	if !o.Dry {
		if dir, err = user.upload(c.Context, name, text); err != nil {
			return command.Result{Code: -1}, err
		}
		defer user.remove(c.Context, dir)
	}
	words = append(append(words, dir+"/"+name), a.Args...)
	return h.runAs(c.Context, shown, command.Words{Args: words}, a.Options, false)
}

func (a scriptArgs) read(c *kit.Call) (name, text string, err error) {
	switch {
	case (a.File == "") == (a.Source == ""):
		return "", "", fault.New(fault.Usage, "want a file or source, one of them")
	case a.Source != "":
		return "script", a.Source, nil
	}
	f, err := os.Open(c.Path(a.File))
	if err != nil {
		return "", "", fault.OS(err, "cannot read the script %s", a.File)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxScript+1))
	if err != nil {
		return "", "", fault.OS(err, "cannot read the script %s", a.File)
	}
	if len(data) > maxScript {
		return "", "", fault.New(fault.Usage, "%s is larger than a script: more than %d bytes", a.File, maxScript)
	}
	return filepath.Base(a.File), string(data), nil
}

// interpreter is who runs a script. As in the kernel, what follows the program
// on its first line is one argument.
func interpreter(text string, sh command.Shell) []string {
	line, _, _ := strings.Cut(text, "\n")
	rest, ok := strings.CutPrefix(line, "#!")
	if program, arg, _ := strings.Cut(strings.TrimSpace(rest), " "); ok && program != "" {
		if arg = strings.TrimSpace(arg); arg != "" {
			return []string{program, arg}
		}
		return []string{program}
	}
	if sh == "" || sh == command.NoShell {
		sh = shell.POSIX
	}
	return []string{string(sh)}
}

// uploadScript writes standard input to a new file $1 in a new folder and
// prints the folder.
const uploadScript = `umask 077; d=$(mktemp -d "${TMPDIR:-/tmp}/gofab-XXXXXXXX") || exit
cat >"$d/$1" && chmod 700 "$d/$1" && printf %s "$d" || { r=$?; rm -rf "$d"; exit $r; }`

func (h *Handle) upload(ctx context.Context, name, text string) (dir string, err error) {
	out, err := h.Output(ctx, scriptLine(uploadScript, name), strings.NewReader(text), 4096)
	if err != nil {
		return "", h.fileError(err, "cannot write the script "+name)
	}
	return string(out), nil
}

// remove is done after the end of ctx as well, for as long as a person would
// wait.
func (h *Handle) remove(ctx context.Context, dir string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, _ = h.Output(ctx, "rm -rf -- "+quoted(dir), nil, 0)
}
