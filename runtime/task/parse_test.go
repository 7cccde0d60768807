package task_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/fault"
	"gofab/runtime/task"
)

// sample is a set with arguments of every kind.
func sample(t *testing.T) *task.Set {
	t.Helper()
	s := task.NewSet()
	for _, one := range []*task.Task{
		{Name: "deploy", Aliases: []string{"d"}, Args: []task.Arg{
			{Name: "version", Type: task.String, Short: "V", Required: true},
			{Name: "force", Type: task.Boolean},
			{Name: "restart", Type: task.Boolean, Default: true},
			{Name: "count", Type: task.Integer, Default: 2.0},
			{Name: "wait_time", Type: task.Duration},
			{Name: "tag", Type: task.List},
			{Name: "verbose", Type: task.Count, Short: "v"},
			{Name: "tier", Type: task.String, Choices: []string{"web", "db"}},
			{Name: "log", Type: task.String, Short: "l", Optional: true},
		}},
		{Name: "copy", Args: []task.Arg{
			{Name: "from", Type: task.String, Positional: 1, Required: true},
			{Name: "to", Type: task.String, Positional: 2, Default: "."},
			{Name: "more", Type: task.String, Rest: true},
		}},
		{Name: "move", Args: []task.Arg{{Name: "to", Type: task.String, Positional: 1}}},
		{Name: "test"},
	} {
		if err := s.Add(one); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestParse(t *testing.T) {
	base := map[string]any{"force": false, "restart": true, "count": 2.0, "tag": []any{}, "verbose": 0.0, "version": "1"}
	with := func(changes map[string]any) map[string]any {
		out := map[string]any{}
		for k, v := range base {
			out[k] = v
		}
		for k, v := range changes {
			out[k] = v
		}
		return out
	}
	for line, want := range map[string][]map[string]any{
		"deploy --version 1":               {with(nil)},
		"d -V1":                            {with(nil)},
		"deploy -V=1 --force --no-restart": {with(map[string]any{"force": true, "restart": false})},
		"deploy --version=1 --count 7 --wait-time 2m": {with(map[string]any{"count": 7.0, "wait_time": 120.0})},
		"deploy --version 1 --wait_time 90":           {with(map[string]any{"wait_time": 90.0})},
		"deploy --version 1 --tag a --tag b -vvv":     {with(map[string]any{"tag": []any{"a", "b"}, "verbose": 3.0})},
		"deploy --version 1 --force=false --tier web": {with(map[string]any{"tier": "web"})},
		"deploy --version 1 --count -3":               {with(map[string]any{"count": -3.0})},
		"deploy --version 1 test":                     {with(nil), {}},
		"deploy --version 1 --log test":               {with(map[string]any{"log": true}), {}},
		"deploy --version 1 --log=x -v":               {with(map[string]any{"log": "x", "verbose": 1.0})},
		"deploy --version 1 -l -v":                    {with(map[string]any{"log": true, "verbose": 1.0})},
		"deploy --version 1 -lx":                      {with(map[string]any{"log": "x"})},
		"copy a":                                      {{"from": "a", "to": ".", "more": []any{}}},
		"copy a b c d":                                {{"from": "a", "to": "b", "more": []any{"c", "d"}}},
		"move":                                        {{}},
		"move test":                                   {{"to": "test"}},
		"test -- -x --y z":                            {{"remainder": []any{"-x", "--y", "z"}}},
	} {
		calls, err := sample(t).Parse(strings.Fields(line))
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		got := make([]map[string]any, len(calls))
		for i, c := range calls {
			got[i] = c.Values
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", line, diff)
		}
	}
}

// TestParseHints: flags of gofab behind a task are a common slip, and an
// argument without a text leaves no colon behind.
func TestParseHints(t *testing.T) {
	_, err := sample(t).Parse([]string{"deploy", "--version", "1", "--connect-timeout", "2"})
	if hint := fault.From(err).Hint; !strings.Contains(hint, "flags of gofab itself stand before the task") {
		t.Errorf("hint %q", hint)
	}
	for line, want := range map[string]string{"deploy": "task deploy: missing --version", "copy": "task copy: missing argument <from>"} {
		if _, err := sample(t).Parse([]string{line}); err == nil || err.Error() != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestParseMistakes(t *testing.T) {
	for line, want := range map[string]string{
		"deploy":                           "missing --version",
		"deploy --version":                 "--version needs a value",
		"deploy --version 1 --version 2":   "--version is given twice",
		"deploy --version 1 --verison 2":   "unknown option --verison (did you mean --version?)",
		"deploy --version 1 --count x":     `"x" is not a whole number`,
		"deploy --version 1 --count 1.5":   `"1.5" is not a whole number`,
		"deploy --version 1 --force=may":   `"may" is not true or false`,
		"deploy --version 1 --tier mail":   `"mail" is not one of web, db`,
		"deploy --version 1 --wait-time x": `"x" is not a duration`,
		"deploy --version 1 -x":            "unknown option -x",
		"deplyo --version 1":               `no task "deplyo" (did you mean "deploy"?)`,
		"copy":                             "missing argument <from>",
		"move a b":                         `no task "b"`,
		"-- x":                             "nothing takes what follows --",
	} {
		_, err := sample(t).Parse(strings.Fields(line))
		if err == nil || !strings.Contains(err.Error(), want) || fault.KindOf(err) != fault.Usage {
			t.Errorf("%s: got %v (%s), want %q", line, err, fault.KindOf(err), want)
		}
	}
}

func TestHelpNeedsNoArguments(t *testing.T) {
	calls, err := sample(t).Parse([]string{"deploy", "--help"})
	if err != nil || len(calls) != 1 || !calls[0].Help {
		t.Errorf("got %v, %v", calls, err)
	}
}

func TestNamespaces(t *testing.T) {
	s := task.NewSet()
	add := func(name string, isDefault bool) {
		if err := s.Add(&task.Task{Name: name, Default: isDefault}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Enter("db"); err != nil {
		t.Fatal(err)
	}
	add("back_up", true)
	add("restore", false)
	s.Leave()
	add("restore", false)
	for name, want := range map[string]string{
		"db.back_up": "db.back_up", "db.back-up": "db.back_up", "db": "db.back_up", "db.restore": "db.restore", "restore": "restore",
	} {
		if got, err := s.Find(name); err != nil || got.Name != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if err := s.Add(&task.Task{Name: "restore"}); err == nil || !strings.Contains(err.Error(), "declared twice") {
		t.Errorf("got %v", err)
	}
	for _, bad := range []string{"", "-x", "a b", "a/b"} {
		if err := s.Add(&task.Task{Name: bad}); fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestPlan(t *testing.T) {
	s := task.NewSet()
	version := task.Arg{Name: "version", Type: task.String, Required: true}
	for _, one := range []*task.Task{
		{Name: "build", Args: []task.Arg{version}},
		{Name: "lint"},
		{Name: "upload", Needs: task.Needs{{Task: "build"}, {Task: "lint"}}, Args: []task.Arg{version}},
		{Name: "deploy", Needs: task.Needs{{Task: "lint"}, {Task: "upload"}}, Post: task.Needs{{Task: "notify"}}, Args: []task.Arg{version}},
		{Name: "notify"},
		{Name: "a", Needs: task.Needs{{Task: "b"}}}, {Name: "b", Needs: task.Needs{{Task: "a"}}},
		{Name: "lost", Needs: task.Needs{{Task: "biuld"}}},
		{Name: "poor", Needs: task.Needs{{Task: "build"}}},
	} {
		if err := s.Add(one); err != nil {
			t.Fatal(err)
		}
	}
	plan := func(words ...string) (string, error) {
		calls, err := s.Parse(words)
		if err != nil {
			t.Fatal(err)
		}
		steps, err := s.Plan(calls)
		var names []string
		for _, step := range steps {
			names = append(names, step.Task.Name)
			if v := step.Values["version"]; step.Task.Name == "build" && v != "7" {
				t.Errorf("build got version %v", v)
			}
		}
		return strings.Join(names, " "), err
	}
	if got, err := plan("deploy", "--version", "7"); got != "lint build upload deploy notify" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := plan("lint", "deploy", "--version", "7"); got != "lint build upload deploy notify" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	for _, c := range [][2]string{{"a", "a -> b -> a"}, {"lost", `did you mean "build"`}, {"poor", "task poor needs it"}} {
		if _, err := plan(c[0]); err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: got %v, want %q", c[0], err, c[1])
		}
	}
}
