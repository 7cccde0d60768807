package expect

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// ending tells a scanner what is known of the text behind what has come.
type ending uint8

const (
	open   ending = iota // more may come at once
	paused               // the output rests: what could be longer is taken as it is
	closed               // no more will come
)

// found is a match in the text; places count from the beginning of the stream.
type found struct {
	pattern int
	groups  []int64 // pairs of places, -1 for a group that took no part
}

// scanner looks for a list of patterns in a buffer that grows.
type scanner struct {
	auto   *automaton
	window int64 // a match begins at most so far before its place; 0 is no limit
	state  *state
	at     int64 // everything before has been looked at
	origin int64 // where the text begins
	idle   int64 // no match begins before
	winner int
	finder *finder // of the winner, while its match is open
}

func newScanner(a *automaton, origin, window int64) *scanner {
	return &scanner{auto: a, window: window, state: a.first, at: origin, origin: origin, idle: origin}
}

// scan looks at what has come since the last time.
func (s *scanner) scan(b *buffer, e ending) (found, bool) {
	if s.finder == nil {
		s.search(b, e)
	}
	if s.finder == nil {
		return found{}, false
	}
	for !s.finder.settled() && s.at < b.end() {
		r, n, ok := next(b.from(s.at), e)
		if !ok {
			break
		}
		s.finder.feed(r, s.at, n)
		s.at += int64(n)
	}
	if !s.finder.settled() && (e != open || b.overflows(s.finder.best[0])) {
		s.finder.finish(s.at)
	}
	if !s.finder.settled() {
		return found{}, false
	}
	return found{s.winner, s.finder.best}, true
}

// restless says that a pause would make a difference.
func (s *scanner) restless() bool { return s.finder != nil || s.state.waits }

// next reads a character; one that has come in part is none yet.
func next(b []byte, e ending) (rune, int, bool) {
	if len(b) == 0 || b[0] >= utf8.RuneSelf && e != closed && !utf8.FullRune(b) {
		return 0, 0, false
	}
	r, n := decode(b)
	return r, n, true
}

// search runs the automaton until a pattern matches, and begins its finder.
func (s *scanner) search(b *buffer, e ending) {
	s.at = max(s.at, b.base)
	for {
		if len(s.state.hits) > 0 && s.choose(b, s.state.hits, false) {
			return
		}
		text := b.from(s.at)
		if s.state.idle {
			s.idle = s.at
			if n := s.skip(text); n > 0 {
				s.at += int64(n)
				s.idle = s.at
				text = text[n:]
			}
		}
		n := s.run(text)
		s.at += int64(n)
		if len(s.state.hits) > 0 && n > 0 {
			continue
		}
		r, size, ok := next(text[n:], e)
		if !ok {
			break
		}
		s.state = s.auto.step(s.state, r)
		s.at += int64(size)
	}
	if e == closed || e == paused && s.at == b.end() {
		s.choose(b, s.auto.atEnd(s.state), true)
	}
}

// skip passes over text in which the pattern's first characters do not occur.
func (s *scanner) skip(text []byte) int {
	prefix := s.auto.prefix
	if len(prefix) == 0 {
		return 0
	}
	if i := bytes.Index(text, prefix); i >= 0 {
		return i
	}
	return max(0, len(text)-len(prefix)+1)
}

// run takes ASCII through states that are known, up to one with a match.
func (s *scanner) run(text []byte) int {
	state := s.state
	for i, c := range text {
		if c >= utf8.RuneSelf {
			s.state = state
			return i
		}
		if state.idle {
			s.idle = s.at + int64(i)
		}
		to := state.ascii[c]
		if to == nil {
			to = s.auto.step(state, rune(c))
		}
		state = to
		if len(state.hits) > 0 {
			s.state = state
			return i + 1
		}
	}
	s.state = state
	return len(text)
}

// choose finds where the match of each pattern that has one here begins, takes
// the one that begins first, and looks for all of it.
func (s *scanner) choose(b *buffer, hits []uint32, last bool) bool {
	begin := int64(-1)
	for _, hit := range slices.Sorted(slices.Values(hits)) {
		f := s.find(b, int(hit), s.earliest(b), true, last)
		if f.best != nil && (begin < 0 || f.best[0] < begin) {
			begin, s.winner = f.best[0], int(hit)
		}
	}
	if begin < 0 {
		return false
	}
	s.finder = s.find(b, s.winner, begin, false, last)
	return true
}

// earliest is the first place where a match may begin.
func (s *scanner) earliest(b *buffer) int64 {
	from := max(s.idle, b.base)
	if s.window > 0 && s.at-s.window > from {
		from = s.at - s.window
		for from < s.at && !utf8.RuneStart(b.from(from)[0]) {
			from++
		}
	}
	return from
}

// find runs a finder from a place to here.
func (s *scanner) find(b *buffer, pattern int, from int64, free, last bool) *finder {
	f := newFinder(s.auto.program, pattern, from, s.sideBefore(b, from), free)
	for at := from; at < s.at && !f.settled(); {
		r, n := decode(b.from(at))
		f.feed(r, at, n)
		at += int64(n)
	}
	if last && !f.settled() {
		f.finish(s.at)
	}
	return f
}

func (s *scanner) sideBefore(b *buffer, at int64) side {
	switch {
	case at == s.origin:
		return sideStart
	case at == b.base:
		return sideOther
	}
	text := b.data[b.off : b.off+int(at-b.base)]
	r, _ := utf8.DecodeLastRune(text)
	return sideOf(r)
}
