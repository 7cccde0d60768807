package sftpfs

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"gofab/internal/transfer"
)

// mostEntries bounds a listing without a limit of its own.
const mostEntries = 1_000_000

// ahead is how many portions of a listing are asked for at once: the next is
// on its way while one is read.
const ahead = 2

// ReadDir lists a folder. Answers without an entry do not go on for ever.
func (f *FS) ReadDir(ctx context.Context, path string, most int) ([]transfer.Info, error) {
	if most <= 0 {
		most = mostEntries
	}
	c := f.pick()
	handle, err := c.open(ctx, newRequest(typeOpendir).string(path))
	if err != nil {
		return nil, asFault(err, "cannot list %s", path)
	}
	defer c.drop(handle)
	l := listing{channel: c, handle: handle, path: path, most: most}
	if err := l.all(ctx); err != nil {
		if l.tooMany {
			return nil, err
		}
		return nil, asFault(err, "cannot list %s", path)
	}
	slices.SortFunc(l.infos, func(a, b transfer.Info) int { return cmp.Compare(a.Name, b.Name) })
	return l.infos, nil
}

type listing struct {
	*channel
	handle, path string
	most         int
	tooMany      bool
	infos        []transfer.Info
}

func (l *listing) all(ctx context.Context) error {
	var asked []*call
	for {
		for len(asked) < ahead {
			k := &call{request: newRequest(typeReaddir).string(l.handle)}
			if err := l.start(ctx, k); err != nil {
				return err
			}
			asked = append(asked, k)
		}
		if err := l.wait(ctx, asked[0]); err != nil {
			return err
		}
		more, err := l.take(asked[0])
		if err != nil || !more {
			return err
		}
		asked = asked[1:]
	}
}

// take reads one portion and tells whether there may be more.
func (l *listing) take(k *call) (more bool, err error) {
	f, err := k.result(typeName, "names")
	var status *statusError
	switch {
	case errors.As(err, &status) && status.code == statusEOF:
		return false, nil
	case err != nil:
		return false, err
	}
	count := f.uint32()
	if count == 0 {
		return false, noAnswer("names")
	}
	for range count {
		name := f.string()
		_ = f.string() // in the form of ls -l
		info, err := f.info(name[strings.LastIndexByte(name, '/')+1:])
		if err == nil && f.short {
			err = errMalformed
		}
		if err != nil {
			return false, err
		}
		if name == "." || name == ".." {
			continue
		}
		if len(l.infos) >= l.most {
			l.tooMany = true
			return false, transfer.TooMany(l.path, l.most)
		}
		l.infos = append(l.infos, info)
	}
	return true, nil
}

// open asks for a handle; one that comes too late is closed.
func (c *channel) open(ctx context.Context, r request) (string, error) {
	k := &call{request: r}
	k.late = func(k *call) {
		if handle, err := k.handle(); err == nil {
			c.handles.Add(1)
			c.drop(handle)
		}
	}
	if err := c.ask(ctx, k); err != nil {
		return "", err
	}
	handle, err := k.handle()
	if err == nil {
		c.handles.Add(1)
	}
	return handle, err
}

// drop closes a handle that only was read; nobody waits for the answer.
func (c *channel) drop(handle string) {
	c.handles.Add(-1)
	_ = c.start(context.Background(), &call{request: newRequest(typeClose).string(handle)})
}
