package httpclient

import (
	"math"
	"slices"
	"time"
)

// Summary is what several probes of one URL have in common.
type Summary struct {
	URL    string        `lua:"url" doc:"What was probed."`
	Count  int           `lua:"count" doc:"How many probes there were."`
	OK     int           `lua:"ok" doc:"How many of them were as expected."`
	Min    time.Duration `lua:"min" doc:"Shortest total time of those that got an answer, in seconds; 0 without any."`
	Avg    time.Duration `lua:"avg" doc:"Mean of their total times."`
	Max    time.Duration `lua:"max" doc:"Longest total time."`
	P50    time.Duration `lua:"p50" doc:"Half of them were as fast, or faster."`
	P95    time.Duration `lua:"p95" doc:"95 % of them were as fast, or faster."`
	P99    time.Duration `lua:"p99" doc:"99 % of them were as fast, or faster."`
	Probes []Report      `lua:"probes" doc:"The probes one by one."`
}

// Summarize sums probes up.
func Summarize(url string, probes []Report) Summary {
	s := Summary{URL: url, Count: len(probes), Probes: probes}
	var times []time.Duration
	var sum time.Duration
	for _, p := range probes {
		if p.OK {
			s.OK++
		}
		if p.Failure == "" {
			times = append(times, p.Time.Total)
			sum += p.Time.Total
		}
	}
	if len(times) == 0 {
		return s
	}
	slices.Sort(times)
	s.Min, s.Max, s.Avg = times[0], times[len(times)-1], sum/time.Duration(len(times))
	s.P50, s.P95, s.P99 = percentile(times, 50), percentile(times, 95), percentile(times, 99)
	return s
}

// percentile takes the nearest rank of sorted times.
func percentile(times []time.Duration, p float64) time.Duration {
	rank := int(math.Ceil(p / 100 * float64(len(times))))
	return times[max(rank, 1)-1]
}
