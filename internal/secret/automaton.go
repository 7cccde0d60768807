package secret

// automaton finds many needles in one pass over a text (Aho and Corasick,
// "Efficient string matching", CACM 18/6, 1975). Needles are long chains with
// few branches, so the children of a node are a linked list, and only the root,
// where most bytes of a text end up, has a table.
type automaton struct {
	nodes []node
	root  [256]int32
}

// node is one prefix of a needle. Indexes point into automaton.nodes; 0 is the
// root, which is nobody's child, so 0 means none as well.
type node struct {
	child, sibling int32 // first child, next child of the same parent
	fail           int32 // the longest proper suffix that is a prefix of a needle
	depth          int32 // length of this prefix in bytes
	match          int32 // length of the longest needle that ends here, 0 for none
	label          byte
}

// span is the half-open range of bytes [start, end) to hide.
type span struct{ start, end int }

func build(needles []string) *automaton {
	a := &automaton{nodes: make([]node, 1)}
	for _, needle := range needles {
		a.insert(needle)
	}
	a.link()
	return a
}

func (a *automaton) insert(needle string) {
	at := int32(0)
	for i := range len(needle) {
		next := a.step(at, needle[i])
		if next == 0 {
			next = a.grow(at, needle[i])
		}
		at = next
	}
	a.nodes[at].match = a.nodes[at].depth
}

func (a *automaton) grow(parent int32, label byte) int32 {
	fresh := int32(len(a.nodes))
	up := &a.nodes[parent]
	n := node{label: label, depth: up.depth + 1, sibling: up.child}
	up.child = fresh
	if parent == 0 {
		a.root[label] = fresh
	}
	a.nodes = append(a.nodes, n)
	return fresh
}

// step gives the child for a byte, 0 when there is none.
func (a *automaton) step(at int32, label byte) int32 {
	if at == 0 {
		return a.root[label]
	}
	for next := a.nodes[at].child; next != 0; next = a.nodes[next].sibling {
		if a.nodes[next].label == label {
			return next
		}
	}
	return 0
}

// advance is step, falling back to shorter suffixes until one fits.
func (a *automaton) advance(at int32, label byte) int32 {
	for {
		if next := a.step(at, label); next != 0 || at == 0 {
			return next
		}
		at = a.nodes[at].fail
	}
}

// link sets the fail links level by level, so that shorter ones exist already.
func (a *automaton) link() {
	queue := []int32{0}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for next := a.nodes[at].child; next != 0; next = a.nodes[next].sibling {
			n := &a.nodes[next]
			if at != 0 {
				n.fail = a.advance(a.nodes[at].fail, n.label)
			}
			n.match = max(n.match, a.nodes[n.fail].match)
			queue = append(queue, next)
		}
	}
}

// scan gives the spans to hide, in order and without overlaps, and how many
// bytes at the end of the text could be the beginning of a needle.
func (a *automaton) scan(text string) (found []span, open int) {
	at := int32(0)
	for i := range len(text) {
		at = a.advance(at, text[i])
		if length := int(a.nodes[at].match); length > 0 {
			found = merge(found, span{i + 1 - length, i + 1})
		}
	}
	return found, int(a.nodes[at].depth)
}

// merge adds a span that ends behind all others, swallowing those it overlaps.
func merge(found []span, hit span) []span {
	for n := len(found); n > 0 && found[n-1].end > hit.start; n-- {
		hit.start = min(hit.start, found[n-1].start)
		found = found[:n-1]
	}
	return append(found, hit)
}
