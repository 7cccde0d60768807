package expect

import (
	"regexp/syntax"
	"unicode/utf8"
)

// program is a list of patterns as one set of instructions. Those of
// regexp/syntax are used; pattern i ends in InstMatch with Arg = i.
type program struct {
	patterns []Pattern
	inst     []syntax.Inst
	starts   []uint32   // per pattern; none for EOF and Timeout
	groups   [][]string // names of the groups per pattern; the first is the whole
	context  bool       // some pattern looks at what is around it: ^ $ \b
	prefix   []byte     // what every match begins with, if that is known
}

// noStart is the start of a pattern that is not looked for in the output.
const noStart = ^uint32(0)

// rawByte and those above stand for bytes that are not UTF-8, so that they are
// told from U+FFFD itself and from each other.
const rawByte = utf8.MaxRune + 1

func compile(patterns []Pattern) (*program, error) {
	p := &program{patterns: patterns}
	for i, pattern := range patterns {
		if err := p.add(uint32(i), pattern); err != nil {
			return nil, err
		}
	}
	p.prefix = p.commonPrefix()
	return p, nil
}

// commonPrefix is known where a single pattern is looked for.
func (p *program) commonPrefix() []byte {
	only := noStart
	for _, start := range p.starts {
		if start != noStart && only != noStart || p.context {
			return nil
		}
		only = min(only, start)
	}
	if only == noStart {
		return nil
	}
	return p.literalPrefix(only)
}

func (p *program) add(index uint32, pattern Pattern) error {
	start, groups := noStart, []string{""}
	switch pattern.kind {
	case literal:
		start = p.addLiteral(index, pattern.text)
	case expression:
		tree, err := pattern.parse()
		if err != nil {
			return err
		}
		groups = tree.CapNames()
		code, err := syntax.Compile(tree.Simplify())
		if err != nil {
			return err
		}
		start = p.addCode(index, code)
	}
	p.starts = append(p.starts, start)
	p.groups = append(p.groups, groups)
	return nil
}

// addCode appends compiled instructions behind those that are there.
func (p *program) addCode(index uint32, code *syntax.Prog) uint32 {
	base := uint32(len(p.inst))
	for _, in := range code.Inst {
		in.Out += base
		switch in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			in.Op = syntax.InstAlt
			in.Arg += base
		case syntax.InstMatch:
			in.Arg = index
		case syntax.InstEmptyWidth:
			p.context = true
		}
		p.inst = append(p.inst, in)
	}
	return base + uint32(code.Start)
}

func (p *program) addLiteral(index uint32, text string) uint32 {
	start := uint32(len(p.inst))
	for len(text) > 0 {
		r, n := decode([]byte(text))
		text = text[n:]
		p.inst = append(p.inst, syntax.Inst{Op: syntax.InstRune1, Out: uint32(len(p.inst) + 1), Rune: []rune{r}})
	}
	p.inst = append(p.inst, syntax.Inst{Op: syntax.InstMatch, Arg: index})
	return start
}

// literalPrefix follows the instructions that leave no choice.
func (p *program) literalPrefix(pc uint32) []byte {
	var prefix []byte
	for {
		in := &p.inst[pc]
		switch in.Op {
		case syntax.InstNop, syntax.InstCapture:
		case syntax.InstRune1:
			if in.Rune[0] >= utf8.RuneSelf {
				return prefix
			}
			prefix = append(prefix, byte(in.Rune[0]))
		default:
			return prefix
		}
		pc = in.Out
	}
}

// decode reads one character; a byte that is none becomes rawByte + byte.
func decode(b []byte) (r rune, n int) {
	if b[0] < utf8.RuneSelf {
		return rune(b[0]), 1
	}
	r, n = utf8.DecodeRune(b)
	if r == utf8.RuneError && n == 1 {
		r = rawByte + rune(b[0])
	}
	return r, n
}

// takes tells whether an instruction takes a character. To an expression a
// byte that is not UTF-8 is U+FFFD, as it is to regexp.
func takes(in *syntax.Inst, r rune) bool {
	switch in.Op {
	case syntax.InstRune, syntax.InstRune1:
		return in.MatchRune(r) || r >= rawByte && in.MatchRune(utf8.RuneError)
	case syntax.InstRuneAny:
		return true
	case syntax.InstRuneAnyNotNL:
		return r != '\n'
	default:
		return false
	}
}

// side is what an assertion can see of the character before a place.
type side uint8

const (
	sideOther side = iota
	sideStart
	sideLine
	sideWord
)

func sideOf(r rune) side {
	switch {
	case r == '\n':
		return sideLine
	case syntax.IsWordChar(r):
		return sideWord
	default:
		return sideOther
	}
}

// rune gives a character that stands for all of its side.
func (s side) rune() rune { return [...]rune{' ', -1, '\n', 'a'}[s] }

// ahead are the assertions that need to know the next character.
const ahead = syntax.EmptyEndLine | syntax.EmptyEndText | syntax.EmptyWordBoundary | syntax.EmptyNoWordBoundary

// holds tells whether an assertion holds between two characters; next is -1 at
// the end of the text.
func holds(in *syntax.Inst, before side, next rune) bool {
	return syntax.EmptyOp(in.Arg)&^syntax.EmptyOpContext(before.rune(), next) == 0
}

// holdsSoFar tells the same of one that looks back only.
func holdsSoFar(in *syntax.Inst, before side) bool { return holds(in, before, 'a') }

// waits tells whether an assertion has to wait for the next character.
func waits(in *syntax.Inst) bool { return syntax.EmptyOp(in.Arg)&ahead != 0 }
