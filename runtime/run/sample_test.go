package run

import (
	"fmt"
	"slices"
	"testing"

	"gofab/runtime/inventory"
)

func manyHosts(n int) []*inventory.Host {
	var hosts []*inventory.Host
	for i := range n {
		hosts = append(hosts, &inventory.Host{Name: fmt.Sprintf("web%d", i)})
	}
	return hosts
}

func TestHowManyASampleIs(t *testing.T) {
	for _, c := range []struct {
		sample Sample
		of     int
		want   int
	}{
		{Sample{}, 10, 10}, {Sample{Count: 3}, 10, 3}, {Sample{Count: 30}, 10, 10}, {Sample{Share: 10}, 10, 1}, {Sample{Share: 10}, 11, 2},
		{Sample{Share: 1}, 3, 1}, {Sample{Share: 100}, 7, 7}, {Sample{Share: 50}, 0, 0},
	} {
		if got := len(c.sample.choose(manyHosts(c.of))); got != c.want {
			t.Errorf("%+v of %d is %d, want %d", c.sample, c.of, got, c.want)
		}
	}
}

// A seed chooses the same hosts again, in the order of the inventory; of a part
// of the hosts no other one is chosen as long as the chosen ones are in it.
func TestSamplesAreStable(t *testing.T) {
	all := manyHosts(100)
	s := Sample{Count: 5, Seed: 7}
	first := s.choose(all)
	if !slices.Equal(first, s.choose(all)) || !slices.IsSortedFunc(first, func(a, b *inventory.Host) int {
		return slices.Index(all, a) - slices.Index(all, b)
	}) {
		t.Errorf("chose %v", first)
	}
	half := slices.DeleteFunc(slices.Clone(all), func(h *inventory.Host) bool {
		return slices.Index(all, h)%2 == 0 && !slices.Contains(first, h)
	})
	if !slices.Equal(first, s.choose(half)) {
		t.Errorf("of a part with all of %v another choice was made", first)
	}
	if slices.Equal(first, Sample{Count: 5, Seed: 8}.choose(all)) {
		t.Error("another seed chooses the same")
	}
}

// Every host has the same chance.
func TestSamplesAreFair(t *testing.T) {
	all, times := manyHosts(10), map[*inventory.Host]int{}
	for seed := range uint64(2000) {
		for _, h := range (Sample{Count: 3, Seed: seed}).choose(all) {
			times[h]++
		}
	}
	for _, h := range all {
		if n := times[h]; n < 500 || n > 700 {
			t.Errorf("%s was chosen %d times of 2000, want about 600", h.Name, n)
		}
	}
}
