package run

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"slices"

	"gofab/runtime/event"
	"gofab/runtime/inventory"
)

// TargetOptions say which hosts there are and which of them a run is about.
type TargetOptions struct {
	Hosts   string   // takes the place of what tasks say: -H
	Limit   string   // only these of them
	Exclude string   // these not
	Sample  Sample   // a random choice of the rest
	Sources []string // inventories: files, folders, programs, name1,name2,
}

// Sample is a number of hosts or a share of them; the zero value is all.
type Sample struct {
	Count int
	Share float64 // percent
	Seed  uint64
}

// None says that all hosts are meant.
func (s Sample) None() bool { return s.Count == 0 && s.Share == 0 }

// of tells how many of n hosts are meant; of some at least one.
func (s Sample) of(n int) int {
	if s.None() {
		return n
	}
	if s.Share > 0 {
		return min(n, int(math.Ceil(float64(n)*s.Share/100)))
	}
	return min(n, s.Count)
}

// Select finds the hosts of a task: -H takes the place of what it says, but a
// task of this machine stays here.
func (r *Run) Select(expr string) ([]*inventory.Host, error) {
	if expr == inventory.LocalName {
		return r.Hosts.Select(r.Context, expr)
	}
	return r.Targets(r.Context, expr)
}

// Targets finds the hosts that a run is about: those of -H or else of the
// expression, with --limit, --exclude and --sample.
func (r *Run) Targets(ctx context.Context, expr string) ([]*inventory.Host, error) {
	r.asked.Store(true)
	o := r.options.Target
	if o.Hosts != "" {
		expr = o.Hosts
	}
	whole := expr
	if o.Limit != "" || o.Exclude != "" {
		if err := inventory.Check(expr); err != nil { // alone, before more is put around it
			return nil, err
		}
	}
	if o.Limit != "" {
		whole = "(" + whole + ") & (" + o.Limit + ")"
	}
	if o.Exclude != "" {
		whole = "(" + whole + ") & !(" + o.Exclude + ")"
	}
	hosts, err := r.Hosts.Select(ctx, whole)
	if err != nil {
		return nil, err
	}
	r.tellSeed()
	return o.Sample.choose(hosts), nil
}

// tellSeed says how the same sample is taken again.
func (r *Run) tellSeed() {
	s := r.options.Target.Sample
	if !s.None() && r.seedTold.CompareAndSwap(false, true) {
		r.Events.Emit(event.Log{Level: event.Info, Text: fmt.Sprintf("hosts are chosen by chance; --seed %d chooses the same ones", s.Seed)})
	}
}

// Heed warns when the command line named hosts, and a script without tasks did
// not ask for them.
func (r *Run) Heed() {
	o := r.options.Target
	if !r.asked.Load() && (o.Hosts != "" || o.Limit != "" || o.Exclude != "" || !o.Sample.None()) {
		r.Events.Emit(event.Warning{
			Text: "the script has no tasks, and takes its hosts from itself: -H, --limit, --exclude and --sample had no effect",
			Hint: "a script asks for the hosts of the command line with targets(\"@web\")",
		})
	}
}

// choose keeps some hosts by chance: those whose names come first under a
// function of the seed, so that all tasks of a run choose alike.
func (s Sample) choose(hosts []*inventory.Host) []*inventory.Host {
	n := s.of(len(hosts))
	if n == len(hosts) {
		return hosts
	}
	ranked := slices.Clone(hosts)
	slices.SortFunc(ranked, func(a, b *inventory.Host) int { return cmp.Compare(s.rank(a), s.rank(b)) })
	chosen := map[*inventory.Host]bool{}
	for _, h := range ranked[:n] {
		chosen[h] = true
	}
	return slices.DeleteFunc(slices.Clone(hosts), func(h *inventory.Host) bool { return !chosen[h] })
}

func (s Sample) rank(h *inventory.Host) uint64 {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%d\x00%s", s.Seed, h.Name)
	return mix(hash.Sum64())
}

// mix spreads close hashes apart.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
