package sysinfo

import (
	"bytes"
	"strings"
)

// Map is memory of a process that one file or purpose takes, in bytes.
type Map struct {
	Path         string `lua:"path" doc:"File, or a name such as [heap] and [anon]."`
	RSS          uint64 `lua:"rss" doc:"In memory."`
	Size         uint64 `lua:"size" doc:"Of the address space."`
	PSS          uint64 `lua:"pss" doc:"In memory, with what is shared divided among those who share it."`
	SharedClean  uint64 `lua:"shared_clean" doc:"Shared and unchanged."`
	SharedDirty  uint64 `lua:"shared_dirty" doc:"Shared and changed."`
	PrivateClean uint64 `lua:"private_clean" doc:"Its own and unchanged."`
	PrivateDirty uint64 `lua:"private_dirty" doc:"Its own and changed."`
	Referenced   uint64 `lua:"referenced" doc:"Used of late."`
	Anonymous    uint64 `lua:"anonymous" doc:"Of no file."`
	Swap         uint64 `lua:"swap" doc:"Swapped out."`
}

// field gives the place of a counter of smaps.
func (m *Map) field(name string) *uint64 {
	switch name {
	case "Size:":
		return &m.Size
	case "Rss:":
		return &m.RSS
	case "Pss:":
		return &m.PSS
	case "Shared_Clean:":
		return &m.SharedClean
	case "Shared_Dirty:":
		return &m.SharedDirty
	case "Private_Clean:":
		return &m.PrivateClean
	case "Private_Dirty:":
		return &m.PrivateDirty
	case "Referenced:":
		return &m.Referenced
	case "Anonymous:":
		return &m.Anonymous
	case "Swap:":
		return &m.Swap
	}
	return nil
}

func (m *Map) add(o Map) {
	m.RSS, m.Size, m.PSS = m.RSS+o.RSS, m.Size+o.Size, m.PSS+o.PSS
	m.SharedClean, m.SharedDirty = m.SharedClean+o.SharedClean, m.SharedDirty+o.SharedDirty
	m.PrivateClean, m.PrivateDirty = m.PrivateClean+o.PrivateClean, m.PrivateDirty+o.PrivateDirty
	m.Referenced, m.Anonymous, m.Swap = m.Referenced+o.Referenced, m.Anonymous+o.Anonymous, m.Swap+o.Swap
}

// parseSmaps reads /proc/PID/smaps: a head line for each piece of memory, then
// its counters in kB.
func parseSmaps(data []byte) (pieces []Map) {
	for line := range lines(data) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case !strings.HasSuffix(words[0], ":"):
			pieces = append(pieces, Map{Path: mapPath(line, words)})
		case len(pieces) > 0 && len(words) > 1:
			if f := pieces[len(pieces)-1].field(words[0]); f != nil {
				*f = unsigned(words[1]) * 1024
			}
		}
	}
	return pieces
}

// mapPath is what follows the fifth word of a head line; it may have blanks.
func mapPath(line string, words []string) string {
	if len(words) < 6 {
		return "[anon]"
	}
	for range 5 {
		_, line, _ = strings.Cut(strings.TrimLeft(line, " "), " ")
	}
	return undeleted(strings.TrimSpace(line))
}

// grouped adds up the pieces of each path, in the order of their first.
func grouped(pieces []Map) []Map {
	var list []Map
	at := map[string]int{}
	for _, p := range pieces {
		i, known := at[p.Path]
		if !known {
			at[p.Path] = len(list)
			list = append(list, p)
			continue
		}
		list[i].add(p)
	}
	return list
}

// fromSmaps takes the sums that the kernel makes since 4.14, or makes them.
func (r *reader) fromSmaps(i *Info) error {
	data, err := r.file(i.PID, "smaps_rollup")
	if err != nil {
		if data, err = r.file(i.PID, "smaps"); err != nil {
			return err
		}
	}
	if len(bytes.TrimSpace(data)) == 0 && r.s.host != "" {
		return nil
	}
	var sum Map
	for _, p := range parseSmaps(data) {
		sum.add(p)
	}
	set(r, "uss", &i.USS, func() *uint64 { return ptr(sum.PrivateClean + sum.PrivateDirty + private(data)) })
	set(r, "pss", &i.PSS, func() *uint64 { return &sum.PSS })
	set(r, "swap", &i.SwapUsed, func() *uint64 { return &sum.Swap })
	return nil
}

// private adds the huge pages of a process's own.
func private(data []byte) (sum uint64) {
	for line := range lines(data) {
		if rest, ok := strings.CutPrefix(line, "Private_Hugetlb:"); ok {
			sum += unsigned(strings.TrimSuffix(strings.TrimSpace(rest), " kB")) * 1024
		}
	}
	return sum
}
