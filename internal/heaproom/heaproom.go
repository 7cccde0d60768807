// Package heaproom spares a program with a small heap most of its garbage
// collections. Go collects when the heap has doubled, which for 5 MB of live
// data is every few hundred logins; with room to grow it is every few thousand,
// for a fixed price in memory. A heap larger than the room is collected as Go
// does it by itself.
package heaproom

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// usual is Go's own target: a heap may double.
const usual = 100

// Keep lets the heap grow by so many bytes between two collections, however
// little lives, from now on and for the whole process.
func Keep(room uint64) {
	t := &tuner{room: room, percent: usual}
	t.collected()
}

type tuner struct {
	room    uint64 // bytes
	percent int    // as given to the collector
}

// sentinel is garbage from the beginning: its end tells of a collection.
type sentinel struct{ _ *byte }

// collected follows each collection with the target for the next one.
func (t *tuner) collected() {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if p := percent(sample[0].Value.Uint64(), t.room); p != t.percent {
		t.percent = p
		debug.SetGCPercent(p)
	}
	runtime.AddCleanup(&sentinel{}, (*tuner).collected, t)
}

// percent tells by how much of itself a heap may grow so that the room is kept.
// Go counts a heap as 4 MB at the least. Steps of 50 keep it from being set anew
// all the time, since the world stops for that.
func percent(live, room uint64) int {
	p := int(room * 100 / max(live, 4<<20))
	return max(p-p%50, usual)
}
