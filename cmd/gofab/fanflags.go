package main

import (
	"time"

	"github.com/spf13/pflag"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/run"
)

// fanFlags say how a run goes through its hosts.
type fanFlags struct {
	forks   int
	timeout string
}

func (f *fanFlags) declare(set *pflag.FlagSet) {
	set.IntVarP(&f.forks, "forks", "f", 32, "hosts at once")
	set.StringVar(&f.timeout, "timeout", "0", "limit for the whole run: 90, 30s, 10m; 0 is none")
}

func (f *fanFlags) apply(o *run.Options) error {
	if f.forks < 1 {
		return fault.New(fault.Usage, "-f %d: at least one host at once", f.forks)
	}
	o.Forks = f.forks
	var err error
	o.Timeout, err = duration("--timeout", f.timeout)
	return err
}

// duration reads the value of a flag.
func duration(flag, text string) (time.Duration, error) {
	d, err := kit.ParseDuration(text)
	if err != nil {
		return 0, fault.New(fault.Usage, "%s: %v", flag, err)
	}
	return d, nil
}
