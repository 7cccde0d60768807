package main

import (
	"strings"

	"github.com/spf13/cobra"

	"gofab/internal/fault"
	"gofab/internal/suggest"
	"gofab/runtime/inventory"
	"gofab/runtime/run"
)

// inventoryCommand shows the hosts there are and what holds for them.
type inventoryCommand struct {
	*app
	host    string
	explain bool
	format  string
}

var inventoryFormats = []string{"text", "json", "yaml", "ansible"}

func (a *app) inventoryCommand() *cobra.Command {
	i := &inventoryCommand{app: a}
	c := &cobra.Command{
		Use:   "inventory [FILE]",
		Short: "Show hosts and groups, and where their values come from",
		Long: `Show the groups and hosts of a fabfile, or of what -I names, with what holds for each
host. --explain tells of every value where it was said and what it overrode, the
settings of ssh_config included.

-o json and -o yaml write a file that -I reads again, -o ansible what Ansible takes from
a program. No host is asked for anything.`,
		Example: `  gofab inventory
  gofab inventory -I hosts.yaml -H '@web & !web3'
  gofab inventory -I hosts.ini --host web1 --explain`,
		Args: cobra.MaximumNArgs(1),
		RunE: i.run,
	}
	c.Flags().StringVar(&i.host, "host", "", "show the values of this host")
	c.Flags().BoolVar(&i.explain, "explain", false, "tell where every value is from")
	c.Flags().StringVarP(&i.format, "output", "o", "text", "what to print: "+strings.Join(inventoryFormats, ", "))
	for _, g := range []flagGroup{&a.flags.target, &a.flags.remote, &a.flags.link, &a.flags.sandbox} {
		g.declare(c.Flags())
	}
	return c
}

func (i *inventoryCommand) run(cmd *cobra.Command, words []string) error {
	if err := i.check(); err != nil {
		return err
	}
	r, err := i.open(cmd, words)
	if err != nil {
		return err
	}
	defer r.Close()
	err = i.show(r)
	if err == nil {
		err = r.Ended()
	}
	return i.finish(r, nil, err)
}

func (i *inventoryCommand) check() error {
	for _, name := range inventoryFormats {
		if name == i.format {
			return nil
		}
	}
	e := fault.New(fault.Usage, "-o %s: no such format", i.format).WithHint("one of %s", strings.Join(inventoryFormats, ", "))
	if near := suggest.Nearest(i.format, inventoryFormats); near != "" {
		e.Message += " (did you mean " + near + "?)"
	}
	return e
}

// open declares the hosts: those of the script that is named, else of -I or of
// the fabfile.
func (i *inventoryCommand) open(cmd *cobra.Command, words []string) (*run.Run, error) {
	i.flags.output.formats = nil // those of a run are other ones
	i.flags.fan.forks, i.flags.fan.timeout = 32, "0"
	if len(words) == 1 {
		if err := i.readable(words[0]); err != nil {
			return nil, err
		}
	}
	r, err := i.begin(cmd)
	if err != nil {
		return nil, err
	}
	if len(words) == 1 {
		err = r.Load(words[0], nil)
	} else {
		err = i.declareHosts(r)
	}
	if err != nil {
		err = i.finish(r, nil, err)
		r.Close()
		return nil, err
	}
	return r, nil
}

func (i *inventoryCommand) show(r *run.Run) error {
	if i.host != "" {
		return i.showHost(r)
	}
	hosts, err := r.Targets(r.Context, inventory.All)
	if err != nil {
		if len(r.Hosts.Hosts()) == 0 && i.flags.target.hosts == "" {
			return fault.New(fault.Usage, "there are no hosts").WithHint("gofab inventory -I hosts.yaml, or declare them in %s", Fabfile)
		}
		return err
	}
	if i.explain {
		return i.explainAll(r, hosts)
	}
	view := r.Hosts.View(hosts)
	switch i.format {
	case "json":
		return i.printJSON(view.Data())
	case "yaml":
		return i.printYAML(view.Data())
	case "ansible":
		return i.printJSON(view.Ansible())
	default:
		return i.printTree(view)
	}
}

func (i *inventoryCommand) showHost(r *run.Run) error {
	h := r.Hosts.Host(i.host)
	if h == nil && len(r.Hosts.Hosts()) == 0 { // where nothing was declared every name is a host
		found, err := r.Hosts.Select(r.Context, i.host)
		if err != nil {
			return err
		}
		h = found[0]
	}
	if h == nil {
		return r.Hosts.NoHost(i.host)
	}
	if i.explain {
		return i.explainAll(r, []*inventory.Host{h})
	}
	switch view := r.Hosts.View([]*inventory.Host{h}); i.format {
	case "json":
		return i.printJSON(view.HostData(h))
	case "yaml":
		return i.printYAML(view.HostData(h))
	case "ansible":
		return i.printJSON(view.AnsibleHost(h))
	default:
		return i.printHost(h)
	}
}
