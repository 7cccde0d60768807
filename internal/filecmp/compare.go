package filecmp

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Compare compares two folders.
func Compare(ctx context.Context, left, right Side, o Options) (*Result, error) {
	skip, err := skipper(o.Ignore)
	if err != nil {
		return nil, err
	}
	a, b, err := listBoth(ctx, left, right, Listing{Skip: skip, Follow: o.Follow, Top: o.Top})
	if err != nil {
		return nil, err
	}
	c := &comparing{ctx: ctx, left: left, right: right, options: o, result: &Result{Left: left.Name(), Right: right.Name()}}
	c.join(a, b)
	return c.result, c.contents()
}

// listBoth lists both sides at once, each in the order of paths.
func listBoth(ctx context.Context, left, right Side, l Listing) (a, b []Entry, err error) {
	var wg sync.WaitGroup
	var failed error
	wg.Go(func() { b, failed = right.List(ctx, l) })
	a, err = left.List(ctx, l)
	wg.Wait()
	if err == nil {
		err = failed
	}
	for _, list := range [][]Entry{a, b} {
		slices.SortFunc(list, func(x, y Entry) int { return byPath(x.Path, y.Path) })
	}
	return a, b, err
}

// comparing is a comparison under way.
type comparing struct {
	ctx         context.Context
	left, right Side
	options     Options
	result      *Result
	open        []pending
}

// pending is an item whose content is to be compared.
type pending struct {
	at   int   // in the result
	size int64 // of both files
}

// join goes through both lists at once.
func (c *comparing) join(a, b []Entry) {
	for len(a) > 0 || len(b) > 0 {
		order := 0
		switch {
		case len(a) == 0:
			order = 1
		case len(b) == 0:
			order = -1
		default:
			order = byPath(a[0].Path, b[0].Path)
		}
		switch {
		case order < 0:
			c.add(Item{Path: a[0].Path, State: LeftOnly, Left: a[0].Kind})
			a = below(a)
		case order > 0:
			c.add(Item{Path: b[0].Path, State: RightOnly, Right: b[0].Kind})
			b = below(b)
		default:
			both := a[0].Kind == Dir && b[0].Kind == Dir
			c.pair(a[0], b[0])
			if both {
				a, b = a[1:], b[1:]
			} else {
				a, b = below(a), below(b)
			}
		}
	}
}

func (c *comparing) add(i Item) { c.result.Items = append(c.result.Items, i) }

// below leaves an entry behind, with all that lies in it.
func below(list []Entry) []Entry {
	prefix := list[0].Path + "/"
	list = list[1:]
	for len(list) > 0 && strings.HasPrefix(list[0].Path, prefix) {
		list = list[1:]
	}
	return list
}

// pair compares what is known of two entries without reading them.
func (c *comparing) pair(a, b Entry) {
	item := Item{Path: a.Path, State: Same, Left: a.Kind, Right: b.Kind}
	attributes := c.attributes(a, b)
	switch {
	case a.Kind == Gone || b.Kind == Gone || a.Kind == Other && a.Problem != "" || b.Kind == Other && b.Problem != "":
		item.State, item.Why = Funny, firstOf(a.Problem, b.Problem)
	case a.Kind != b.Kind:
		item.State, item.Why = Funny, fmt.Sprintf("%s and %s", a.Kind, b.Kind)
	case a.Kind == Other:
		item.State, item.Why = Funny, "neither a file nor a folder"
	case a.Problem != "" || b.Problem != "":
		item.State, item.Why = Trouble, firstOf(a.Problem, b.Problem)
	case a.Kind == Dir:
		item.State = Common
		if attributes != "" {
			item.State, item.Why = Different, attributes
		}
	case a.Kind == Link && a.Target != b.Target:
		item.State, item.Why = Different, fmt.Sprintf("links to %s and %s", a.Target, b.Target)
	case a.Kind == File && a.Size != b.Size:
		item.State, item.Why = Different, fmt.Sprintf("%d and %d bytes", a.Size, b.Size)
	case attributes != "":
		item.State, item.Why = Different, attributes
	case a.Kind == File && !(c.options.Shallow && a.Modified.Equal(b.Modified)):
		c.open = append(c.open, pending{len(c.result.Items), a.Size})
	}
	c.add(item)
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// attributes tells how two entries differ beside their content, of what counts.
func (c *comparing) attributes(a, b Entry) string {
	switch bits := fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky; {
	case c.options.Mode && a.Kind != Link && a.Mode&bits != b.Mode&bits:
		return fmt.Sprintf("mode %04o and %04o", unixMode(a.Mode), unixMode(b.Mode))
	case c.options.Owner && (a.UID != b.UID || a.GID != b.GID):
		return fmt.Sprintf("owner %d:%d and %d:%d", a.UID, a.GID, b.UID, b.GID)
	case c.options.Time && a.Kind == File && a.Modified.Unix() != b.Modified.Unix():
		return fmt.Sprintf("time %s and %s", a.Modified.UTC().Format("2006-01-02 15:04:05"), b.Modified.UTC().Format("2006-01-02 15:04:05"))
	}
	return ""
}

func unixMode(m fs.FileMode) uint32 {
	out := uint32(m.Perm())
	for bit, is := range map[uint32]bool{0o4000: m&fs.ModeSetuid != 0, 0o2000: m&fs.ModeSetgid != 0, 0o1000: m&fs.ModeSticky != 0} {
		if is {
			out |= bit
		}
	}
	return out
}

// contents compares the files that look alike.
func (c *comparing) contents() error {
	if len(c.open) == 0 {
		return nil
	}
	a, leftHere := c.left.(Local)
	b, rightHere := c.right.(Local)
	if leftHere && rightHere && !c.options.Hash {
		return c.bytes(a, b)
	}
	return c.sums()
}

// bytes reads both files.
func (c *comparing) bytes(a, b Local) error {
	workers := c.options.Workers
	if workers <= 0 {
		workers = runtime.NumCPU()
	}
	buffers := sync.Pool{New: func() any { return new([2 * blockSize]byte) }}
	return each(c.ctx, workers, c.open, func(p pending) {
		item := &c.result.Items[p.at]
		buffer := buffers.Get().(*[2 * blockSize]byte)
		defer buffers.Put(buffer)
		same, err := equalLocal(c.ctx, a.at(item.Path), b.at(item.Path), p.size, buffer[:])
		c.judge(item, same, err)
	})
}

func (c *comparing) judge(item *Item, same bool, err error) {
	switch {
	case err != nil:
		item.State, item.Why = Trouble, plain(err)
	case !same:
		item.State, item.Why = Different, "the content"
	}
}

// sums has each side hash its own files, both at once.
func (c *comparing) sums() error {
	paths := make([]string, len(c.open))
	for i, p := range c.open {
		paths[i] = c.result.Items[p.at].Path
	}
	var wg sync.WaitGroup
	var b, problemsB map[string]string
	var failed error
	wg.Go(func() { b, problemsB, failed = c.right.Sums(c.ctx, paths) })
	a, problemsA, err := c.left.Sums(c.ctx, paths)
	wg.Wait()
	if err != nil || failed != nil {
		return errorOf(err, failed)
	}
	for _, p := range c.open {
		item := &c.result.Items[p.at]
		switch problem := firstOf(problemsA[item.Path], problemsB[item.Path]); {
		case problem != "":
			item.State, item.Why = Trouble, problem
		case a[item.Path] == "" || b[item.Path] == "":
			item.State, item.Why = Trouble, "it has gone meanwhile"
		case a[item.Path] != b[item.Path]:
			item.State, item.Why = Different, "the content"
		}
	}
	return nil
}

func errorOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
