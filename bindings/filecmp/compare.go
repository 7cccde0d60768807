package filecmp

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/filecmp"
	"gofab/internal/machine"
)

func ignored() []string { return filecmp.Ignored }

// side is a file or a folder as a script names it.
type side struct {
	path string
	on   machine.Machine
}

// LuaType names what FromLua takes.
func (s *side) LuaType() string { return "string|{path: string, on: host?}" }

// FromLua reads a path, or {path =, on =}.
func (s *side) FromLua(value any) error {
	switch v := value.(type) {
	case string:
		s.path = v
	case map[string]any:
		for key, item := range v {
			var ok bool
			switch key {
			case "path":
				s.path, ok = item.(string)
			case "on":
				s.on, ok = item.(machine.Machine)
			default:
				return fmt.Errorf("unknown key %q (path and on are known)", key)
			}
			if !ok {
				return fmt.Errorf("%s: wrong type", key)
			}
		}
	default:
		return fmt.Errorf("want a path or {path =, on = host}")
	}
	if s.path == "" {
		return fmt.Errorf("the path is empty")
	}
	return nil
}

// folder is the side as the engine takes it.
func (s side) folder(c *kit.Call) filecmp.Side {
	if s.on == nil {
		return filecmp.Local{Path: c.Path(s.path)}
	}
	return filecmp.Remote{On: s.on, Path: s.path}
}

// parent is the folder that a file is in, and its name there.
func (s side) parent() (side, string) {
	dir, name := path.Split(strings.TrimRight(s.path, "/"))
	if dir == "" {
		dir = "."
	}
	return side{dir, s.on}, name
}

type pairArgs struct {
	A side `lua:"a,arg1" doc:"The left side: a path, or {path =, on = host}."`
	B side `lua:"b,arg2" doc:"The right side."`
}

type equalArgs struct {
	pairArgs
	Shallow bool `lua:"shallow" default:"false" doc:"Files of the same size and time are the same; no byte is read then."`
}

// equal looks at the two files alone, wherever they are.
func equal(c *kit.Call, a equalArgs) (bool, error) {
	if a.A.on == nil && a.B.on == nil && !a.Shallow {
		return filecmp.EqualFiles(c.Context, c.Path(a.A.path), c.Path(a.B.path))
	}
	left, leftName := a.A.parent()
	right, rightName := a.B.parent()
	x, err := filecmp.Find(c.Context, left.folder(c), leftName)
	if err != nil {
		return false, err
	}
	y, err := filecmp.Find(c.Context, right.folder(c), rightName)
	if err != nil {
		return false, err
	}
	switch {
	case x.Kind != filecmp.File || y.Kind != filecmp.File:
		return false, fault.New(fault.Usage, "%s is a %s, %s a %s; files are compared", a.A.path, x.Kind, a.B.path, y.Kind).
			WithHint("filecmp.dirs compares folders")
	case x.Size != y.Size:
		return false, nil
	case a.Shallow && x.Modified.Equal(y.Modified):
		return true, nil
	}
	return sameSums(c.Context, left.folder(c), leftName, right.folder(c), rightName)
}

func sameSums(ctx context.Context, left filecmp.Side, leftName string, right filecmp.Side, rightName string) (bool, error) {
	a, problems, err := left.Sums(ctx, []string{leftName})
	if err == nil && problems[leftName] != "" {
		err = fault.New(fault.Denied, "cannot read %s in %s: %s", leftName, left.Name(), problems[leftName])
	}
	if err != nil {
		return false, err
	}
	b, problems, err := right.Sums(ctx, []string{rightName})
	if err == nil && problems[rightName] != "" {
		err = fault.New(fault.Denied, "cannot read %s in %s: %s", rightName, right.Name(), problems[rightName])
	}
	return a[leftName] == b[rightName], err
}

// options are what comparisons of folders have in common.
type options struct {
	Ignore  []string `lua:"ignore" default:"" doc:"Names and patterns to leave out: without / at any depth, with / from the top, ** over folders."`
	Shallow bool     `lua:"shallow" default:"false" doc:"Files of the same size and time are the same, as Python has it; others are read."`
	By      string   `lua:"by" default:"content" enum:"content|hash" doc:"Compare byte by byte, or SHA-256 sums; on hosts it is always sums."`
	Follow  bool     `lua:"follow" default:"false" doc:"Go through links, instead of comparing where they point."`
	Compare []string `lua:"compare" default:"" doc:"What counts beside content: mode, owner, time."`
	Workers int      `lua:"workers" default:"0" doc:"Files compared at once; 0 takes one for each processor."`
}

func (o options) engine() (filecmp.Options, error) {
	out := filecmp.Options{Ignore: o.Ignore, Shallow: o.Shallow, Hash: o.By == "hash", Follow: o.Follow, Workers: o.Workers}
	for _, name := range o.Compare {
		switch name {
		case "content":
		case "mode":
			out.Mode = true
		case "owner":
			out.Owner = true
		case "time":
			out.Time = true
		default:
			return out, fault.New(fault.Usage, "compare: %q is not one of content, mode, owner, time", name)
		}
	}
	return out, nil
}

type dirsArgs struct {
	pairArgs
	options
	Recursive bool `lua:"recursive" default:"true" doc:"Also what is in the folders that both have."`
}

func dirs(c *kit.Call, a dirsArgs) (*filecmp.Result, error) {
	o, err := a.engine()
	if err != nil {
		return nil, err
	}
	o.Top = !a.Recursive
	return filecmp.Compare(c.Context, a.A.folder(c), a.B.folder(c), o)
}

type filesArgs struct {
	pairArgs
	Names   []string `lua:"names" doc:"Names of files that both folders should have."`
	Shallow bool     `lua:"shallow" default:"false" doc:"Files of the same size and time are the same."`
}

type filesResult struct {
	Same      []string `lua:"same" doc:"Files with the same content."`
	Different []string `lua:"different" doc:"Files that differ."`
	Errors    []string `lua:"errors" doc:"Names that are not there on both sides, are no files, or cannot be read."`
}

func files(c *kit.Call, a filesArgs) (filesResult, error) {
	out := filesResult{Same: []string{}, Different: []string{}, Errors: []string{}}
	r, err := filecmp.Compare(c.Context, a.A.folder(c), a.B.folder(c), filecmp.Options{Shallow: a.Shallow, Follow: true, Top: !deep(a.Names)})
	if err != nil {
		return out, err
	}
	states := map[string]filecmp.Item{}
	for _, item := range r.Items {
		states[item.Path] = item
	}
	for _, name := range a.Names {
		switch item := states[path.Clean(name)]; {
		case item.State == filecmp.Same && item.Left == filecmp.File:
			out.Same = append(out.Same, name)
		case item.State == filecmp.Different && item.Left == filecmp.File:
			out.Different = append(out.Different, name)
		default:
			out.Errors = append(out.Errors, name)
		}
	}
	return out, nil
}

// deep says that a name lies below a folder.
func deep(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(path.Clean(n), "/") })
}
