package docmodel

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
	"gofab/internal/testenv"
)

// dns is a module with everything a model can have.
func dns() Module {
	server := Param{Name: "server", Type: "string", Doc: "Name server.", Default: "127.0.0.1"}
	return Module{
		Name: "dns", Doc: "Ask name servers. Zones as well.", Source: "Go",
		Funcs: []Func{{
			Name: "query", Doc: "Ask for one record type.", Named: true,
			Params: []Param{
				{Name: "name", Type: "string", Doc: "Domain name.", Positional: 1, Required: true},
				{Name: "type", Type: "string", Doc: "Record type.", Positional: 2, Default: "A", Enum: []string{"A", "MX"}},
				server,
				{Name: "edns", Type: "table", Doc: "Extension.", Fields: []Param{{Name: "size", Type: "integer", Doc: "Buffer."}}},
				{Name: "end", Type: "table[]", Doc: "A keyword.", Fields: []Param{{Name: "at", Type: "integer", Doc: "Place.", Required: true}}},
			},
			Results:  []Result{{Type: "table[]", Fields: []Param{{Name: "ttl", Type: "integer", Doc: "Seconds | life."}}}},
			Examples: []string{"dns.query(\"example.org\")"},
			Errors:   []string{"timeout"},
		}, {
			Name: "join", Doc: "Join labels.", Params: []Param{{Name: "labels", Type: "string[]", Doc: "Labels.", Rest: true}},
			Results: []Result{{Type: "string"}},
		}},
		Types: []Type{{
			Name: "zone", Doc: "A zone.", Fields: []Param{{Name: "name", Type: "string", Doc: "Its name."}},
			Methods: []Func{{
				Name: "add", Doc: "Add a record.", Method: true, Named: true,
				Params: []Param{{Name: "end", Type: "string", Doc: "The record.", Positional: 1, Required: true}},
			}},
		}},
		Values: []Result{{Name: "PORT", Type: "integer", Doc: "The port."}},
	}
}

func shelf() *Library {
	return &Library{
		Modules: []Module{dns(), {Name: "fab", Global: true, Doc: "Tasks.", Funcs: []Func{{
			Name: "task", Doc: "Declare.", Params: []Param{
				{Name: "name", Type: "string", Doc: "Name.", Positional: 1, Required: true},
				{Name: "options", Type: "table", Doc: "Options.", Positional: 2},
				{Name: "body", Type: "function", Doc: "Work.", Positional: 3, Required: true},
			},
		}}}},
		Pages: []Page{{Name: "errors", Doc: "Kinds.", Rows: []Row{{"timeout", "Too late."}}}},
	}
}

func TestLookup(t *testing.T) {
	l := shelf()
	for name, want := range map[string]string{
		"dns": "dns", "dns.query": "dns.query", "task": "task", "zone": "zone",
		"zone:add": "zone:add", "zone.add": "zone:add", "errors": "errors",
	} {
		if e, err := l.Lookup(name); err != nil || e.FullName() != want {
			t.Errorf("%s: got %s, %v", name, e.FullName(), err)
		}
	}
	_, err := l.Lookup("dns.qurey")
	if fault.KindOf(err) != fault.NotFound || !strings.Contains(err.Error(), `did you mean "dns.query"?`) {
		t.Errorf("got %v", err)
	}
	if _, err = l.Lookup("z:add"); fault.From(err).Hint != "gofab doc zone:add" {
		t.Errorf("got %v, hint %q", err, fault.From(err).Hint)
	}
	want := []string{"dns", "dns.join", "dns.query", "errors", "fab", "task", "zone", "zone:add"}
	if diff := cmp.Diff(want, l.Names()); diff != "" {
		t.Error(diff)
	}
}

func TestCall(t *testing.T) {
	l := shelf()
	for name, want := range map[string]string{
		"dns.query": "dns.query(name [, type [, options]])",
		"dns.join":  "dns.join([...])",
		"zone:add":  "zone:add(end)",
		"task":      "task(name [, options], body)",
	} {
		e, err := l.Lookup(name)
		if err != nil || e.Call() != want {
			t.Errorf("%s: got %s, %v", name, e.Call(), err)
		}
	}
}

// TestTerminalKeepsItsWidth renders everything at several widths: no line is
// wider, except one that is a single word or code.
func TestTerminalKeepsItsWidth(t *testing.T) {
	l := shelf()
	for _, width := range []int{40, 60, 80, 120} {
		texts := []string{l.Terminal(width)}
		for _, name := range l.Names() {
			e, err := l.Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, e.Terminal(width))
		}
		for _, line := range strings.Split(strings.Join(texts, ""), "\n") {
			if termsafe.Width(line) > width && !strings.Contains(line, "gofab doc MODULE") {
				t.Errorf("width %d: %q", width, line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("blanks at the end: %q", line)
			}
		}
	}
}

func TestMarkdown(t *testing.T) {
	files := shelf().Markdown()
	for name, parts := range map[string][]string{
		"README.md": {Generated, "| [dns](dns.md) | Ask name servers |", "[errors](errors.md)"},
		"errors.md": {"| `timeout` | Too late. |"},
		"dns.md": {
			"# dns", "## dns.query", "| `server` | string | Name server. Default: 127.0.0.1. |",
			`Seconds \| life.`, "Raises `timeout`.", "## Objects: zone", "### zone:add", "| `dns.PORT` | integer | The port. |",
		},
	} {
		for _, part := range parts {
			if !strings.Contains(files[name], part) {
				t.Errorf("%s lacks %q:\n%s", name, part, files[name])
			}
		}
	}
}

func TestLuaLS(t *testing.T) {
	files := shelf().LuaLS()
	for _, part := range []string{
		"---@meta", "---@class dnslib", "---@field PORT integer The port.", "dns = {}",
		"---@class (exact) dns.query.options", "---@field server? string Name server.",
		"---@field edns? dns.query.edns", "---@field end? dns.query.end[]", "---@field at integer Place.",
		`---@param type? "A"|"MX"`, "---@return dns.query.result[]",
		"---@overload fun(arguments: dns.query.arguments): dns.query.result[]",
		"---@overload fun(self: zone, arguments: zone.add.arguments)",
		"---@param ... string Labels.", "function dns.query(name, type, options) end", "function zone_object:add(end_) end",
	} {
		if !strings.Contains(files["dns.lua"], part) {
			t.Errorf("no %q in\n%s", part, files["dns.lua"])
		}
	}
	if want := "---@overload fun(name: string, body: function)\nfunction task(name, options, body) end"; !strings.Contains(files["fab.lua"], want) {
		t.Errorf("no %q in\n%s", want, files["fab.lua"])
	}
	luac := testenv.Require(t, "luac5.1")
	for name, text := range files {
		cmd := exec.Command(luac, "-p", "-")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
