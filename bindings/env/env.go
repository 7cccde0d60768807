// Package env is the Lua module env: the environment variables of the run.
package env

import (
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// Module declares env.
func Module() *kit.Module {
	return &kit.Module{
		Name: "env",
		Doc:  "Read and set environment variables of this run.",
		Funcs: []kit.Func{
			kit.Fn("get", "Give a variable, or the default, or nil.", get).With(
				`assert(env.get("NO_SUCH_VARIABLE", "blue") == "blue")`),
			kit.Fn("need", "Give a variable; one that is not set or empty is an error.", need).With(
				`local _, e = try(env.need, "NO_SUCH_VARIABLE")
assert(e.kind == "notfound")`),
			kit.Fn("set", "Set a variable for this run and for the local commands it starts.", set).With(
				`env.set("STAGE", "test")
assert(env.get("STAGE") == "test")`),
			kit.Fn("all", "Give all variables as a table.", all).With(
				`assert(type(env.all().PATH) == "string")`),
		},
	}
}

type getArgs struct {
	Name    string  `lua:"name,arg1" doc:"Name of the variable."`
	Default *string `lua:"default,arg2" doc:"Value when it is not set."`
}

func get(c *kit.Call, a getArgs) (*string, error) {
	if value, ok := c.World.Getenv(a.Name); ok {
		return &value, nil
	}
	return a.Default, nil
}

type nameArgs struct {
	Name string `lua:"name,arg1" doc:"Name of the variable."`
}

func need(c *kit.Call, a nameArgs) (string, error) {
	value, _ := c.World.Getenv(a.Name)
	if value == "" {
		return "", fault.New(fault.NotFound, "the environment variable %s is not set", a.Name).
			WithHint("%s=... gofab ...", a.Name)
	}
	return value, nil
}

type setArgs struct {
	Name  string `lua:"name,arg1" doc:"Name of the variable."`
	Value string `lua:"value,arg2" doc:"Its new value."`
}

func set(c *kit.Call, a setArgs) (kit.None, error) {
	if a.Name == "" || strings.ContainsAny(a.Name, "=\x00") || strings.Contains(a.Value, "\x00") {
		return kit.None{}, fault.New(fault.Usage, "%q cannot be set", a.Name)
	}
	c.World.Setenv(a.Name, a.Value)
	return kit.None{}, nil
}

func all(c *kit.Call, _ struct{}) (map[string]string, error) {
	out := map[string]string{}
	for _, pair := range c.World.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		out[name] = value
	}
	return out, nil
}
