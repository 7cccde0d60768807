package transfer

import (
	"context"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"gofab/internal/fault"
)

// maxDepth bounds how deep a tree may be.
const maxDepth = 64

// expand replaces ~ by the home folder of a side.
func expand(ctx context.Context, side FS, name string) (string, error) {
	switch {
	case name == "":
		return "", fault.New(fault.Usage, "the path is empty")
	case strings.ContainsRune(name, 0):
		return "", fault.New(fault.Usage, "the path %q has a NUL byte", name)
	case name != "~" && !strings.HasPrefix(name, "~/"):
		if user, _, _ := strings.Cut(name, "/"); strings.HasPrefix(user, "~") {
			return "", fault.New(fault.Usage, "%s: only ~ for the own home folder is known", name).
				WithHint("write the folder of that user, or ./%s for a file of this name", name)
		}
		return name, nil
	}
	home, err := side.Home(ctx)
	if err != nil {
		return "", err
	}
	if name == "~" {
		return home, nil
	}
	return beside(home, name[2:]), nil
}

// isFolder tells a path that can only mean a folder, whatever is there.
func isFolder(name string) bool {
	last := path.Base(name)
	return strings.HasSuffix(name, "/") || name == "~" || last == "." || last == ".."
}

// baseName is what a source is called in a target folder; "" for one that
// stands for what is in it.
func baseName(source string) string {
	if isFolder(source) {
		return ""
	}
	return path.Base(source)
}

// trim removes "/" at the end, except that of the root.
func trim(name string) string {
	if trimmed := strings.TrimRight(name, "/"); trimmed != "" {
		return trimmed
	}
	return "/"
}

// beside is dir/name. It is not cleaned: x/.. is not . when x is a link.
func beside(dir, name string) string {
	if strings.HasSuffix(dir, "/") {
		return dir + name
	}
	return dir + "/" + name
}

// parent is the folder of a path.
func parent(name string) string {
	switch i := strings.LastIndexByte(name, '/'); {
	case i < 0:
		return "."
	case i == 0:
		return "/"
	default:
		return name[:i]
	}
}

var placeholder = regexp.MustCompile(`\{[A-Za-z_]+\}`)

// FillNames puts names into the placeholders of a local path.
func FillNames(target string, names map[string]string) (string, error) { return fill(target, names) }

// fill puts names into the placeholders of a local path. A value is one path
// element, so that a host's name cannot point elsewhere.
func fill(target string, names map[string]string) (string, error) {
	var wrong error
	filled := placeholder.ReplaceAllStringFunc(target, func(found string) string {
		value, ok := names[found[1:len(found)-1]]
		switch {
		case !ok:
			wrong = fault.New(fault.Usage, "%s: unknown placeholder %s", target, found).WithHint("{host} and {basename} are known")
		case checkName(value) != nil:
			wrong = fault.New(fault.Usage, "%s: %q cannot be part of a path", target, value)
		}
		return value
	})
	return filled, wrong
}

// checkName refuses what is not one plain, printable path element.
func checkName(name string) error {
	plain := name != "" && name != "." && name != ".." && len(name) <= 255 &&
		!strings.ContainsRune(name, '/') && filepath.IsLocal(name)
	if !plain {
		return fault.New(fault.Protocol, "%q is not a file name", name)
	}
	if hasControl(name) {
		return fault.New(fault.Protocol, "the name %q has control characters", name).WithHint("exclude it or rename it")
	}
	return nil
}

// hasControl tells text that could move the cursor of a terminal.
func hasControl(text string) bool { return strings.ContainsFunc(text, unicode.IsControl) }

// parseMode reads permission bits in octal; "" is not given.
func parseMode(text string) (mode fs.FileMode, given bool, err error) {
	if text == "" {
		return 0, false, nil
	}
	n, err := strconv.ParseUint(text, 8, 12)
	if err != nil {
		return 0, false, fault.New(fault.Usage, "mode: %q is not octal", text).WithHint(`write it as "0644"`)
	}
	mode = fs.FileMode(n & 0o777)
	for bit, flag := range map[uint64]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if n&bit != 0 {
			mode |= flag
		}
	}
	return mode, true, nil
}
