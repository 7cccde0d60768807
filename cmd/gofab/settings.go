package main

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"gofab/internal/fault"
	"gofab/internal/luastr"
	"gofab/runtime/config"
)

// The settings are the flags of a run: each flag has one key, and this is the
// one place that knows which.

// keyNames are the keys that are not just the flag's name with underscores.
var keyNames = map[string]string{
	"become": "become.method", "become-user": "become.user", "become-password-command": "become.password_command",
	"ask-become-pass": "become.ask_pass", "sudo": "become.sudo",
	"connect-timeout": "connect.timeout", "connect-attempts": "connect.attempts", "keepalive": "connect.keepalive",
	"jump": "connect.jump", "forward-agent": "connect.forward_agent", "max-connections": "connect.max",
	"command-timeout": "run.timeout", "hide": "run.hide", "echo": "run.echo", "pty": "run.pty", "dry": "run.dry",
	"warn-only": "run.warn", "run-shell": "run.shell", "run-env": "run.env", "run-cwd": "run.cwd",
}

// noKeys are flags that say nothing that a file could: another spelling, where
// the settings are, what repeats one run.
var noKeys = []string{"color", "config", "seed", "record", "replay"}

// early are flags of the late groups that take effect before a script is read.
var early = []string{"timeout", "inventory"}

// flagOf is a key with its flag.
type flagOf struct {
	config.Key
	flag, short string
}

// settingKeys lists all keys, made from the flags themselves.
func settingKeys() []flagOf {
	var list []flagOf
	for _, g := range new(flags).groups() {
		late := false
		switch g.(type) {
		case *targetFlags, *fanFlags, *commandFlags:
			late = true
		}
		set := pflag.NewFlagSet("", pflag.ContinueOnError)
		g.declare(set)
		set.VisitAll(func(f *pflag.Flag) {
			if slices.Contains(noKeys, f.Name) {
				return
			}
			name := keyNames[f.Name]
			if name == "" {
				name = strings.ReplaceAll(f.Name, "-", "_")
			}
			list = append(list, flagOf{config.Key{
				Name: name, Kind: kindOfFlag(f), Doc: f.Usage, Default: valueOfFlag(f), Late: late && !slices.Contains(early, f.Name),
			}, f.Name, f.Shorthand})
		})
	}
	return list
}

func kindOfFlag(f *pflag.Flag) config.Kind {
	switch f.Value.Type() {
	case "bool":
		return config.Switch
	case "int", "uint", "int64", "uint64", "count":
		return config.Whole
	case "stringArray", "stringSlice":
		return config.List
	case "stringToString":
		return config.Table
	default:
		return config.Text
	}
}

// valueOfFlag is what a flag says, as a setting.
func valueOfFlag(f *pflag.Flag) any {
	text := f.Value.String()
	switch kindOfFlag(f) {
	case config.Switch:
		return text == "true"
	case config.Whole:
		n, _ := strconv.ParseFloat(text, 64)
		return n
	case config.List:
		list := []any{}
		for _, one := range f.Value.(pflag.SliceValue).GetSlice() {
			list = append(list, one)
		}
		return list
	case config.Table:
		return map[string]any{}
	default:
		return text
	}
}

// setFlag gives a flag the value of a setting.
func setFlag(f *pflag.Flag, value any) error {
	switch v := value.(type) {
	case []any:
		words := make([]string, len(v))
		for i := range v {
			words[i], _ = v[i].(string)
		}
		return f.Value.(pflag.SliceValue).Replace(words)
	case map[string]any:
		for name, one := range v {
			if err := f.Value.Set(`"` + strings.ReplaceAll(name+"="+one.(string), `"`, `""`) + `"`); err != nil {
				return err
			}
		}
		return nil
	case float64:
		return f.Value.Set(luastr.NumberText(v))
	case bool:
		if f.Value.Type() == "bool" {
			return f.Value.Set(strconv.FormatBool(v))
		}
		if f.NoOptDefVal == "" {
			return fault.New(fault.Usage, "want a text, got %v", v)
		}
		if !v {
			return f.Value.Set("")
		}
		return f.Value.Set(f.NoOptDefVal)
	default:
		return f.Value.Set(v.(string))
	}
}

// blame finds the setting that an error about a flag comes from.
func (a *app) blame(err error) error {
	var e *fault.Error
	if a.settings == nil || !errors.As(err, &e) || e.Where != "" {
		return err
	}
	given := a.settings.Given(config.Layers[1:]...)
	for _, k := range settingKeys() {
		if v, ok := given[k.Name]; ok && v.Layer != config.Flags && mentions(e.Message, k) {
			copied := *e
			copied.Where = v.Where
			return &copied
		}
	}
	return err
}

// mentions tells whether a message is about a flag.
func mentions(message string, k flagOf) bool {
	_, rest, found := strings.Cut(message, "--"+k.flag)
	whole := found && (rest == "" || !strings.ContainsAny(rest[:1], "-abcdefghijklmnopqrstuvwxyz"))
	return whole || k.short != "" && strings.HasPrefix(message, "-"+k.short+" ")
}
