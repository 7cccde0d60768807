package ssh

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/sshclient"
	"gofab/internal/sshconfig"
	"gofab/internal/sshreach"
)

type connectArgs struct {
	Host    string `lua:"host,arg1" doc:"Name as ssh takes it: a Host of ssh_config, a name, an address, or user@host."`
	Address string `lua:"address" default:"" doc:"Address to connect to when it is not the name (HostName)."`
	Port    int    `lua:"port" default:"0" doc:"Port; that of the configuration, or 22."`
	User    string `lua:"user" default:"" doc:"Login name; that of the configuration, or the local one."`

	Password   secret.Value      `lua:"password" default:"" doc:"Login password. It goes to this host only, never to a jump host."`
	KeyFile    kit.Strings       `lua:"key_file" default:"" doc:"Private key, or a list of keys, to log in with, instead of those of the configuration."`
	Passphrase secret.Value      `lua:"passphrase" default:"" doc:"Passphrase of the keys."`
	Agent      bool              `lua:"agent" default:"true" doc:"Use the keys of the SSH agent."`
	Forward    bool              `lua:"forward_agent" default:"false" doc:"Let the host use the agent, as ssh -A does: whoever is root there can."`
	Config     *configFile       `lua:"config" default:"" doc:"ssh_config file to read instead of the user's; false reads none."`
	KnownHosts kit.Strings       `lua:"known_hosts" default:"" doc:"Files of known host keys, instead of the user's and the system's. The first one is written to."`
	HostKey    string            `lua:"host_key" default:"" enum:"|strict|accept-new|none" doc:"What happens with an unknown host key: it is refused (strict), accepted and remembered (accept-new), or accepted with a warning (none). A changed key is always refused. As configured when empty, which is strict."`
	Jump       string            `lua:"jump" default:"" doc:"Hosts to go through, as ProxyJump: [user@]host[:port],... ; \"none\" for no one."`
	Proxy      string            `lua:"proxy_command" default:"" doc:"Command that makes the connection, as ProxyCommand."`
	Timeout    time.Duration     `lua:"timeout" default:"0s" doc:"Limit for the whole connection, login included; as configured when 0."`
	KeepAlive  time.Duration     `lua:"keepalive" default:"0s" doc:"Seconds between signs of life (ServerAliveInterval); as configured when 0, which is 15."`
	Options    map[string]string `lua:"options" default:"" doc:"Further ssh_config keywords, as ssh -o takes them, e.g. { Ciphers = \"aes256-ctr\" }."`
}

// configFile is the path of a file, or false for none.
type configFile struct{ path string }

// LuaType names what FromLua takes.
func (f *configFile) LuaType() string { return "string|false" }

// FromLua takes a path or false.
func (f *configFile) FromLua(value any) error {
	if path, ok := value.(string); ok {
		f.path = path
		return nil
	}
	if value == false {
		return nil
	}
	return fault.New(fault.Usage, "want a path, or false for no configuration")
}

// reachOf gives the run's ways over SSH.
func reachOf(c *kit.Call) *sshreach.Reach {
	return kit.SharedValue(c.Shared, sshreach.Key{}, func() *sshreach.Reach {
		return &sshreach.Reach{Dialer: sshclient.NewDialer(sshclient.Deps{Home: c.World.Home()})}
	})
}

func connect(c *kit.Call, a connectArgs) (*session, error) {
	ctx := c.Context
	if a.Timeout > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, a.Timeout,
			fault.New(fault.Timeout, "no login to %s within %s", a.Host, a.Timeout))
		defer cancel()
		ctx = limited
	}
	reach := reachOf(c)
	settings, err := a.settings(ctx, c, reach)
	if err != nil {
		return nil, err
	}
	s := &session{call: c, reach: reach, name: a.Host, since: c.World.Now()}
	dialer := reach.Dialer.With(func(d *sshclient.Deps) { a.adjust(c, d, s) })
	s.client, err = dialer.Dial(ctx, sshclient.Target{Name: a.Host, Settings: settings})
	if err != nil {
		return nil, err
	}
	s.close = reach.Keep(c.Context, closer{s})
	return s, nil
}

