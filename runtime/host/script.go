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

// Script is a script of this machine that was read, with its arguments.
type Script struct {
	Name, Text string
	Args       []string
}

func (s Script) text() string {
	text, _ := shell.Join(append([]string{s.Name}, s.Args...))
	return text
}

func script(c *kit.Call, h *Handle, a scriptArgs) (command.Result, error) {
	name, text, err := a.read(c)
	if err != nil {
		return command.Result{Code: -1}, h.named(err)
	}
	return h.runScript(c.Context, Script{name, text, a.Args}, a.Options)
}

// runScript runs a script of this machine on the host: it is written to a private
// temporary folder there, run by its interpreter as the user of the scope, and
// removed, whatever happens. /tmp may forbid to run files: nobody does.
func (h *Handle) runScript(ctx context.Context, s Script, o command.Options) (result command.Result, err error) {
	inside := h.scope.Inside(o.Scope)
	if o.Detach {
		return command.Result{Code: -1}, h.named(fault.New(fault.Usage, "a script is removed at its end, so it cannot be detached"))
	}
	dir, user := "$TMPDIR", h.as(inside)
	if !inside.Dry {
		if dir, err = user.upload(ctx, s.Name, s.Text); err != nil {
			return command.Result{Code: -1}, err
		}
		defer user.remove(ctx, dir)
	}
	words := append(append(interpreter(s.Text, inside.Shell), dir+"/"+s.Name), s.Args...)
	return h.runAs(ctx, s.text(), command.Words{Args: words}, o, false)
}

func (a scriptArgs) read(c *kit.Call) (name, text string, err error) {
	switch {
	case (a.File == "") == (a.Source == ""):
		return "", "", fault.New(fault.Usage, "want a file or source, one of them")
	case a.Source != "":
		return "script", a.Source, nil
	}
	read, err := ReadScript(c.Path(a.File))
	return read.Name, read.Text, err
}

// ReadScript reads a script of this machine.
func ReadScript(path string) (Script, error) {
	f, err := os.Open(path)
	if err != nil {
		return Script{}, fault.OS(err, "cannot read the script %s", path)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxScript+1))
	if err != nil {
		return Script{}, fault.OS(err, "cannot read the script %s", path)
	}
	if len(data) > maxScript {
		return Script{}, fault.New(fault.Usage, "%s is larger than a script: more than %d bytes", path, maxScript)
	}
	return Script{Name: filepath.Base(path), Text: string(data)}, nil
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
