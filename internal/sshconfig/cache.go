package sshconfig

import (
	"bufio"
	"io"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gofab/internal/fault"
)

// Cache keeps files taken apart, so that a run over a thousand hosts does not
// read a long configuration a thousand times. A file that has changed is read
// again. A nil Cache keeps nothing; one may be used by many goroutines.
type Cache struct {
	mu    sync.Mutex
	files map[string]*fileLines
	told  map[string]bool // warnings
}

// first tells whether a warning is new.
func (c *Cache) first(text string) bool {
	if c == nil {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.told == nil {
		c.told = map[string]bool{}
	}
	known := c.told[text]
	c.told[text] = true
	return !known
}

// fileLines is a file as statements that were not run yet.
type fileLines struct {
	size     int64
	modified time.Time
	list     []fileLine
	checked  atomic.Bool // every statement was run or checked without an error
}

type fileLine struct {
	number        int
	keyword, rest string
	words         []string
	err           error
	block         bool // Host, Match or Include
	next          int  // index of the next block
}

// lines gives the statements of an open file.
func (c *Cache) lines(path string, info fs.FileInfo, from io.Reader) (*fileLines, error) {
	if c == nil {
		return cutLines(path, info, from)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.files[path]
	if known != nil && known.size == info.Size() && known.modified.Equal(info.ModTime()) {
		return known, nil
	}
	fresh, err := cutLines(path, info, from)
	if err == nil {
		if c.files == nil {
			c.files = map[string]*fileLines{}
		}
		c.files[path] = fresh
	}
	return fresh, err
}

func cutLines(path string, info fs.FileInfo, from io.Reader) (*fileLines, error) {
	f := &fileLines{size: info.Size(), modified: info.ModTime()}
	scanner := bufio.NewScanner(from)
	scanner.Buffer(nil, maxLine)
	number := 0
	for scanner.Scan() {
		number++
		line, _, _ := strings.Cut(scanner.Text(), "\x00")
		name, rest := cutKeyword(strings.TrimRight(line, whitespace+"\f"))
		if name != "" {
			f.list = append(f.list, cutLine(number, name, rest))
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, fault.Wrap(fault.Parse, err, "%s:%d", path, number+1)
	}
	next := len(f.list)
	for i := len(f.list) - 1; i >= 0; i-- {
		f.list[i].next = next
		if f.list[i].block {
			next = i
		}
	}
	return f, nil
}

func cutLine(number int, name, rest string) fileLine {
	l := fileLine{number: number, keyword: name, rest: rest, block: blocks[name]}
	if rest == "" {
		l.err = fault.New(fault.Parse, "an argument is missing")
		return l
	}
	words, err := splitWords(rest)
	if err != nil {
		l.err = fault.Wrap(fault.Parse, err, "cannot read the arguments")
	}
	l.words = words
	return l
}