// settings puts the options in front of the configuration.
func (a connectArgs) settings(ctx context.Context, c *kit.Call, reach *sshreach.Reach) (*sshconfig.Settings, error) {
	first, err := a.overrides(c)
	if err != nil {
		return nil, err
	}
	return reach.Settings(ctx, a.Host, configOf(c, reach, a.Config), first)
}

func configOf(c *kit.Call, reach *sshreach.Reach, file *configFile) sshconfig.Options {
	config := reach.Config
	if file != nil {
		config.Files = []string{}
		if file.path != "" {
			config.Files = []string{c.Path(file.path)}
		}
	}
	return config
}

// overrides are the options as ssh -o has them.
func (a connectArgs) overrides(c *kit.Call) ([][2]string, error) {
	if a.Port < 0 || a.Port > 65535 {
		return nil, fault.New(fault.Usage, "port: %d is no port", a.Port)
	}
	policies := map[string]string{"strict": "yes", "accept-new": "accept-new", "none": "no"}
	seconds := func(d time.Duration) string { return strconv.Itoa(int((d + time.Second - 1) / time.Second)) }
	list := [][2]string{
		{"HostName", a.Address}, {"User", a.User}, {"ProxyJump", a.Jump}, {"ProxyCommand", a.Proxy},
		{"StrictHostKeyChecking", policies[a.HostKey]}, {"UserKnownHostsFile", quoteAll(c, a.KnownHosts)},
	}
	if len(a.KnownHosts) > 0 {
		list = append(list, [2]string{"GlobalKnownHostsFile", "none"})
	}
	for _, file := range a.KeyFile {
		list = append(list, [2]string{"IdentityFile", plain(c.Path(file))})
	}
	if a.Port != 0 {
		list = append(list, [2]string{"Port", strconv.Itoa(a.Port)})
	}
	if !a.Agent {
		list = append(list, [2]string{"IdentityAgent", "none"})
	}
	if a.Forward {
		list = append(list, [2]string{"ForwardAgent", "yes"})
	}
	if a.Timeout > 0 {
		list = append(list, [2]string{"ConnectTimeout", seconds(a.Timeout)})
	}
	if a.KeepAlive > 0 {
		list = append(list, [2]string{"ServerAliveInterval", seconds(a.KeepAlive)})
	}
	for keyword, value := range a.Options {
		list = append(list, [2]string{keyword, value})
	}
	return slices.DeleteFunc(list, func(o [2]string) bool { return o[1] == "" }), nil
}

// quoteAll makes one value of several paths.
func quoteAll(c *kit.Call, paths []string) string {
	quoted := make([]string, len(paths))
	for i, path := range paths {
		quoted[i] = `"` + strings.ReplaceAll(plain(c.Path(path)), `"`, `\"`) + `"`
	}
	return strings.Join(quoted, " ")
}

// plain keeps a path from being taken for one with tokens (ssh_config(5)).
func plain(path string) string { return strings.ReplaceAll(path, "%", "%%") }

// adjust gives a login what only it knows.
func (a connectArgs) adjust(c *kit.Call, d *sshclient.Deps, s *session) {
	known := d.Password
	if !a.Password.Empty() {
		d.Password = func(host string) (string, bool) {
			switch {
			case host == a.Host:
				return a.Password.Reveal(), true
			case known != nil:
				return known(host)
			default:
				return "", false
			}
		}
	}
	if !a.Passphrase.Empty() {
		given := make([]string, len(a.KeyFile))
		for i, file := range a.KeyFile {
			given[i] = c.Path(file)
		}
		d.Passphrase = func(path string) (string, bool) {
			return a.Passphrase.Reveal(), len(given) == 0 || slices.Contains(given, path)
		}
	}
	told := d.Banner
	d.Banner = func(host, text string) {
		if host == a.Host {
			s.banner.add(text)
		}
		if told != nil {
			told(host, text)
		}
	}
}

// banner is what a server said before the login.
type banner struct {
	mu   sync.Mutex
	text string
}

func (b *banner) add(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text += text
}

func (b *banner) get() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text
}
