package config

import (
	"gofab/bindings/kit"
)

// Module declares config.
func Module() *kit.Module {
	return &kit.Module{
		Name: "config",
		Doc: "The settings of gofab, from files, the environment and the command line, and values of your own under vars. " +
			"`gofab config --explain` shows where each is from.",
		Funcs: []kit.Func{
			kit.Fn("get", "Give what a setting is: a value, or a table of all that is below the key. "+
				"A key under vars that nobody has set is nil, or the second argument.", get).With(
				`config.set("vars.release", "1.2")
assert(config.get("vars.release") == "1.2" and config.get("vars").release == "1.2")
assert(config.get("vars.colour", "blue") == "blue")`),
			kit.Fn("set", "Set a value, or a table of them, over all other layers. Values under vars can be set at any time, "+
				"settings of gofab before the tasks begin, and some of them only outside of a script.", set).With(
				`config.set("vars.release", "1.2")
config.set{ vars = { db = { port = 5432 } } }
assert(config.get("vars.db.port") == 5432 and config.get("vars").release == "1.2")`),
			kit.Fn("explain", "List what each layer says of a key, the one that counts first: layer, where and value.", explain).With(
				`config.set("vars.tier", "web")
local e = config.explain("vars.tier")[1]
assert(e.layer == "code" and e.value == "web")`),
		},
	}
}

type configKey struct{}

// Install gives a run its settings.
func Install(env *kit.Env, c *Config) {
	kit.SharedValue(env.Shared, configKey{}, func() *Config { return c })
}

// Of gives the settings of a run.
func Of(env *kit.Env) *Config {
	return kit.SharedValue(env.Shared, configKey{}, func() *Config { return New(nil) })
}

type getArgs struct {
	Key     string `lua:"key,arg1" doc:"The setting, such as run.timeout or vars.db.port."`
	Default any    `lua:"default,arg2" default:"" doc:"What to give where nobody has set it."`
}

func get(c *kit.Call, a getArgs) (any, error) {
	value, found, err := Of(c.Env).Get(a.Key)
	if !found {
		value = a.Default
	}
	return value, err
}

type setArgs struct {
	Key   any `lua:"key,arg1" doc:"The setting, or a table of settings."`
	Value any `lua:"value,arg2" default:"" doc:"The value."`
}

func set(c *kit.Call, a setArgs) (kit.None, error) {
	key, ok := a.Key.(string)
	if !ok {
		return kit.None{}, Of(c.Env).Set("", a.Key, c.Where())
	}
	return kit.None{}, Of(c.Env).Set(key, a.Value, c.Where())
}

// Explained is what one layer says of a key, for scripts.
type Explained struct {
	Layer string `lua:"layer" doc:"One of built-in, system, user, project, environment, file, flags, code."`
	Where string `lua:"where" doc:"File and line, variable or flag."`
	Value any    `lua:"value" doc:"The value."`
}

type explainArgs struct {
	Key string `lua:"key,arg1" doc:"The setting."`
}

func explain(c *kit.Call, a explainArgs) ([]Explained, error) {
	values, err := Of(c.Env).Explain(a.Key)
	list := make([]Explained, len(values))
	for i, v := range values {
		list[i] = Explained(v)
	}
	return list, err
}
