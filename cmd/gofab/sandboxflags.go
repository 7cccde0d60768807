package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"gofab/internal/fault"
	"gofab/runtime/run"
)

// sandboxFlags say whether hosts are embedded ones.
type sandboxFlags struct {
	hosts string // "" is no sandbox, "on" one, else a number of hosts
	dir   string
}

func (f *sandboxFlags) declare(set *pflag.FlagSet) {
	set.StringVar(&f.hosts, "sandbox", "", "reach every host in an embedded one; =N makes sandbox1 to sandboxN where the script names none")
	set.Lookup("sandbox").NoOptDefVal = "on"
	set.StringVar(&f.dir, "sandbox-dir", "", "keep the sandbox hosts' homes in this folder")
}

func (f *sandboxFlags) apply(o *run.Options) error {
	o.Sandbox = run.SandboxOptions{On: f.hosts != "", Dir: f.dir, Count: 1}
	if f.hosts == "" || f.hosts == "on" {
		return nil
	}
	n := &o.Sandbox.Count
	if _, err := fmt.Sscanf(f.hosts+"\n", "%d\n", n); err != nil || *n < 1 || *n > 10000 {
		return fault.New(fault.Usage, "--sandbox=%s: want a number of hosts", f.hosts)
	}
	return nil
}
