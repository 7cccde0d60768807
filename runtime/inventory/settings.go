package inventory

import (
	"maps"
	"slices"

	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/sshconfig"
)

// Settings say how a host is reached. They may stand on a host, on a group and
// on the group all, as variables may.
var settings = map[string]func(h *Host, value any) bool{
	"address":   text(func(h *Host) *string { return &h.Address }),
	"user":      text(func(h *Host) *string { return &h.User }),
	"key":       text(func(h *Host) *string { return &h.Key }),
	"jump":      text(func(h *Host) *string { return &h.Jump }),
	"port":      setPort,
	"password":  setPassword,
	"local":     setLocal,
	"transport": text(func(h *Host) *string { return &h.Transport }),
	"options":   setOptions,
}

// Settings is the closed list, sorted.
var Settings = slices.Sorted(maps.Keys(settings))

func text(field func(*Host) *string) func(*Host, any) bool {
	return func(h *Host, value any) bool {
		text, ok := value.(string)
		*field(h) = text
		return ok && text != ""
	}
}

func setPort(h *Host, value any) bool {
	switch n := value.(type) {
	case int:
		h.Port = n
	case float64:
		h.Port = int(n)
		if n != float64(h.Port) {
			return false
		}
	default:
		return false
	}
	return h.Port > 0 && h.Port < 65536
}

func setPassword(h *Host, value any) bool {
	password, ok := value.(secret.Value)
	h.Password = password
	return ok
}

func setLocal(h *Host, value any) bool {
	local, ok := value.(bool)
	if local {
		h.Transport = Local
	}
	return ok
}

// setOptions takes keywords of ssh_config by name.
func setOptions(h *Host, value any) bool {
	table, ok := value.(map[string]any)
	h.Options = nil
	for _, name := range slices.Sorted(maps.Keys(table)) {
		text, isText := scalarText(table[name])
		ok = ok && isText && sshconfig.IsKeyword(name)
		h.Options = append(h.Options, [2]string{name, text})
	}
	return ok
}

// checkSetting says what is wrong with a setting.
func checkSetting(name string, value any) error {
	if settings[name](&Host{}, value) {
		return nil
	}
	e := fault.New(fault.Usage, "%s: unexpected %s", name, shown(value))
	switch name {
	case "password":
		return fault.New(fault.Usage, "password: want a secret").WithHint(`password = secret.env("WEB_PASSWORD")`)
	case "port":
		return e.WithHint("a port is a number from 1 to 65535")
	case "local":
		return e.WithHint("true or false")
	case "options":
		return e.WithHint("options = { ServerAliveInterval = 5 }: keywords of ssh_config")
	}
	return e.WithHint("a text")
}
