package main

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"gofab/internal/fault"
	"gofab/runtime/inventory"
	"gofab/runtime/run"
)

// targetFlags say which hosts there are, and which of them a run is about.
type targetFlags struct {
	sources []string
	hosts   string
	limit   string
	exclude string
	sample  string
	seed    string
}

func (f *targetFlags) declare(set *pflag.FlagSet) {
	set.StringArrayVarP(&f.sources, "inventory", "I", nil, "hosts from a file, a folder, a program, a fabfile (.lua) or name1,name2, (may be repeated)")
	set.StringVarP(&f.hosts, "hosts", "H", "", "targets instead of the tasks' own: web1,web2 or \"@web & !web3\"")
	set.StringVarP(&f.limit, "limit", "l", "", "only these of the targets")
	set.StringVarP(&f.exclude, "exclude", "x", "", "these of the targets not")
	set.StringVar(&f.sample, "sample", "", "so many of the targets, by chance: 3 or 10%")
	set.StringVar(&f.seed, "seed", "", "choose by --sample as the run did that printed this number")
}

// declareHosts declares the hosts of a command without a script: those of -I, else
// those of the fabfile here or above.
func (a *app) declareHosts(r *run.Run) error {
	file := findFabfile(a.world.Dir())
	if len(a.flags.target.sources) > 0 || file == "" {
		return r.Stage()
	}
	return r.Load(file, nil)
}

func (f *targetFlags) apply(o *run.Options) error {
	o.Target = run.TargetOptions{Hosts: f.hosts, Limit: f.limit, Exclude: f.exclude, Sources: f.sources}
	for _, flag := range [][2]string{{"-H", f.hosts}, {"--limit", f.limit}, {"--exclude", f.exclude}} {
		if flag[1] == "" {
			continue
		}
		if err := inventory.Check(flag[1]); err != nil {
			e := *fault.From(err)
			e.Op = flag[0]
			return &e
		}
	}
	return f.applySample(o)
}

func (f *targetFlags) applySample(o *run.Options) error {
	if f.sample == "" {
		return nil
	}
	s := &o.Target.Sample
	text, share := strings.CutSuffix(f.sample, "%")
	n, err := strconv.ParseFloat(text, 64)
	whole := n == float64(int(n))
	switch {
	case err != nil || n <= 0 || !share && !whole || share && n > 100:
		return fault.New(fault.Usage, "--sample %s: want a number of hosts such as 3, or a share such as 10%%", f.sample)
	case share:
		s.Share = n
	default:
		s.Count = int(n)
	}
	if s.Seed = uint64(rand.Uint32()); f.seed != "" {
		if s.Seed, err = strconv.ParseUint(f.seed, 10, 64); err != nil {
			return fault.New(fault.Usage, "--seed %s: want the number that a run with --sample has printed", f.seed)
		}
	}
	return nil
}

func hostNames(hosts []*inventory.Host) []string {
	names := make([]string, len(hosts))
	for i, h := range hosts {
		names[i] = h.Name
	}
	return names
}
