package expect

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// maxStates bounds the memory of one automaton: about 2 MB.
const maxStates = 1024

// state is where all patterns are after the output so far. States are made
// when they are first reached.
type state struct {
	ascii [128]*state
	wide  map[rune]*state
	set   []uint32 // instructions that want a character, and assertions that wait for one
	hits  []uint32 // patterns that match here, or matched before the last character
	side  side
	idle  bool // no match is under way
	waits bool // set has assertions
}

// automaton is a deterministic automaton for a list of patterns, made while it
// runs.
type automaton struct {
	*program
	states map[string]*state
	first  *state
	work   instSet
	next   instSet
	stack  []uint32
	key    []byte
}

// instSet is a set of instructions with a list of its members.
type instSet struct {
	mark []uint32
	list []uint32
	turn uint32
}

func (s *instSet) clear(size int) {
	if len(s.mark) != size || s.turn == ^uint32(0) {
		s.mark, s.turn = make([]uint32, size), 0
	}
	s.turn++
	s.list = s.list[:0]
}

func (s *instSet) has(pc uint32) bool { return s.mark[pc] == s.turn }
func (s *instSet) put(pc uint32)      { s.mark[pc] = s.turn }

func newAutomaton(p *program) *automaton {
	a := &automaton{program: p, states: map[string]*state{}}
	a.first = a.begin(sideStart)
	return a
}

// begin is the state at the beginning of the text.
func (a *automaton) begin(before side) *state {
	a.next.clear(len(a.inst))
	hits := a.seed(before, nil)
	return a.intern(before, true, hits)
}

// seed lets every pattern begin here.
func (a *automaton) seed(before side, hits []uint32) []uint32 {
	for _, start := range a.starts {
		if start != noStart {
			hits = a.follow(&a.next, start, before, unknown, hits)
		}
	}
	return hits
}

// unknown is the next character where it has not come yet; end is the end of
// the text.
const (
	unknown = rune(-2)
	end     = rune(-1)
)

// follow adds what can be reached from an instruction without a character.
func (a *automaton) follow(to *instSet, pc uint32, before side, next rune, hits []uint32) []uint32 {
	a.stack = append(a.stack[:0], pc)
	for len(a.stack) > 0 {
		pc := a.stack[len(a.stack)-1]
		a.stack = a.stack[:len(a.stack)-1]
		if to.has(pc) {
			continue
		}
		to.put(pc)
		in := &a.inst[pc]
		switch in.Op {
		case syntax.InstAlt:
			a.stack = append(a.stack, in.Arg, in.Out)
		case syntax.InstNop, syntax.InstCapture:
			a.stack = append(a.stack, in.Out)
		case syntax.InstMatch:
			if !slices.Contains(hits, in.Arg) {
				hits = append(hits, in.Arg)
			}
		case syntax.InstEmptyWidth:
			switch {
			case next == unknown && waits(in):
				to.list = append(to.list, pc)
			case next == unknown && holdsSoFar(in, before), next != unknown && holds(in, before, next):
				a.stack = append(a.stack, in.Out)
			}
		case syntax.InstFail:
		default:
			to.list = append(to.list, pc)
		}
	}
	return hits
}

// resolve decides the assertions that wait, now that the next character is
// known. The set is in a.work then.
func (a *automaton) resolve(s *state, next rune) (hits []uint32) {
	a.work.clear(len(a.inst))
	for _, pc := range s.set {
		hits = a.follow(&a.work, pc, s.side, next, hits)
	}
	return hits
}

// step is the state after one more character.
func (a *automaton) step(s *state, r rune) *state {
	if r < 128 {
		if n := s.ascii[r]; n != nil {
			return n
		}
	} else if n := s.wide[r]; n != nil {
		return n
	}
	n := a.build(s, r)
	switch {
	case r < 128:
		s.ascii[r] = n
	case len(s.wide) < 256:
		if s.wide == nil {
			s.wide = map[rune]*state{}
		}
		s.wide[r] = n
	}
	return n
}

func (a *automaton) build(s *state, r rune) *state {
	set := s.set
	var hits []uint32
	if s.waits {
		hits = a.resolve(s, r)
		set = a.work.list
	}
	before := sideOther
	if a.context {
		before = sideOf(r)
	}
	a.next.clear(len(a.inst))
	for _, pc := range set {
		if in := &a.inst[pc]; takes(in, r) {
			hits = a.follow(&a.next, in.Out, before, unknown, hits)
		}
	}
	idle := len(a.next.list) == 0
	return a.intern(before, idle, a.seed(before, hits))
}

// atEnd tells the patterns that match if the text ends here.
func (a *automaton) atEnd(s *state) []uint32 {
	if !s.waits {
		return nil
	}
	return a.resolve(s, end)
}

// intern finds the state of the set in a.next, or makes it.
func (a *automaton) intern(before side, idle bool, hits []uint32) *state {
	set := a.next.list
	slices.Sort(set)
	slices.Sort(hits)
	key := append(a.key[:0], byte(before), 0)
	if idle {
		key[1] = 1
	}
	for _, pc := range set {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	key = append(key, '|')
	for _, hit := range hits {
		key = binary.LittleEndian.AppendUint32(key, hit)
	}
	a.key = key
	if s := a.states[string(key)]; s != nil {
		return s
	}
	if len(a.states) >= maxStates {
		a.forget()
	}
	s := &state{set: slices.Clone(set), hits: hits, side: before, idle: idle}
	for _, pc := range set {
		s.waits = s.waits || a.inst[pc].Op == syntax.InstEmptyWidth
	}
	a.states[string(key)] = s
	return s
}

// forget drops all states but the one that scanning begins with. Those in use
// stay with who uses them.
func (a *automaton) forget() {
	for _, s := range a.states {
		s.ascii, s.wide = [128]*state{}, nil
	}
	clear(a.states)
}
