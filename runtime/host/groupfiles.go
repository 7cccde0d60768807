package host

import (
	"context"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// What a group does as each of its hosts does it: files, facts, scripts.

func groupFileMethods() []kit.Func {
	return []kit.Func{
		kit.Method("script", "Run a script of this machine on every host.", groupScript).With(
			`assert(#hosts("web1, web2"):script({ source = "#!/bin/sh\necho $1", args = { "x" }, hide = true }):fold() == 1)`),
		kit.Method("start", "Start a command in the background on every host; the handles are in the results.", groupStart).With(
			`local r = hosts("web1, web2"):start("echo done", { hide = true })
for name, job in pairs(r.values) do assert(job:wait().stdout == "done\n", name) end`),
		kit.Method("put", "Copy a file or a folder to every host.", groupPut),
		kit.Method("get", "Copy a file or a folder from every host; {host} in the target keeps them apart.", groupGet).With(
			`local g = hosts("web1, web2")
g:write("motd", "hello")
g:get("motd", "motds/{host}")
assert(fs.read("motds/web2") == "hello")`),
		kit.Method("sync", "Make a folder of every host equal to one of this machine, or with direction = \"get\" the other way.", groupSync),
		kit.Method("read", "Read a file of every host; the contents are in the results, and fold tells who has the same.", groupRead).With(
			`local g = hosts("web1, web2")
g:write("motd", "hello")
assert(g:read("motd").values.web2 == "hello" and #g:read("motd"):fold() == 1)`),
		kit.Method("write", "Write a file on every host, in one step; folders above it are made.", groupWrite),
		kit.Method("exists", "Tell for every host whether there is something under a path; the answers are in the results.", groupExists).With(
			`assert(hosts("web1, web2"):exists("no/such/file").values.web1 == false)`),
		kit.Method("facts", "Tell what the hosts are and have, as h:facts does; each is asked once a run.", groupFacts).With(
			`for name, f in pairs(hosts("web1, web2"):facts().values) do print(name, f.pretty) end`),
	}
}

// every does on each host what a method of one host does.
func (g *Group) every(c *kit.Call, o FanOptions, method func(*kit.Call, *Handle) (any, error)) (*Results, error) {
	return g.fan(c.Context, o, func(ctx context.Context, h *Handle) (any, error) {
		inner := *c
		inner.Context = ctx
		return method(&inner, h)
	})
}

type groupScriptArgs struct {
	scriptArgs
	FanOptions
}

func groupScript(c *kit.Call, g *Group, a groupScriptArgs) (*Results, error) {
	return g.every(c, a.FanOptions, func(c *kit.Call, h *Handle) (any, error) { return script(c, h, a.scriptArgs) })
}

type groupStartArgs struct {
	startArgs
	FanOptions
}

func groupStart(c *kit.Call, g *Group, a groupStartArgs) (*Results, error) {
	return g.every(c, a.FanOptions, func(c *kit.Call, h *Handle) (any, error) { return start(c, h, a.startArgs) })
}

type groupPutArgs struct {
	putArgs
	FanOptions
}

func groupPut(c *kit.Call, g *Group, a groupPutArgs) (*Results, error) {
	return g.every(c, a.FanOptions, func(c *kit.Call, h *Handle) (any, error) { return put(c, h, a.putArgs) })
}

type groupGetArgs struct {
	getArgs
	FanOptions
}

func groupGet(c *kit.Call, g *Group, a groupGetArgs) (*Results, error) {
	if len(g.hosts) > 1 && !strings.Contains(a.Target, "{host}") {
		return nil, fault.New(fault.Usage, "the copies of %d hosts would overwrite each other at %s", len(g.hosts), a.Target).
			WithHint("put {host} into the target")
	}
	return g.every(c, a.FanOptions, func(c *kit.Call, h *Handle) (any, error) { return get(c, h, a.getArgs) })
}

type groupSyncArgs struct {
	syncArgs
	FanOptions
}

func groupSync(c *kit.Call, g *Group, a groupSyncArgs) (*Results, error) {
	return g.every(c, a.FanOptions, func(c *kit.Call, h *Handle) (any, error) { return syncFolder(c, h, a.syncArgs) })
}

type groupReadArgs struct {
	readArgs
	FanOptions
}

func groupRead(c *kit.Call, g *Group, a groupReadArgs) (*Results, error) {
	return g.every(c, a.FanOptions, func(c *kit.Call, h *Handle) (any, error) { return read(c, h, a.readArgs) })
}

type groupWriteArgs struct {
	writeArgs
	FanOptions
}

func groupWrite(c *kit.Call, g *Group, a groupWriteArgs) (*Results, error) {
	return g.every(c, a.FanOptions, func(c *kit.Call, h *Handle) (any, error) { return write(c, h, a.writeArgs) })
}

type groupExistsArgs struct {
	existsArgs
	FanOptions
}

func groupExists(c *kit.Call, g *Group, a groupExistsArgs) (*Results, error) {
	return g.every(c, a.FanOptions, func(c *kit.Call, h *Handle) (any, error) { return exists(c, h, a.existsArgs) })
}

type groupFactsArgs struct {
	factsArgs
	FanOptions
}

func groupFacts(c *kit.Call, g *Group, a groupFactsArgs) (*Results, error) {
	return g.every(c, a.FanOptions, func(c *kit.Call, h *Handle) (any, error) { return facts(c, h, a.factsArgs) })
}
