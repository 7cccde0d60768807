package sftpserver

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// maxLinks is how many symbolic links one path may go through.
const maxLinks = 40

// resolve makes an absolute path free of links, "." and "..", as realpath(3)
// does, except that the last part need not exist: a client asks for the full
// name of a file that it is about to make.
func resolve(name string) (string, error) {
	done, left, links := "/", name, 0
	for left != "" {
		var part string
		part, left, _ = strings.Cut(left, "/")
		switch part {
		case "", ".":
			continue
		case "..":
			done = path.Dir(done)
			continue
		}
		next := path.Join(done, part)
		target, err := readlink(next)
		switch {
		case err == unix.ENOENT && left == "":
			return next, nil
		case err != nil:
			return "", err
		case target == "": // no link
			done = next
			continue
		}
		if links++; links > maxLinks {
			return "", unix.ELOOP
		}
		if strings.HasPrefix(target, "/") {
			done = "/"
		}
		if left != "" {
			target += "/" + left
		}
		left = target
	}
	return done, nil
}

// readlink gives the target of a link and "" for anything else that exists.
func readlink(name string) (string, error) {
	var st unix.Stat_t
	if err := unix.Lstat(name, &st); err != nil {
		return "", err
	}
	if uint32(st.Mode)&unix.S_IFMT != unix.S_IFLNK {
		return "", nil
	}
	buffer := make([]byte, 4096)
	n, err := unix.Readlink(name, buffer)
	return string(buffer[:max(n, 0)]), err
}
