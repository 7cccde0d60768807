package rollout

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gofab/internal/testenv"
)

// script is what happens to the items of a generated rollout.
type script struct {
	n      int
	fates  [][]Ending // by stage and item; absent where the stage is not for it
	closed int        // the gate after this batch is closed; 0 is none
	plan   Plan
}

func (s script) String() string {
	return fmt.Sprintf("%d items, forks %d, serial %v, batches %v, max_fail %v, gate closed after %d, fates %v",
		s.n, s.plan.Forks, s.plan.Serial, s.plan.Batches, s.plan.MaxFail, s.closed, s.fates)
}

// generate makes a rollout of any shape.
func generate(random *rand.Rand, most int) script {
	s := script{n: random.IntN(most + 1)}
	kinds := [][]Ending{{Well}, {Well, Well, Well, Failed}, {Well, Failed, Flawed, Out}}[random.IntN(3)]
	for range 1 + random.IntN(3) {
		stage := make([]Ending, s.n)
		for i := range stage {
			stage[i] = kinds[random.IntN(len(kinds))]
			if len(s.fates) > 0 && random.IntN(6) == 0 {
				s.fates[random.IntN(len(s.fates))][i] = absent
			}
		}
		s.fates = append(s.fates, stage)
	}
	s.plan.Forks = random.IntN(6)
	s.plan.Serial = random.IntN(5) == 0
	for range random.IntN(4) {
		s.plan.Batches = append(s.plan.Batches, amount(random))
	}
	if random.IntN(2) == 0 {
		a := amount(random)
		s.plan.MaxFail = &a
	}
	s.closed = random.IntN(5)
	return s
}

func amount(random *rand.Rand) Amount {
	if random.IntN(2) == 0 {
		return Amount{Percent: float64(1 + random.IntN(100)), Share: true}
	}
	return Amount{Count: 1 + random.IntN(5)}
}

// absent is the fate of an item that a stage is not for.
const absent Ending = -1

var errClosed = errors.New("closed")

// watch goes through a script and checks on the way what holds for every plan.
type watch struct {
	script
	t       *testing.T
	working atomic.Int64
	mu      sync.Mutex
	began   []string
	batches []Batch
	gates   int
}

func (w *watch) run(ctx context.Context) Result {
	stages := make([]Stage, len(w.fates))
	for at := range stages {
		stages[at] = Stage{
			On: func(i int) bool { return w.fates[at][i] != absent },
			Do: func(_ context.Context, i int) Ending { return w.do(at, i) },
		}
	}
	p := w.plan
	p.Begin = func(b Batch) { w.batches = append(w.batches, b) }
	p.Gate = func(_ context.Context, b Batch) error {
		w.gates++
		if w.working.Load() != 0 {
			w.t.Errorf("%v: the gate was asked while items worked", w.script)
		}
		if b.Number == w.closed {
			return errClosed
		}
		return nil
	}
	return Run(ctx, w.n, p, stages...)
}

func (w *watch) do(stage, i int) Ending {
	most := int64(max(w.plan.Forks, 1))
	if w.plan.Serial {
		most = 1
	}
	if now := w.working.Add(1); now > most {
		w.t.Errorf("%v: %d at once", w.script, now)
	}
	defer w.working.Add(-1)
	w.mu.Lock()
	w.began = append(w.began, fmt.Sprintf("%d.%d", stage, i))
	w.mu.Unlock()
	return w.fates[stage][i]
}

// Random plans, one item at a time, against a model that goes through them in
// the plainest way.
func TestAgainstModel(t *testing.T) {
	random := rand.New(rand.NewPCG(testenv.Seed(t), 1))
	for range 8_000 {
		s := generate(random, 12)
		s.plan.Forks = 1
		w := &watch{script: s, t: t}
		got := w.run(t.Context())
		want := s.model()
		if !slices.Equal(got.Endings, want.endings) || !slices.Equal(w.began, want.began) || (got.Stop != nil) != want.stopped {
			t.Fatalf("%v\n got %v, began %v, stop %v\nwant %v, began %v, stop %v",
				s, got.Endings, w.began, got.Stop, want.endings, want.began, want.stopped)
		}
	}
}

// Random plans with many at once: the promises of the package hold.
func TestManyAtOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(testenv.Seed(t), 1))
	for range 2_000 {
		s := generate(random, 60)
		w := &watch{script: s, t: t}
		got := w.run(t.Context())
		w.check(got)
		if t.Failed() {
			t.FailNow()
		}
	}
}

