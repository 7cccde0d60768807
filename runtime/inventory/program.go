package inventory

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"gofab/internal/datafile"
	"gofab/internal/fault"
)

// Program is one that prints an inventory.
type Program struct {
	Words   []string
	Dir     string
	Env     []string // nil is our own
	Timeout time.Duration
	Format  string // "" is JSON
}

// maxOutput bounds what such a program prints.
const maxOutput = 64 << 20

// Command runs a program and adds the hosts that it prints.
func (inv *Inventory) Command(ctx context.Context, p Program) error {
	name := strings.Join(p.Words, " ")
	text, err := p.run(ctx, name)
	if err != nil {
		return err
	}
	format := p.Format
	if format == "" {
		format = datafile.JSON
	}
	switch {
	case format == datafile.CSV:
		return inv.loadCSV(name, text)
	case format == Ansible:
		return inv.loadYAML(name, text, true)
	default:
		return inv.loadData(name, format, text)
	}
}

// isProgram tells programs from data: they may be executed, begin as programs
// do, and have no extension of data.
func isProgram(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Mode()&0o111 == 0 || datafile.FormatOf(path) != "" {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4)
	n, _ := io.ReadFull(f, head)
	for _, magic := range []string{"#!", "\x7fELF", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe"} { // scripts, Linux, macOS
		if bytes.HasPrefix(head[:n], []byte(magic)) {
			return true
		}
	}
	return false
}

// listLimit is for a program that is found among files.
const listLimit = time.Minute

// list runs a program as Ansible does.
func (inv *Inventory) list(ctx context.Context, path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fault.From(err)
	}
	p := Program{Words: []string{path, "--list"}, Timeout: listLimit}
	if inv.Environ != nil {
		p.Env = inv.Environ()
	}
	return inv.Command(ctx, p)
}

// run gives what the program prints. It and what it starts end with ctx.
func (p Program) run(ctx context.Context, name string) ([]byte, error) {
	if len(p.Words) == 0 || p.Words[0] == "" {
		return nil, fault.New(fault.Usage, "no program given").WithHint(`inventory.command({ "./list-hosts", "--list" })`)
	}
	if p.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, p.Timeout, fault.New(fault.Timeout, "%s took longer than %s", name, p.Timeout))
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, p.Words[0], p.Words[1:]...)
	cmd.Dir, cmd.Env = p.Dir, p.Env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 50 * time.Millisecond
	out, problems := &limited{max: maxOutput, strict: true}, &limited{max: 4 << 10}
	cmd.Stdout, cmd.Stderr = out, problems
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, fault.From(context.Cause(ctx))
	case out.over:
		return nil, fault.New(fault.Failed, "%s printed more than %d MB", name, maxOutput>>20)
	case err != nil:
		return nil, failedProgram(name, err, problems.kept.String())
	}
	return out.kept.Bytes(), nil
}

func failedProgram(name string, err error, problems string) error {
	var e *fault.Error
	if exit, ok := err.(*exec.ExitError); ok {
		e = fault.New(fault.Exit, "%s ended with %s", name, exit)
	} else {
		e = fault.New(fault.NotFound, "cannot run %s: %v", name, err)
	}
	if problems = strings.TrimSpace(problems); problems != "" {
		e.Message += ": " + strings.Join(strings.Fields(problems), " ")
	}
	return e
}

// limited keeps the first bytes of an output. A strict one ends the program
// after too many of them.
type limited struct {
	kept         bytes.Buffer // no embedding: its ReadFrom would go around the limit
	max          int
	strict, over bool
}

func (l *limited) Write(p []byte) (int, error) {
	room := l.max - l.kept.Len()
	if len(p) <= room {
		return l.kept.Write(p)
	}
	l.kept.Write(p[:room])
	l.over = true
	if l.strict {
		return room, io.ErrShortWrite
	}
	return len(p), nil
}
