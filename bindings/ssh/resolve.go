package ssh

import (
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/sshconfig"
)

type resolveArgs struct {
	Host    string            `lua:"host,arg1" doc:"Name, or user@name."`
	Config  *configFile       `lua:"config" default:"" doc:"ssh_config file to read instead of the user's; false reads none."`
	Options map[string]string `lua:"options" default:"" doc:"Keywords that come first, as ssh -o takes them."`
}

// several are the keywords that ssh -G may print on a line each.
var several = map[string]bool{
	"identityfile": true, "certificatefile": true, "sendenv": true, "setenv": true,
	"localforward": true, "remoteforward": true, "dynamicforward": true,
}

func resolve(c *kit.Call, a resolveArgs) (map[string]any, error) {
	config := configOf(c, reachOf(c), a.Config)
	config.Overrides, config.Show = nil, true
	for keyword, value := range a.Options {
		config.Overrides = append(config.Overrides, [2]string{keyword, value})
	}
	settings, err := sshconfig.Resolve(c.Context, a.Host, config)
	if err != nil {
		return nil, err
	}
	table := map[string]any{}
	for _, line := range settings.Lines() {
		key, value, _ := strings.Cut(line, " ")
		if !several[key] {
			table[key] = value
			continue
		}
		list, _ := table[key].([]string)
		table[key] = append(list, value)
	}
	return table, nil
}
