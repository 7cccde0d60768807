package expect

import (
	"strconv"

	"gofab/bindings/kit"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/sshclient"
	"gofab/internal/sshreach"
	"gofab/internal/sshtalk"
)

type sshArgs struct {
	Host string `lua:"host,arg1" doc:"Name as ssh takes it: a host of the inventory or of ssh_config, a name, an address, or user@host."`
	User string `lua:"user" default:"" doc:"Login name; that of the configuration, or the local one."`
	Port int    `lua:"port" default:"0" doc:"Port; that of the configuration, or 22."`
	held
	Prompt string         `lua:"prompt" default:"" doc:"Prompt of what is no POSIX shell, such as a switch: a regular expression, e.g. '[\\w-]+[>#] ?$'."`
	Pager  []engine.Pager `lua:"pager" default:"" doc:"Further questions of its pager and what to send. The common ones are known."`
}

// overSSH logs in on a connection of its own, which ends with the shell.
func overSSH(c *kit.Call, a sshArgs) (*engine.Session, error) {
	repl := engine.PlainShell()
	if a.Prompt != "" {
		var err error
		if repl, err = engine.Device(a.Prompt, a.Pager); err != nil {
			return nil, err
		}
	}
	client, err := a.dial(c)
	if err != nil {
		return nil, err
	}
	p, err := a.talk(c, client, repl)
	if err != nil {
		_ = client.Close()
		return nil, err
	}
	s, err := engine.NewSession(c.Context, p, repl)
	if err != nil {
		_ = p.Close()
		return nil, scripted(fault.From(err).WithHint("prompt = \"...\" describes the prompt of what is no POSIX shell"))
	}
	return s, nil
}

func (a sshArgs) dial(c *kit.Call) (*sshclient.Client, error) {
	reach := kit.SharedValue(c.Shared, sshreach.Key{}, func() *sshreach.Reach {
		return &sshreach.Reach{Dialer: sshclient.NewDialer(sshclient.Deps{Home: c.World.Home()})}
	})
	var first [][2]string
	if a.User != "" {
		first = append(first, [2]string{"User", a.User})
	}
	if a.Port != 0 {
		first = append(first, [2]string{"Port", strconv.Itoa(a.Port)})
	}
	settings, err := reach.Settings(c.Context, a.Host, reach.Config, first)
	if err != nil {
		return nil, err
	}
	return reach.Dialer.Dial(c.Context, sshclient.Target{Name: a.Host, Settings: settings})
}

// talk starts the shell. A POSIX one is started as a command, so that the
// user's own prompt and profile are not in the way.
func (a sshArgs) talk(c *kit.Call, client *sshclient.Client, repl engine.REPL) (*engine.Process, error) {
	command := repl.Command
	command.Term, command.Rows, command.Cols = "dumb", 50, 240
	line, err := command.Shell()
	if err != nil {
		return nil, err
	}
	stream, err := sshtalk.Start(c.Context, client, line, command)
	if err != nil {
		return nil, err
	}
	p, err := begin(c, stream, "ssh "+a.Host, a.Host, a.held)
	if err == nil {
		p.OnClose(func() { _ = client.Close() })
	}
	return p, err
}
