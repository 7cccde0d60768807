package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/rollout"
	"gofab/runtime/host"
	"gofab/runtime/run"
	"gofab/runtime/task"
)

// fanFlags say how a run goes through its hosts, for what its tasks leave open.
type fanFlags struct {
	forks           int
	timeout         string
	serial          bool
	strategy        string
	order           string
	batch           string
	maxFail         string
	pause           string
	skipUnreachable bool
}

func (f *fanFlags) declare(set *pflag.FlagSet) {
	set.IntVarP(&f.forks, "forks", "f", 32, "hosts at once")
	set.StringVar(&f.timeout, "timeout", "0", "limit for the whole run: 90, 30s, 10m; 0 is none")
	set.BoolVar(&f.serial, "serial", false, "one host after the other; the first failure stops the rest")
	set.StringVar(&f.strategy, "strategy", task.Linear, "linear: all hosts end a task before the next begins; free: each host at its own pace")
	set.StringVar(&f.order, "order", rollout.AsGiven, "order of the hosts: "+strings.Join(rollout.Orders, ", "))
	set.StringVar(&f.batch, "batch", "", "sizes of batches that go one after the other: 1,10%,50%; the last one repeats")
	set.StringVar(&f.maxFail, "max-fail", "", "failures that are tolerated, a number or a share: 2, 5%")
	set.StringVar(&f.pause, "pause", "0", "wait between two batches: 30, 30s, 10m")
	set.BoolVar(&f.skipUnreachable, "skip-unreachable", false, "hosts that cannot be reached are skipped and are no failure")
}

func (f *fanFlags) apply(o *run.Options) error {
	if f.forks < 1 {
		return fault.New(fault.Usage, "-f %d: at least one host at once", f.forks)
	}
	o.Forks, o.Fan.Serial = f.forks, f.serial
	if f.skipUnreachable {
		o.Fan.OnUnreachable = host.Skip
	}
	var err error
	if o.Timeout, err = duration("--timeout", f.timeout); err != nil {
		return err
	}
	if o.Fan.Pause, err = duration("--pause", f.pause); err != nil {
		return err
	}
	if o.Fan.Strategy, err = oneOf("--strategy", f.strategy, task.Linear, task.Free); err != nil {
		return err
	}
	if o.Fan.Order, err = oneOf("--order", f.order, rollout.Orders...); err != nil {
		return err
	}
	return f.applyAmounts(o)
}

func (f *fanFlags) applyAmounts(o *run.Options) (err error) {
	if f.batch != "" {
		if o.Fan.Rolling, err = rollout.ParseAmounts(f.batch); err != nil {
			return fault.New(fault.Usage, "--batch: %v", err)
		}
	}
	if f.maxFail != "" {
		most, err := rollout.ParseAmount(f.maxFail)
		if err != nil {
			return fault.New(fault.Usage, "--max-fail: %v", err)
		}
		o.Fan.MaxFail = &most
	}
	return nil
}

// oneOf checks a flag that takes one of a few words.
func oneOf(flag, word string, words ...string) (string, error) {
	if !slices.Contains(words, word) {
		return "", fault.New(fault.Usage, "%s %s: not one of %s", flag, word, strings.Join(words, ", "))
	}
	return word, nil
}

// duration reads the value of a flag.
func duration(flag, text string) (time.Duration, error) {
	d, err := kit.ParseDuration(text)
	if err != nil {
		return 0, fault.New(fault.Usage, "%s: %v", flag, err)
	}
	return d, nil
}
