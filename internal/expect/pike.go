package expect

import "regexp/syntax"

// finder looks for the match of one pattern in a text that comes character by
// character, with its groups. It is the simulation by Pike: threads in the
// order of their preference, each with the groups it has seen.
//
// A free finder begins at every place and stops at the first match; that is
// where the match begins. An anchored one begins at one place only, and goes on
// as long as a thread is left that is preferred to its match: then it is
// settled.
type finder struct {
	*program
	start   uint32
	free    bool
	slots   int
	threads []thread
	spare   []thread
	seen    instSet
	before  side
	best    []int64 // nil before a match
}

type thread struct {
	pc  uint32
	cap []int64 // shared between threads: copied before it is changed
}

func newFinder(p *program, pattern int, at int64, before side, free bool) *finder {
	f := &finder{program: p, start: p.starts[pattern], slots: 2 * len(p.groups[pattern]), before: before, free: free}
	if free {
		f.slots = 2 // its groups do not matter
	}
	f.seen.clear(len(p.inst))
	f.seed(at)
	f.harvest(at)
	return f
}

// settled says that more text cannot change the match.
func (f *finder) settled() bool { return f.best != nil && len(f.threads) == 0 }

func (f *finder) seed(at int64) {
	cap := make([]int64, f.slots)
	for i := range cap {
		cap[i] = -1
	}
	cap[0] = at
	f.follow(f.start, at, cap, unknown)
}

// feed takes the next character, which lies at a place in the text.
func (f *finder) feed(r rune, at int64, size int) {
	if f.decide(r, at); f.settled() {
		return
	}
	f.before = sideOf(r)
	f.swap()
	for _, t := range f.spare {
		if in := &f.inst[t.pc]; takes(in, r) {
			f.follow(in.Out, at+int64(size), t.cap, unknown)
		}
	}
	if f.free && f.best == nil {
		f.seed(at + int64(size))
	}
	f.harvest(at + int64(size))
}

// finish says that the text ends here, or that no more is waited for.
func (f *finder) finish(at int64) {
	f.decide(end, at)
	f.threads = f.threads[:0]
}

// decide follows the assertions that waited for the next character.
func (f *finder) decide(next rune, at int64) {
	waiting := false
	for _, t := range f.threads {
		waiting = waiting || f.inst[t.pc].Op == syntax.InstEmptyWidth
	}
	if !waiting {
		return
	}
	f.swap()
	for _, t := range f.spare {
		f.follow(t.pc, at, t.cap, next)
	}
	f.harvest(at)
}

// swap makes the threads the spare ones and begins a new list.
func (f *finder) swap() {
	f.threads, f.spare = f.spare[:0], f.threads
	f.seen.clear(len(f.inst))
}

// follow adds the threads that an instruction leads to, the preferred first.
func (f *finder) follow(pc uint32, at int64, cap []int64, next rune) {
	for !f.seen.has(pc) {
		f.seen.put(pc)
		in := &f.inst[pc]
		switch in.Op {
		case syntax.InstAlt:
			f.follow(in.Out, at, cap, next)
			pc = in.Arg
			continue
		case syntax.InstNop:
		case syntax.InstCapture:
			if int(in.Arg) < f.slots {
				cap = append([]int64(nil), cap...)
				cap[in.Arg] = at
			}
		case syntax.InstEmptyWidth:
			if next == unknown && waits(in) {
				f.threads = append(f.threads, thread{pc, cap})
				return
			}
			if next == unknown && !holdsSoFar(in, f.before) || next != unknown && !holds(in, f.before, next) {
				return
			}
		case syntax.InstFail:
			return
		default:
			f.threads = append(f.threads, thread{pc, cap})
			return
		}
		pc = in.Out
	}
}

// harvest takes the match of the most preferred thread that has one, and ends
// the threads that cannot be better.
func (f *finder) harvest(at int64) {
	for i, t := range f.threads {
		if f.inst[t.pc].Op != syntax.InstMatch {
			continue
		}
		f.best = append([]int64(nil), t.cap...)
		f.best[1] = at
		f.threads = f.threads[:i]
		if f.free {
			f.threads = f.threads[:0]
		}
		return
	}
}
