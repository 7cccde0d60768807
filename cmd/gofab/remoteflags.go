package main

import (
	"github.com/spf13/pflag"

	"gofab/runtime/run"
)

// remoteFlags say how hosts are reached.
type remoteFlags struct {
	config    string
	user      string
	key       string
	acceptNew bool
	passwords run.PasswordOptions
}

func (f *remoteFlags) declare(set *pflag.FlagSet) {
	set.StringVar(&f.config, "ssh-config", "", "ssh_config file to use instead of your own")
	set.StringVarP(&f.user, "user", "u", "", "login name, where the inventory has none")
	set.StringVarP(&f.key, "identity", "i", "", "private key, where the inventory has none")
	set.BoolVar(&f.acceptNew, "accept-new", false, "add the keys of unknown hosts to known_hosts; changed ones stay an error")
	p := &f.passwords
	set.BoolVar(&p.Ask, "ask-pass", false, "ask for the login password, once for all hosts")
	set.BoolVar(&p.AskBecome, "ask-become-pass", false, "ask for the password of sudo or doas at the start, once for all hosts")
	set.BoolVar(&p.AskBecome, "ask-sudo-pass", false, "the old name of --ask-become-pass")
	_ = set.MarkHidden("ask-sudo-pass")
	set.StringVar(&p.Command, "password-command", "", "local command that prints the login password, such as 'pass show web'")
	set.StringVar(&p.BecomeCommand, "become-password-command", "", "local command that prints the password of sudo, su or doas")
}

func (f *remoteFlags) apply(o *run.Options) error {
	o.Remote = run.RemoteOptions{
		ConfigFile: f.config, User: f.user, Key: f.key, AcceptNew: f.acceptNew,
	}
	o.Passwords = f.passwords
	return nil
}
