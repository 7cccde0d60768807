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
	askPass   bool
	askSudo   bool
}

func (f *remoteFlags) declare(set *pflag.FlagSet) {
	set.StringVar(&f.config, "ssh-config", "", "ssh_config file to use instead of your own")
	set.StringVarP(&f.user, "user", "u", "", "login name, where the inventory has none")
	set.StringVarP(&f.key, "identity", "i", "", "private key, where the inventory has none")
	set.BoolVar(&f.acceptNew, "accept-new", false, "add the keys of unknown hosts to known_hosts; changed ones stay an error")
	set.BoolVar(&f.askPass, "ask-pass", false, "ask for the login password, once for all hosts")
	set.BoolVar(&f.askSudo, "ask-sudo-pass", false, "ask for the sudo password at the start, once for all hosts")
}

func (f *remoteFlags) apply(o *run.Options) error {
	o.Remote = run.RemoteOptions{
		ConfigFile: f.config, User: f.user, Key: f.key, AcceptNew: f.acceptNew, AskPass: f.askPass, AskSudo: f.askSudo,
	}
	return nil
}