// check compares how each item ended with what was done to it.
func (w *watch) check(got Result) {
	done := map[int][]Ending{}
	for _, entry := range w.began {
		var stage, i int
		_, _ = fmt.Sscanf(entry, "%d.%d", &stage, &i)
		done[i] = append(done[i], w.fates[stage][i])
	}
	bad := 0
	for i, e := range got.Endings {
		want := Well
		for _, did := range done[i] {
			want = after(want, did)
		}
		if want.bad() {
			bad++
		}
		whole := len(done[i]) == w.stagesOf(i) || want == Failed || want == Out
		switch {
		case e == Skipped && got.Stop != nil && !whole && (len(done[i]) == 0 || w.plan.Serial):
		case e != want || len(done[i]) == 0:
			w.t.Errorf("%v\nitem %d ended %d after %v, stop %v", w.script, i, e, done[i], got.Stop)
		}
	}
	w.checkStop(got, bad)
}

func (s script) stagesOf(i int) (n int) {
	for _, stage := range s.fates {
		if stage[i] != absent {
			n++
		}
	}
	return n
}

func (w *watch) checkStop(got Result, bad int) {
	exceeded := w.plan.MaxFail != nil && bad > w.plan.MaxFail.floor(w.n)
	if (exceeded || w.plan.Serial && bad > 0) && got.Stop == nil {
		w.t.Errorf("%v\n%d failures did not stop it", w.script, bad)
	}
	if got.Stop == nil && slices.Contains(got.Endings, Skipped) {
		w.t.Errorf("%v\nitems were skipped without a reason: %v", w.script, got.Endings)
	}
}

// after is how an item stands that stood so before a stage.
func after(before, did Ending) Ending {
	switch {
	case before != Flawed:
		return did
	case did == Out || did == Failed:
		return Failed
	default:
		return Flawed
	}
}

// model is the same rollout, written down as simply as can be.
type model struct {
	endings []Ending
	began   []string
	stopped bool
}

func (s script) model() model {
	m := model{endings: make([]Ending, s.n)}
	begun := make([]bool, s.n)
	failures, strict := 0, false
	batches := Batches(s.n, s.plan.Batches)
	for _, b := range batches {
		for stage := range s.fates {
			for i := b.First; i < b.End; i++ {
				before := m.endings[i]
				if before == Failed || before == Out || before == Skipped || s.fates[stage][i] == absent {
					continue
				}
				if m.stopped && (strict || !begun[i]) {
					if before != Flawed {
						m.endings[i] = Skipped
					}
					continue
				}
				begun[i] = true
				m.began = append(m.began, fmt.Sprintf("%d.%d", stage, i))
				fate := s.fates[stage][i]
				m.endings[i] = after(before, fate)
				if (fate == Failed || fate == Flawed) && before == Well {
					failures++
					if s.plan.Serial {
						m.stopped, strict = true, true
					} else if s.plan.MaxFail != nil && failures > s.plan.MaxFail.floor(s.n) {
						m.stopped = true
					}
				}
			}
		}
		if m.stopped {
			continue
		}
		part := m.endings[b.First:b.End]
		bad := slices.Contains(part, Failed) || slices.Contains(part, Flawed)
		if s.plan.MaxFail == nil && b.Left > 0 && bad && !slices.Contains(part, Well) || b.Number == s.closed {
			m.stopped = true
		}
	}
	return m
}

