package screen

// Limits of one sequence; more parameters are left out.
const (
	maxParams = 32
	maxParam  = 9999
)

// params are the numbers of a CSI sequence.
type params struct {
	value  [maxParams]int // -1 when left out
	sub    [maxParams]bool
	n      int
	begun  bool // there was a digit or a separator
	broken bool // the sequence cannot be right
}

// add takes a digit or a separator. A number after a colon belongs to the one
// before it.
func (p *params) add(b byte) {
	if !p.begun {
		p.begun, p.n = true, 1
		p.value[0] = -1
	}
	if b == ';' || b == ':' {
		if p.n++; p.n <= maxParams {
			p.value[p.n-1], p.sub[p.n-1] = -1, b == ':'
		}
		return
	}
	if p.n <= maxParams {
		last := &p.value[p.n-1]
		*last = min(max(*last, 0)*10+int(b-'0'), maxParam)
	}
}

// finish ends the list.
func (p *params) finish() { p.n = min(p.n, maxParams) }

// get is a parameter, 0 when it was left out.
func (p *params) get(i int) int {
	if i >= p.n {
		return 0
	}
	return max(p.value[i], 0)
}

// count is the first parameter where it says how often: at least 1.
func (p *params) count() int { return max(p.get(0), 1) }
