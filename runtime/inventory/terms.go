package inventory

import (
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strings"

	"gofab/internal/fault"
	"gofab/internal/hostrange"
)

// term finds what one word means. A host's own name comes before anything else
// that the word could be.
func (s *selection) term(t term, limit set) (set, error) {
	found, err := s.word(t.text, limit)
	if err != nil {
		return nil, s.bad(t, err)
	}
	return found, nil
}

func (s *selection) word(word string, limit set) (set, error) {
	if h := s.Host(word); h != nil {
		return set{h: true}, nil
	}
	switch rest := word[min(1, len(word)):]; {
	case word == "":
		return nil, fault.New(fault.Usage, "an empty name")
	case word[0] == '@':
		return s.group(rest)
	case word[0] == '~':
		return s.regex(rest)
	case word[0] == '^':
		return s.listed(rest)
	case word == All || word == "*":
		return setOf(s.Hosts()), nil
	case word == "localhost":
		return set{s.local: true}, nil
	}
	if network, ok := network(word); ok {
		return s.filter(func(h *Host) bool { return inside(h, network) }), nil
	}
	if c, ok := s.condition(word); ok {
		return s.conditional(c, limit)
	}
	return s.named(word)
}

// named reads names, ranges and globs.
func (s *selection) named(word string) (set, error) {
	if strings.Contains(word, "[") && !strings.HasPrefix(word, "[") {
		names, err := hostrange.Expand(word)
		if err != nil {
			return nil, fault.From(err)
		}
		if !strings.ContainsAny(word, "*?") {
			return s.names(names)
		}
		found := set{}
		for _, name := range names {
			for h := range s.glob(name) {
				found[h] = true
			}
		}
		return found, nil
	}
	if strings.ContainsAny(word, "*?") {
		return s.glob(word), nil
	}
	return s.names([]string{word})
}

func (s *selection) filter(keep func(*Host) bool) set {
	out := set{}
	for _, h := range s.Hosts() {
		if keep(h) {
			out[h] = true
		}
	}
	return out
}

func (s *selection) glob(pattern string) set {
	return s.filter(func(h *Host) bool {
		ok, _ := path.Match(pattern, h.Name)
		return ok
	})
}

func (s *selection) regex(pattern string) (set, error) {
	r, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fault.New(fault.Usage, "~%s: %v", pattern, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return s.filter(func(h *Host) bool { return r.MatchString(h.Name) }), nil
}

// names finds hosts; where nothing was declared they come to be.
func (s *selection) names(names []string) (set, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := set{}
	for _, name := range names {
		h := s.byName[name]
		if !s.closed {
			var err error
			if h, err = s.mention(name); err != nil {
				return nil, err
			}
		}
		if h == nil {
			return nil, s.noHost(name)
		}
		out[h] = true
	}
	return out, nil
}

// group reads what follows an @: a group, a glob over groups, a special name,
// and a slice behind it.
func (s *selection) group(word string) (set, error) {
	name, of := word, []bounds(nil)
	if i := strings.IndexByte(word, '['); i >= 0 && strings.HasSuffix(word, "]") {
		var ok bool
		if of, ok = parseSlice(word[i:]); !ok {
			return nil, fault.New(fault.Usage, "%q is no slice: want [0-4], [2-], [0,3] or [-1]", word[i:])
		}
		name = word[:i]
	}
	found, err := s.groupNamed(name)
	if err == nil && of != nil {
		found = s.slice(found, of)
	}
	return found, err
}

func (s *selection) groupNamed(name string) (set, error) {
	s.mu.Lock()
	known, order := s.groups[name] != nil || name == All || name == Ungrouped, slices.Clone(s.order)
	s.mu.Unlock()
	if !known && strings.ContainsAny(name, "*?") {
		return s.groupsLike(name, order)
	}
	if !known && s.Special != nil {
		names, err := s.Special(name)
		if err != nil {
			return nil, err
		}
		if names != nil {
			return s.names(names)
		}
	}
	s.settled()
	defer s.mu.Unlock()
	members, err := s.members(name)
	return setOf(members), err
}

func (s *selection) groupsLike(pattern string, order []string) (set, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out, any := set{}, false
	for _, name := range order {
		if ok, _ := path.Match(pattern, name); ok {
			members, err := s.members(name)
			if err != nil {
				return nil, err
			}
			for _, h := range members {
				out[h] = true
			}
			any = true
		}
	}
	if !any {
		return nil, fault.New(fault.Usage, "no group is like %q", "@"+pattern)
	}
	return out, nil
}

// listed reads a file with a target on each line. # begins a comment.
func (s *selection) listed(name string) (set, error) {
	if s.ReadFile == nil || name == "" {
		return nil, fault.New(fault.Usage, "^ wants the name of a file with targets, or - for standard input")
	}
	text, err := s.ReadFile(name)
	if err != nil {
		return nil, err
	}
	out := set{}
	for i, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		found, err := s.match(s.ctx, line, s.depth+1)
		if err != nil {
			return nil, fault.Wrap(fault.Usage, err, "%s:%d", name, i+1)
		}
		for _, h := range found {
			out[h] = true
		}
	}
	return out, nil
}

// network reads 10.0.0.0/8 and 2001:db8::/32.
func network(word string) (netip.Prefix, bool) {
	prefix, err := netip.ParsePrefix(word)
	return prefix.Masked(), err == nil
}

// inside says that the address of a host, or a name that is one, is in a
// network. Names are not looked up.
func inside(h *Host, network netip.Prefix) bool {
	for _, text := range []string{h.Address, h.Name} {
		if address, err := netip.ParseAddr(text); err == nil {
			return network.Contains(address.Unmap().WithZone(""))
		}
	}
	return false
}