func TestBatches(t *testing.T) {
	for _, c := range []struct {
		n     int
		sizes string
		want  string
	}{
		{0, "", ""}, {5, "", "5"}, {5, "1", "1 1 1 1 1"}, {20, "1,10%,50%", "1 2 10 7"}, {3, "10%", "1 1 1"},
		{7, "100%", "7"}, {7, "50", "7"}, {7, "2,3", "2 3 2"}, {1000, "33.3%", "333 333 333 1"},
	} {
		var sizes []Amount
		if c.sizes != "" {
			var err error
			if sizes, err = ParseAmounts(c.sizes); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, b := range Batches(c.n, sizes) {
			got = append(got, fmt.Sprint(b.End-b.First))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%d in %s: %v, want %s", c.n, c.sizes, got, c.want)
		}
	}
}

func TestAmounts(t *testing.T) {
	for _, text := range []string{"", "x", "-1", "10 %%", "101%", "-1%", "NaN%", "1.5", "1,,2", "0", "0%", "1,0"} {
		if got, err := ParseAmounts(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
	list, err := ParseAmounts(" 1, 2.5 % ,100%")
	if err != nil || fmt.Sprint(list) != "[1 2.5% 100%]" {
		t.Errorf("%v, %v", list, err)
	}
	var a Amount
	for _, bad := range []any{-1.0, 1.5, true, nil, []any{1.0}, "many", 1e18} {
		if err := a.FromLua(bad); err == nil {
			t.Errorf("%v was read as %v", bad, a)
		}
	}
	var s Sizes
	if err := s.FromLua([]any{1.0, "10%"}); err != nil || fmt.Sprint(s) != "[1 10%]" {
		t.Errorf("%v, %v", s, err)
	}
	if err := s.FromLua("5%"); err != nil || fmt.Sprint(s) != "[5%]" {
		t.Errorf("%v, %v", s, err)
	}
	for _, bad := range []any{[]any{0.0}, []any{"x"}, map[string]any{"a": 1.0}} {
		if err := s.FromLua(bad); err == nil {
			t.Errorf("%v was read as %v", bad, s)
		}
	}
}

func TestArrange(t *testing.T) {
	for order, want := range map[string]string{AsGiven: "[3 1 2]", Reverse: "[2 1 3]", Sorted: "[1 2 3]"} {
		list := []int{3, 1, 2}
		Arrange(list, order, func(a, b int) int { return a - b })
		if fmt.Sprint(list) != want {
			t.Errorf("%s: %v", order, list)
		}
	}
	seen := map[string]bool{}
	for range 400 {
		list := []int{1, 2, 3}
		Arrange(list, Random, func(a, b int) int { return a - b })
		seen[fmt.Sprint(list)] = true
	}
	if len(seen) != 6 {
		t.Errorf("orders by chance: %v", seen)
	}
}

// clock counts the pauses and ends a context at one of them.
type clock struct {
	waits []time.Duration
	at    int
	end   context.CancelCauseFunc
}

func (c *clock) Wait(ctx context.Context, d time.Duration) error {
	c.waits = append(c.waits, d)
	if len(c.waits) == c.at {
		c.end(errClosed)
	}
	return context.Cause(ctx)
}

func TestPauses(t *testing.T) {
	c := &clock{}
	p := Plan{Batches: []Amount{{Count: 2}}, Pause: time.Hour, Sleep: c.Wait}
	Run(t.Context(), 5, p, Stage{Do: func(context.Context, int) Ending { return Well }})
	if len(c.waits) != 2 || c.waits[0] != time.Hour {
		t.Errorf("pauses between three batches: %v", c.waits)
	}
}

// The end of the context in a pause, at a gate and during the work: all items
// that had no turn are cancelled, and Run returns.
func TestCancelled(t *testing.T) {
	for _, where := range []string{"pause", "gate", "work"} {
		ctx, end := context.WithCancelCause(t.Context())
		p := Plan{Forks: 2, Batches: []Amount{{Count: 2}}, Pause: time.Hour, Sleep: (&clock{at: 1, end: end}).Wait}
		if where == "gate" {
			p.Gate = func(ctx context.Context, _ Batch) error {
				end(errClosed)
				<-ctx.Done()
				return context.Cause(ctx)
			}
		}
		r := Run(ctx, 5, p, Stage{Do: func(ctx context.Context, i int) Ending {
			if where == "work" {
				end(errClosed)
				<-ctx.Done()
			}
			return Well
		}})
		if want := []Ending{Well, Well, Cancelled, Cancelled, Cancelled}; !slices.Equal(r.Endings[2:], want[2:]) || r.Stop != nil {
			t.Errorf("%s: %v, %v", where, r.Endings, r.Stop)
		}
	}
}

func TestRealPauseEndsWithTheContext(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	p := Plan{Batches: []Amount{{Count: 1}}, Pause: time.Hour}
	began := make(chan bool, 2)
	p.Gate = func(context.Context, Batch) error { began <- true; return nil }
	go func() { <-began; end(errClosed) }()
	r := Run(ctx, 2, p, Stage{Do: func(context.Context, int) Ending { return Well }})
	if r.Endings[1] != Cancelled {
		t.Error(r.Endings)
	}
}

func BenchmarkEngine(b *testing.B) {
	for _, forks := range []int{1, 32, 500} {
		b.Run(fmt.Sprintf("10000-items-forks-%d", forks), func(b *testing.B) {
			p := Plan{Forks: forks, Batches: []Amount{{Count: 1}, {Percent: 10, Share: true}}}
			for b.Loop() {
				Run(b.Context(), 10_000, p, Stage{Do: func(context.Context, int) Ending { return Well }})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/item")
		})
	}
}
