package sysinfo

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"gofab/internal/fault"
)

// tree is a machine's files where the file system of this one has them.
type tree struct{ proc, sys string }

// place finds where a path of the machine lies.
func (t tree) place(path string) string {
	if rest, ok := strings.CutPrefix(path, "/proc/"); ok {
		return t.proc + "/" + rest
	}
	if rest, ok := strings.CutPrefix(path, "/sys/"); ok {
		return t.sys + "/" + rest
	}
	switch path {
	case "/proc":
		return t.proc
	case "/sys":
		return t.sys
	}
	return path
}

func (t tree) read(path string) ([]byte, error) { return readInto(nil, t.place(path)) }

func (t tree) link(path string) (string, error) { return os.Readlink(t.place(path)) }

func (t tree) list(dir string) ([]string, error) {
	path := t.place(dir)
	fd, err := retry(func() (int, error) { return unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_DIRECTORY, 0) })
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer closeFD(fd)
	var names []string
	for buf := make([]byte, 4096); ; {
		n, err := retry(func() (int, error) { return unix.ReadDirent(fd, buf) })
		if err != nil {
			return nil, &os.PathError{Op: "list", Path: path, Err: err}
		}
		if n == 0 {
			break
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
	slices.Sort(names)
	return names, nil
}

// readInto reads a file with three system calls and a buffer that can be used
// again: the files of /proc are many, small and have no length.
func readInto(buf []byte, path string) ([]byte, error) {
	fd, err := retry(func() (int, error) { return unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOCTTY, 0) })
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer closeFD(fd)
	return readAll(buf[:0], fd, path)
}

func readAll(buf []byte, fd int, path string) ([]byte, error) {
	if cap(buf) == 0 {
		buf = make([]byte, 0, 2048)
	}
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, cap(buf))
		}
		n, err := retry(func() (int, error) { return unix.Read(fd, buf[len(buf):cap(buf)]) })
		switch {
		case err != nil:
			return nil, &os.PathError{Op: "read", Path: path, Err: err}
		case n == 0:
			return buf, nil
		}
		free := cap(buf) - len(buf)
		buf = buf[:len(buf)+n]
		if n < free && atOnce(path) {
			return buf, nil
		}
		if len(buf) > maxFile {
			return nil, fault.New(fault.Failed, "%s is larger than %d MB", path, maxFile>>20)
		}
	}
}

func closeFD(fd int) { _ = unix.Close(fd) }

// atOnce says that the kernel makes a file of a process in one go, so that a
// short read is all of it and the end need not be asked for.
func atOnce(path string) bool {
	switch path[strings.LastIndexByte(path, '/')+1:] {
	case "stat", "status", "statm", "cmdline":
		return true
	}
	return false
}

// retry repeats a call that a signal interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

// gone says that a process ended while it was looked at.
func gone(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH) || errors.Is(err, io.EOF)
}
