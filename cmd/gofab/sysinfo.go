package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gofab/internal/fault"
	"gofab/internal/sysinfo"
	"gofab/internal/termsafe"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/inventory"
	"gofab/runtime/run"
)

// looker is what gofab sysinfo and gofab top have in common: hosts to look at,
// this machine when none are named.
type looker struct {
	app  *app
	json bool
}

func (l *looker) flags(c *cobra.Command) {
	l.app.runFlags(c.Flags())
}

// open begins the run. JSON is this command's own output, not the run's.
func (l *looker) open(cmd *cobra.Command) (*run.Run, error) {
	switch format, more := l.app.flags.output.standard(); {
	case more || format != "json" && format != run.Text:
		return nil, fault.New(fault.Usage, "-o %s: want text or json here", strings.Join(l.app.flags.output.formats, " "))
	case format == "json":
		l.json, l.app.flags.output.formats = true, nil
	}
	r, err := l.app.begin(cmd)
	if err != nil {
		return nil, err
	}
	if l.app.flags.target.hosts != "" {
		err = l.app.declareHosts(r)
	} else {
		err = r.Stage()
	}
	if err != nil {
		defer r.Close()
		return nil, l.app.finish(r, nil, err)
	}
	return r, nil
}

func (l *looker) targets() string {
	if l.app.flags.target.hosts == "" {
		return inventory.LocalName
	}
	return l.app.flags.target.hosts
}

// failed tells of the hosts that gave no answer.
func failed(r *run.Run, sights []host.Sight) (results []event.HostResult) {
	for _, s := range sights {
		state := event.OK
		if s.Error != nil {
			r.Problem(s.Error)
			state = host.StateOf(s.Error)
		}
		results = append(results, event.HostResult{Host: s.Host, State: state, Error: s.Error})
	}
	return results
}

func (a *app) sysinfoCommand() *cobra.Command {
	l := &looker{app: a}
	c := &cobra.Command{
		Use:   "sysinfo [-H TARGETS]",
		Short: "Describe machines on one page",
		Long: `Describe this machine, or hosts: system, processors, memory, disks, network.
Nothing is installed on a host; one command is run there.

  gofab sysinfo
  gofab sysinfo -H @web
  gofab sysinfo -H @web -o json | jq '.[].memory.percent'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return l.describe(cmd) },
	}
	l.flags(c)
	return c
}

func (l *looker) describe(cmd *cobra.Command) error {
	r, err := l.open(cmd)
	if err != nil {
		return err
	}
	defer r.Close()
	sights, err := r.Look(l.targets(), append(slices.Clone(sysinfo.FactParts), sysinfo.PartUsers)...)
	if err != nil {
		return l.app.finish(r, nil, err)
	}
	facts := map[string]any{}
	for i, s := range sights {
		if s.Error != nil {
			continue
		}
		f, err := s.System.Facts()
		if err != nil {
			sights[i].Error = err
			continue
		}
		facts[s.Host] = sysinfo.Plain(f)
		if !l.json {
			writePage(l.app.world.Out, s.Host, f, s.System.Users())
		}
	}
	if l.json {
		if err := writeJSON(l.app.world.Out, facts); err != nil {
			return l.app.finish(r, nil, err)
		}
	}
	return l.app.finish(r, failed(r, sights), nil)
}

func writeJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return fault.Wrap(fault.Failed, err, "cannot write the answer")
	}
	return nil
}

// writePage describes one machine.
func writePage(w io.Writer, name string, f sysinfo.Facts, users []sysinfo.User) {
	line := func(what, format string, args ...any) {
		fmt.Fprintf(w, "  %-9s %s\n", what, termsafe.Clean(fmt.Sprintf(format, args...)))
	}
	fmt.Fprintf(w, "%s\n", termsafe.Clean(name))
	line("system", "%s, %s %s, %s%s", or(f.Pretty, f.OS), f.OS, f.Kernel, f.Arch, inside(f))
	line("name", "%s", f.Hostname)
	line("up", "%s, since %s", span(f.Uptime), f.Booted.UTC().Format("2006-01-02 15:04 UTC"))
	line("cpu", "%s, %s%s, load %.2f %.2f %.2f", or(f.Model, "unknown"), counted(f.CPUs, "processor"), cores(f), f.Load[0], f.Load[1], f.Load[2])
	line("memory", "%s %5.1f%%  %s available of %s", bar(f.Memory.Percent, 20), f.Memory.Percent, bytesText(f.Memory.Available), bytesText(f.Memory.Total))
	if f.Swap.Total > 0 {
		line("swap", "%s %5.1f%%  %s used of %s", bar(f.Swap.Percent, 20), f.Swap.Percent, bytesText(f.Swap.Used), bytesText(f.Swap.Total))
	}
	for _, d := range f.Disks {
		line("disk", "%s %5.1f%%  %s free of %s  %s %s %s", bar(d.Percent, 20), d.Percent, bytesText(d.Free), bytesText(d.Total), d.MountPoint, d.Type, d.Device)
	}
	for _, i := range f.Interfaces {
		if text := addressesOf(i); text != "" && i.Up {
			line("network", "%-8s %s", i.Name, text)
		}
	}
	for _, u := range users {
		line("login", "%s on %s since %s %s", u.Name, u.Terminal, u.Started.UTC().Format("2006-01-02 15:04"), u.Host)
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func inside(f sysinfo.Facts) (text string) {
	if f.Virtualization != "" {
		text = ", virtual (" + f.Virtualization + ")"
	}
	if f.Container != "" {
		text += ", in a container (" + f.Container + ")"
	}
	return text
}

func cores(f sysinfo.Facts) string {
	if f.Cores == nil {
		return ""
	}
	return ", " + counted(*f.Cores, "core")
}

func addressesOf(i sysinfo.Interface) string {
	var list []string
	for _, a := range i.Addresses {
		list = append(list, fmt.Sprintf("%s/%d", a.Address, a.Prefix))
	}
	return strings.Join(list, " ")
}

// bar draws a percentage.
func bar(percent float64, width int) string {
	full := min(max(int(percent/100*float64(width)+0.5), 0), width)
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", width-full) + "]"
}

// bytesText is a size that people read.
func bytesText(n uint64) string {
	value, units := float64(n), "BKMGTPE"
	for value >= 1024 && len(units) > 1 {
		value, units = value/1024, units[1:]
	}
	if value >= 100 || units[0] == 'B' {
		return fmt.Sprintf("%.0f%c", value, units[0])
	}
	return fmt.Sprintf("%.1f%c", value, units[0])
}

// span is a time that people read.
func span(seconds float64) string {
	d := time.Duration(seconds) * time.Second
	if days := int(d.Hours() / 24); days > 0 {
		return fmt.Sprintf("%s %d:%02d", counted(days, "day"), int(d.Hours())%24, int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}
