package replay

import (
	"slices"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// Module declares doubles of hosts for tests.
func Module() *kit.Module {
	return &kit.Module{
		Name: "replay",
		Doc:  "Let something else answer in the place of hosts: a recorded run, or what a test has written by hand.",
		Funcs: []kit.Func{
			kit.Fn("answers", "Have hosts answer as a table says: by name of the host (\"*\" is any other), by command. "+
				"A command is the text that the script gives to h:run, or \"~\" and a regular expression; of several that match, the longest "+
				"one counts. An answer is a text (standard output), an exit code, true, a table with stdout, stderr, code, signal, timed_out "+
				"or error (a kind such as \"unreachable\"), a function(command, options) that gives one of these, or a list of them for one "+
				"run after the other. The table under `files` has contents by path. What is written on such a host can be read there again.",
				answers).With(answersExample),
			kit.Fn("load", "Have hosts answer from a record, which `gofab --record FILE` writes.", load),
			kit.Fn("ran", "List the commands that hosts were given since the last answers, load or off.", ran).With(ranExample),
			kit.Fn("left", "List the commands that were recorded or written by hand and that nobody has run, by host.", left),
			kit.Fn("off", "Let hosts answer for themselves again.", off),
			kit.Fn("current", "Give what answers now, to be put back with use.", current),
			kit.Fn("use", "Put back what answered before.", use),
		},
		Types: []kit.Type{kit.TypeOf[*Double]("double", "What answers in the place of hosts.")},
	}
}

const answersExample = `replay.answers{
  web1 = {
    ["uname -s"] = "Linux\n",
    ["systemctl is-active nginx"] = { code = 3, stdout = "inactive\n" },
    ["~^systemctl restart "] = true,
    ["date +%s"] = { "100\n", "160\n" },
    files = { ["/etc/motd"] = "hello\n" },
  },
}
local h = host("web1")
assert(h:run("uname -s").stdout == "Linux\n")
assert(h:run("systemctl is-active nginx", { check = false }).code == 3)
h:sudo("systemctl restart nginx")
assert(h:run("date +%s").stdout == "100\n" and h:run("date +%s").stdout == "160\n")
assert(h:read("/etc/motd") == "hello\n")
h:write("app.conf", "port = 80\n")
assert(h:read("app.conf") == "port = 80\n")`

const ranExample = `replay.answers{ ["*"] = { ["~^rm "] = true } }
hosts("web1, web2"):run("rm -f old")
local ran = replay.ran("web2")
assert(#ran == 1 and ran[1].command == "rm -f old")`

type answersArgs struct {
	Hosts map[string]any `lua:"hosts,arg1" doc:"Tables of commands and answers, by name of the host."`
}

func answers(c *kit.Call, a answersArgs) (kit.None, error) {
	d, err := ByHand(a.Hosts)
	if err != nil {
		return kit.None{}, err
	}
	StageOf(c.Env).Put(d)
	return kit.None{}, nil
}

type loadArgs struct {
	File   string      `lua:"file,arg1" doc:"The record."`
	Ignore kit.Strings `lua:"ignore" default:"" doc:"Regular expressions of texts that may differ between a recorded command and one that is run, such as times and random names."`
}

func load(c *kit.Call, a loadArgs) (kit.None, error) {
	d, err := FromRecord(c.Path(a.File), c.Secrets, a.Ignore)
	if err != nil {
		return kit.None{}, err
	}
	StageOf(c.Env).Put(d)
	return kit.None{}, nil
}

type hostArgs struct {
	Host string `lua:"host,arg1" default:"" doc:"Name of a host; all of them when left out."`
}

func ran(c *kit.Call, a hostArgs) ([]Ran, error) {
	d, err := onStage(c)
	if err != nil {
		return nil, err
	}
	return d.Ran(a.Host), nil
}

type noArgs struct{}

func left(c *kit.Call, _ noArgs) (map[string][]string, error) {
	d, err := onStage(c)
	if err != nil {
		return nil, err
	}
	all := d.Left()
	for _, list := range all {
		slices.Sort(list)
	}
	return all, nil
}

func onStage(c *kit.Call) (*Double, error) {
	d := StageOf(c.Env).Double()
	if d == nil {
		return nil, fault.New(fault.Usage, "hosts answer for themselves").WithHint("replay.answers or replay.load first")
	}
	return d, nil
}

func off(c *kit.Call, _ noArgs) (kit.None, error) {
	StageOf(c.Env).Put(nil)
	return kit.None{}, nil
}

func current(c *kit.Call, _ noArgs) (*Double, error) { return StageOf(c.Env).Double(), nil }

type useArgs struct {
	Double *Double `lua:"double,arg1" default:"" doc:"What current gave; nil lets hosts answer for themselves."`
}

func use(c *kit.Call, a useArgs) (kit.None, error) {
	if s := StageOf(c.Env); s.Double() != a.Double {
		s.Put(a.Double)
	}
	return kit.None{}, nil
}
