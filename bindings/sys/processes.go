package sys

import (
	"os"

	"gofab/bindings/kit"
	"gofab/internal/sysinfo"
)

// usual are the fields when none are asked for: those that cost little.
var usual = []string{"pid", "ppid", "name", "username", "status", "create_time", "cmdline", "rss", "memory_percent", "num_threads", "cpu_user", "cpu_system"}

type processesArgs struct {
	Fields fieldNames `lua:"fields" default:"" doc:"Names of the fields to read, or \"all\"; see process:info. The cheap ones when absent."`
	Name   string     `lua:"name" default:"" doc:"Only those of this name."`
	User   string     `lua:"user" default:"" doc:"Only those of this user."`
	Port   int        `lua:"port" default:"0" doc:"Only those that have this local TCP or UDP port open."`
	onOptions
}

func processes(c *kit.Call, a processesArgs) ([]*sysinfo.Info, error) {
	fields := expand(a.Fields)
	parts := []sysinfo.Part{sysinfo.PartProcesses}
	if a.On != nil {
		parts = append(parts, sysinfo.PartProcessIO)
	}
	if a.Port != 0 {
		parts = append(parts, sysinfo.PartConnections)
	}
	s, err := a.from(c, parts...)
	if err != nil {
		return nil, err
	}
	f := sysinfo.Filter{Name: a.Name, User: a.User}
	if a.Port != 0 {
		if f.PIDs, err = listeners(s, a.Port); err != nil {
			return nil, err
		}
	}
	return s.Processes(c.Context, fields, f)
}

// expand reads the list of fields: none are the usual ones, "all" are all.
func expand(fields []string) []string {
	switch {
	case len(fields) == 0:
		return usual
	case len(fields) == 1 && fields[0] == "all":
		return sysinfo.Fields()
	}
	return fields
}

func listeners(s *sysinfo.System, port int) (map[int]bool, error) {
	found := map[int]bool{}
	all, err := s.Connections("inet")
	for _, x := range all {
		if x.PID != nil && x.Local.Port == port {
			found[*x.PID] = true
		}
	}
	return found, err
}

func pids(c *kit.Call, a onOptions) ([]int, error) {
	return ask(c, a, sure((*sysinfo.System).PIDs), sysinfo.PartProcesses)
}

type pidArgs struct {
	PID int `lua:"pid,arg1" doc:"Number of the process."`
}

func pidExists(c *kit.Call, a pidArgs) (bool, error) {
	s, err := sysinfo.Local(c.World.Getenv)
	if err != nil {
		return false, err
	}
	_, err = s.Process(a.PID)
	return err == nil, nil
}

type processArgs struct {
	PID int `lua:"pid,arg1" default:"0" doc:"Number of the process; gofab's own when absent."`
}

func process(c *kit.Call, a processArgs) (*sysinfo.Process, error) {
	if a.PID == 0 {
		a.PID = os.Getpid()
	}
	s, err := sysinfo.Local(c.World.Getenv)
	if err != nil {
		return nil, err
	}
	return s.Process(a.PID)
}

// Branch is a process with what it started.
type Branch struct {
	PID      int       `lua:"pid" doc:"Its number."`
	Name     string    `lua:"name" doc:"Its name."`
	Children []*Branch `lua:"children" doc:"What it started, as the same kind of tables."`
}

type treeArgs struct {
	PID int `lua:"pid,arg1" default:"1" doc:"Process to begin with."`
	onOptions
}

func tree(c *kit.Call, a treeArgs) (*Branch, error) {
	s, err := a.from(c, sysinfo.PartProcesses)
	if err != nil {
		return nil, err
	}
	if _, err := s.Process(a.PID); err != nil {
		return nil, err
	}
	list, err := s.Processes(c.Context, []string{"ppid", "name"}, sysinfo.Filter{})
	if err != nil {
		return nil, err
	}
	branches := map[int]*Branch{}
	for _, i := range list {
		branches[i.PID] = &Branch{PID: i.PID, Name: *i.Name}
	}
	for _, i := range list {
		if parent := branches[*i.PPID]; parent != nil && i.PID != *i.PPID {
			parent.Children = append(parent.Children, branches[i.PID])
		}
	}
	return branches[a.PID], nil
}
