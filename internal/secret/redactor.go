package secret

import (
	"strings"
	"sync"
	"sync/atomic"
)

// MinLength is the shortest text in bytes that a Redactor hides. Shorter ones
// would put stars into half of all words and tell more than they hide.
const MinLength = 4

// Redactor knows the secrets of one run and replaces them in texts. It is safe
// for concurrent use; the zero Redactor is ready and knows nothing.
type Redactor struct {
	mu      sync.Mutex
	known   map[Value]bool
	current atomic.Pointer[knowledge]
}

// knowledge is an unchanging state of a Redactor. The automaton is built at the
// first use, so adding a thousand secrets in a row builds one (30 ms); asking
// after each of them would build a thousand.
type knowledge struct {
	needles []string
	machine func() *automaton
}

// Add hides a value, in all its forms, in every text from now on. A value of
// several lines is hidden line by line, without the white space around each
// line. It tells whether anything of the value is long enough to be hidden.
func (r *Redactor) Add(v Value) bool {
	needles := forms(v.Reveal())
	if len(needles) == 0 {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known[v] {
		return true
	}
	if r.known == nil {
		r.known = map[Value]bool{}
	}
	r.known[v] = true
	var all []string
	if old := r.current.Load(); old != nil {
		all = old.needles
	}
	all = append(all, needles...)
	r.current.Store(&knowledge{all, sync.OnceValue(func() *automaton { return build(all) })})
	return true
}

// Redact returns the text with stars in place of every secret. Secrets that
// overlap share their stars. Without a match it returns the text itself.
func (r *Redactor) Redact(text string) string {
	machine := r.automaton()
	if machine == nil {
		return text
	}
	found, _ := machine.scan(text)
	if len(found) == 0 {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	done := 0
	for _, hit := range found {
		out.WriteString(text[done:hit.start])
		out.WriteString(Mask)
		done = hit.end
	}
	out.WriteString(text[done:])
	return out.String()
}

// automaton is nil as long as there is nothing to hide.
func (r *Redactor) automaton() *automaton {
	if r == nil {
		return nil
	}
	state := r.current.Load()
	if state == nil {
		return nil
	}
	return state.machine()
}
