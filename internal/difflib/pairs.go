package difflib

import "slices"

// How alike two lines must be to be shown as one changed line: the search
// begins just below what is accepted, so that a pair in between hides weaker
// ones and is then dropped itself, as Python has it.
const (
	searchAbove = 0.74
	acceptFrom  = 0.75
)

// maxPairs bounds the pairs of lines of one block that are all compared. In a
// larger block a line is compared with those near its own place alone. Python
// compares all, in cubic time, and ends in its recursion limit.
const (
	maxPairs = 1 << 22
	nearby   = 10
)

// pairs knows how alike the lines of one block are. Each pair is looked at
// once, however often the block is cut in two.
type pairs struct {
	d          *differ
	block      Opcode
	a, b       [][]rune
	indexes    []*index[rune] // of the lines of b, made when needed
	upper      []float32      // pair -> 1 + upper bound of its ratio; 0 unknown
	exact      map[int]float64
	everything bool
}

func newPairs(d *differ, block Opcode) *pairs {
	p := &pairs{d: d, block: block, exact: map[int]float64{}}
	for _, line := range d.a[block.A1:block.A2] {
		p.a = append(p.a, characters(line))
	}
	for _, line := range d.b[block.B1:block.B2] {
		p.b = append(p.b, characters(line))
	}
	p.indexes = make([]*index[rune], len(p.b))
	if p.everything = len(p.a)*len(p.b) <= maxPairs; p.everything {
		p.upper = make([]float32, len(p.a)*len(p.b))
	}
	return p
}

// best gives the pair of lines in c that are most alike, the first of several;
// else the first two that are equal; else nil.
func (p *pairs) best(c Opcode) (*Edit, error) {
	var same, similar *Edit
	best := searchAbove
	for j := c.B1; j < c.B2; j++ {
		if err := p.d.ctx.Err(); err != nil {
			return nil, err
		}
		first, last := p.candidates(c, j)
		for i := first; i < last; i++ {
			if p.d.a[i] == p.d.b[j] {
				if same == nil {
					same = &Edit{Tag: Equal, A: i, B: j}
				}
				continue
			}
			ratio, err := p.ratio(i, j, best)
			if err != nil {
				return nil, err
			}
			if ratio > best {
				best, similar = ratio, &Edit{Tag: Replace, A: i, B: j}
			}
		}
	}
	if best >= acceptFrom {
		return similar, nil
	}
	return same, nil
}

// candidates are the lines of a that line j of b is compared with.
func (p *pairs) candidates(c Opcode, j int) (first, last int) {
	if p.everything {
		return c.A1, c.A2
	}
	near := c.A1 + (j - c.B1)
	return max(c.A1, min(near, c.A2)-nearby), min(c.A2, near+nearby+1)
}

// ratio gives how alike two lines are when that is more than above, else
// something that is not.
func (p *pairs) ratio(i, j int, above float64) (float64, error) {
	a, b := p.a[i-p.block.A1], p.b[j-p.block.B1]
	if RatioByLength(a, b) <= above {
		return 0, nil
	}
	at := (i-p.block.A1)*len(p.b) + j - p.block.B1
	if p.bound(at, a, b) <= above {
		return 0, nil
	}
	if ratio, known := p.exact[at]; known {
		return ratio, nil
	}
	m, err := p.match(i, j)
	if err != nil {
		return 0, err
	}
	p.exact[at] = m.Ratio()
	return p.exact[at], nil
}

// bound is RatioByCount, remembered.
func (p *pairs) bound(at int, a, b []rune) float64 {
	if !p.everything {
		return RatioByCount(a, b)
	}
	if p.upper[at] == 0 {
		p.upper[at] = roundUp(RatioByCount(a, b))
	}
	return float64(p.upper[at] - 1)
}

// roundUp keeps an upper bound one in half the memory.
func roundUp(ratio float64) float32 { return float32(ratio) + 1 + 1e-6 }

// match compares the characters of two lines.
func (p *pairs) match(i, j int) (*Match, error) {
	a, b := p.a[i-p.block.A1], p.b[j-p.block.B1]
	x := p.indexes[j-p.block.B1]
	if x == nil {
		x = indexed(b, Options[rune]{Junk: p.d.junk})
		p.indexes[j-p.block.B1] = x
	}
	blocks, err := newFinder(x, x.translate(a)).blocks(p.d.ctx)
	return &Match{len(a), len(b), slices.Clip(blocks)}, err
}
