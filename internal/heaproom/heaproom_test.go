package heaproom

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
)

func TestPercent(t *testing.T) {
	const room = 32 << 20
	for live, want := range map[uint64]int{0: 800, 4 << 20: 800, 10 << 20: 300, 20 << 20: 150, 32 << 20: 100, 1 << 30: 100} {
		if got := percent(live, room); got != want {
			t.Errorf("%d MB live: %d %%, want %d", live>>20, got, want)
		}
	}
}

// roomOfChild is set in the processes that count, since Keep is for good.
const roomOfChild = "GOFAB_HEAP_ROOM"

func TestMain(m *testing.M) {
	text, counting := os.LookupEnv(roomOfChild)
	if !counting {
		os.Exit(m.Run())
	}
	if room, _ := strconv.ParseUint(text, 10, 64); room > 0 {
		Keep(room)
	}
	fmt.Print(countCollections())
}

// garbage is where things are for a moment.
var garbage []byte

// countCollections makes 400 MB of garbage and tells how often it is collected.
func countCollections() uint32 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 4000 {
		garbage = make([]byte, 100<<10)
	}
	runtime.ReadMemStats(&after)
	return after.NumGC - before.NumGC
}

func TestCollectionsAreFew(t *testing.T) {
	if n := collections(t, 64<<20); n > 10 { // 400 MB are 6 times the room; without it they are 90 times 4 MB
		t.Errorf("%d collections", n)
	}
}

func collections(t *testing.T, room uint64) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roomOfChild+"="+strconv.FormatUint(room, 10), "GOGC=100")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(string(out))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
