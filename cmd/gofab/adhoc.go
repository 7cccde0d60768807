package main

import (
	"embed"

	"github.com/spf13/cobra"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/run"
	"gofab/runtime/task"
)

// Work that gofab does by itself on many hosts is written as it would be in a
// fabfile: as tasks, which have batches, limits, reports and exit codes already.
// Their names have a colon, so that no fabfile has them.

//go:embed adhoc/*.lua
var adhocScripts embed.FS

// adhoc runs a task of one of gofab's own scripts on the hosts that the flags
// name. prepare makes its arguments once the hosts are known.
func (a *app) adhoc(cmd *cobra.Command, script, name string, prepare func(hosts int) map[string]any) error {
	if a.flags.target.hosts == "" && a.flags.sandbox.hosts == "" {
		return fault.New(fault.Usage, "no hosts given").WithHint("gofab %s -H web1,web2 ...", cmd.Name())
	}
	source, err := adhocScripts.ReadFile("adhoc/" + script)
	if err != nil {
		return err
	}
	r, err := a.beginAdhoc(cmd)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := a.declareHosts(r); err != nil {
		return a.finish(r, nil, err)
	}
	if err := r.Evaluate(string(source), kit.StdlibPrefix+script, nil); err != nil {
		return a.finish(r, nil, err)
	}
	t, err := r.Tasks.Find(name)
	if err != nil {
		return a.finish(r, nil, err)
	}
	hosts, err := r.Select("all")
	if err != nil {
		return a.finish(r, nil, err)
	}
	results, err := r.Do([]task.Call{{Task: t, Values: prepare(len(hosts))}})
	return a.finish(r, results, err)
}

// beginAdhoc opens a run without a journal: there is no fabfile to go on with.
func (a *app) beginAdhoc(cmd *cobra.Command) (*run.Run, error) {
	o, err := a.options(cmd.Flags())
	if err != nil {
		return nil, err
	}
	o.Journal.Folder = ""
	return a.open(cmd.Context(), o)
}
