package dnsclient

import (
	"slices"
	"sync"
	"time"
)

// cache keeps answers as long as their zones allow, those of absent names too
// (RFC 2308). Failures are not kept.
type cache struct {
	mu      sync.Mutex
	answers map[Question]cached
}

type cached struct {
	answer *Answer
	kept   time.Time
	until  time.Time
}

const (
	maxCached = 10000
	longest   = 24 * time.Hour
)

// find gives a copy of an answer with what is left of its TTLs.
func (c *cache) find(q Question, now time.Time) *Answer {
	q.Name = key(q.Name)
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.answers[q]
	if !ok || !now.Before(known.until) {
		delete(c.answers, q)
		return nil
	}
	a := *known.answer
	age := uint32(now.Sub(known.kept) / time.Second)
	a.Records, a.Chain = aged(a.Records, age), aged(a.Chain, age)
	a.Cached, a.Tried, a.Elapsed = true, nil, 0
	return &a
}

func aged(records []Record, age uint32) []Record {
	out := slices.Clone(records)
	for i := range out {
		out[i].TTL -= min(age, out[i].TTL)
	}
	return out
}

// keep remembers an answer; when there are too many, some other goes.
func (c *cache) keep(a *Answer, now time.Time) {
	ttl := time.Duration(a.MinTTL()) * time.Second
	if ttl == 0 || a.Status.failed() || a.Message == nil || a.Message.Has("tc") {
		return
	}
	q := a.Question
	q.Name = key(q.Name)
	c.mu.Lock()
	defer c.mu.Unlock()
	for other := range c.answers {
		if len(c.answers) < maxCached {
			break
		}
		delete(c.answers, other)
	}
	c.answers[q] = cached{a, now, now.Add(min(ttl, longest))}
}
