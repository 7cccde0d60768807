package main

import (
	"github.com/spf13/pflag"

	"gofab/internal/fault"
	"gofab/internal/shell"
	"gofab/runtime/run"
)

// configFlags say where settings are, and hold those that have a key and no
// flag of their own.
type configFlags struct {
	file  string
	shell string
	env   map[string]string
	cwd   string
}

func (f *configFlags) declare(set *pflag.FlagSet) {
	set.StringVar(&f.file, "config", "", "file of settings, over those of the user and the project")
	set.StringVar(&f.shell, "run-shell", "", "shell that runs the lines; empty is "+shell.POSIX)
	set.StringToStringVar(&f.env, "run-env", nil, "environment of all commands")
	set.StringVar(&f.cwd, "run-cwd", "", "working directory of all commands")
	for _, name := range []string{"run-shell", "run-env", "run-cwd"} {
		_ = set.MarkHidden(name)
	}
}

func (f *configFlags) apply(o *run.Options) error {
	scope := o.Commands.Scope
	if f.shell == "" && len(f.env) == 0 && f.cwd == "" {
		return nil
	}
	if scope == nil {
		return fault.New(fault.Usage, "commands have no options here")
	}
	if f.shell != "" {
		if err := scope.Shell.FromLua(f.shell); err != nil {
			return err
		}
	}
	if f.cwd != "" {
		scope.Cwd = f.cwd
	}
	if len(f.env) > 0 {
		scope.Env = f.env
	}
	return nil
}
