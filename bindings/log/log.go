// Package log is the Lua module log: messages of a script at a level.
package log

import "gofab/bindings/kit"

// Module declares log.
func Module() *kit.Module {
	return &kit.Module{
		Name: "log",
		Doc:  "Tell what the script does, at a level. Debug shows with -v, info always but with -q.",
		Funcs: []kit.Func{
			kit.Fn("debug", "Tell a detail; it shows with -v.", at("debug")).With(`log.debug("cache is cold")`),
			kit.Fn("info", "Tell what is going on.", at("info")).With(`log.info("released", { version = "1.2" })`),
			kit.Fn("warn", "Tell of something that is not right but does not stop the run.", at("warn")).With(
				`log.warn("disk is nearly full", { percent = 91 })`),
			kit.Fn("error", "Tell of a failure without ending the run; error() ends it.", at("error")).With(
				`log.error("backup is missing")`),
		},
	}
}

type args struct {
	Text   string         `lua:"text,arg1" doc:"The message."`
	Fields map[string]any `lua:"fields,arg2" default:"" doc:"Values that belong to it, by name."`
}

func at(level string) func(*kit.Call, args) (kit.None, error) {
	return func(c *kit.Call, a args) (kit.None, error) {
		c.Events.Log(level, c.Host(), a.Text, a.Fields)
		return kit.None{}, nil
	}
}
