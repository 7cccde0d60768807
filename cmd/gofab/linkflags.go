package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"gofab/internal/fault"
	"gofab/runtime/run"
)

// linkFlags say how connections are made, over what ssh_config says.
type linkFlags struct {
	jump           string
	connectTimeout string
	attempts       int
	keepalive      string
	forwardAgent   bool
	connections    int
	options        []string
}

func (f *linkFlags) declare(set *pflag.FlagSet) {
	set.StringVarP(&f.jump, "jump", "J", "", "reach hosts through these: user@bastion:22,second; what the inventory says of a host comes first")
	set.StringVar(&f.connectTimeout, "connect-timeout", "", "limit for one connection: 5, 10s")
	set.IntVar(&f.attempts, "connect-attempts", 0, "how often to try to connect")
	set.StringVar(&f.keepalive, "keepalive", "", "ask a silent host for a sign of life this often; three without one are the end")
	set.BoolVarP(&f.forwardAgent, "forward-agent", "A", false, "lend your SSH agent to the hosts: whoever is root there may use it meanwhile")
	set.IntVar(&f.connections, "max-connections", 0, "connections kept open at a time; the default is what open files allow, 2000 at most")
	set.StringArrayVar(&f.options, "ssh-option", nil, "a setting as in ssh_config, over the file's: KEYWORD=VALUE; may be repeated")
}

func (f *linkFlags) apply(o *run.Options) error {
	l := &o.Link
	l.Jump = f.jump
	for _, option := range f.options {
		key, value, ok := strings.Cut(option, "=")
		if !ok {
			return fault.New(fault.Usage, "--ssh-option %s: want KEYWORD=VALUE", option)
		}
		l.Options = append(l.Options, [2]string{key, value})
	}
	if f.connections < 0 {
		return fault.New(fault.Usage, "--max-connections %d: at least one", f.connections)
	}
	l.Connections = f.connections
	if f.attempts < 0 {
		return fault.New(fault.Usage, "--connect-attempts %d: at least one", f.attempts)
	}
	if f.attempts > 0 {
		l.Options = append(l.Options, [2]string{"ConnectionAttempts", strconv.Itoa(f.attempts)})
	}
	if f.forwardAgent {
		l.Options = append(l.Options, [2]string{"ForwardAgent", "yes"})
	}
	if err := f.seconds(l, "--connect-timeout", "ConnectTimeout", f.connectTimeout); err != nil {
		return err
	}
	return f.seconds(l, "--keepalive", "ServerAliveInterval", f.keepalive)
}

// seconds sets a time, which ssh_config knows in whole seconds.
func (f *linkFlags) seconds(l *run.LinkOptions, flag, keyword, text string) error {
	if text == "" {
		return nil
	}
	d, err := duration(flag, text)
	if err != nil {
		return err
	}
	if d < time.Second {
		return fault.New(fault.Usage, "%s %s: at least one second", flag, text)
	}
	l.Options = append(l.Options, [2]string{keyword, strconv.Itoa(int(d.Round(time.Second).Seconds()))})
	return nil
}
