package main

import (
	"slices"

	"github.com/spf13/pflag"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/shell"
	"gofab/runtime/run"
)

// commandFlags are options of every command of a run. What the script says of a
// command comes first.
type commandFlags struct {
	dry        bool
	echo       bool
	hide       string
	warn       bool
	pty        bool
	timeout    string
	sudo       bool
	become     string
	becomeUser string
}

func (f *commandFlags) declare(set *pflag.FlagSet) {
	set.BoolVar(&f.dry, "dry", false, "run no command and change no host; show what would be done, with -v as it would be sent")
	set.BoolVar(&f.echo, "echo", false, "show each line as it is sent, before it runs")
	set.StringVar(&f.hide, "hide", "", "do not show what commands write: out, err or both")
	set.BoolVarP(&f.warn, "warn-only", "w", false, "a command that fails is a warning and not an error")
	set.BoolVar(&f.pty, "pty", false, "run commands in a pseudo terminal")
	set.StringVarP(&f.timeout, "command-timeout", "T", "0", "limit for each command: 90, 30s, 10m; 0 is none")
	set.BoolVar(&f.sudo, "sudo", false, "do everything as root, through sudo")
	set.StringVar(&f.become, "become", "", "do everything as root, or --become-user, by this method: sudo, su or doas")
	set.StringVar(&f.becomeUser, "become-user", "", "do everything as this user")
}

func (f *commandFlags) apply(o *run.Options) error {
	s := command.DefaultScope()
	s.Dry, s.Echo, s.Warn, s.PTY, s.Sudo, s.User, s.Become = f.dry, f.echo, f.warn, f.pty, f.sudo, f.becomeUser, f.become
	if err := s.Hide.FromLua(f.hide); err != nil {
		return fault.New(fault.Usage, "--hide=%s: not one of out, err, both", f.hide)
	}
	if !slices.Contains([]string{"", shell.Sudo, shell.Su, shell.Doas}, f.become) {
		return fault.New(fault.Usage, "--become=%s: not one of sudo, su, doas", f.become)
	}
	var err error
	s.Timeout, err = duration("--command-timeout", f.timeout)
	o.Commands.Scope = &s
	return err
}
