package difflib

import (
	"os"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// What git writes between "diff --git" and the lines of a change: files that
// are renamed, copied, empty, or have another mode
// (https://git-scm.com/docs/diff-format, "Generating patch text with -p").

// gitHead is what such a head says of one file.
type gitHead struct {
	names            string // what follows "diff --git "
	from, to         string // of a rename or a copy
	copied           bool
	oldMode, newMode string // as in "100644"
	created, deleted bool
}

// gitFile reads the head of a file at a "diff --git" line, and its changes where
// it has any. A file of which nothing is said is passed over.
func (r *patchReader) gitFile() (p Patch, ok bool, err error) {
	h := gitHead{names: strings.TrimSpace(strings.TrimPrefix(r.next(), "diff --git "))}
	for h.line(strings.TrimRight(r.peek(), "\r\n")) {
		r.next()
	}
	if r.atNames() {
		if p, err = r.changes(); err != nil {
			return p, false, err
		}
	} else if p, ok = h.unchanged(); !ok {
		return p, false, nil
	}
	for _, mode := range []string{h.oldMode, h.newMode} {
		if mode != "" && !strings.HasPrefix(mode, "100") {
			return p, false, fault.New(fault.Unsupported, "%s is a link or a submodule (mode %s), which cannot be patched", p.name(), mode)
		}
	}
	p.Moved, p.Copied, p.OldMode, p.NewMode = h.from != "", h.copied, h.oldMode, h.newMode
	return p, true, nil
}

// line reads one line of the head, and tells whether it is one.
func (h *gitHead) line(line string) bool {
	take := func(key string, into *string) bool {
		rest, ok := strings.CutPrefix(line, key+" ")
		if ok {
			*into = unquoted(rest)
		}
		return ok
	}
	switch {
	case take("old mode", &h.oldMode), take("new mode", &h.newMode), take("rename from", &h.from), take("rename to", &h.to):
	case take("new file mode", &h.newMode):
		h.created = true
	case take("deleted file mode", &h.oldMode):
		h.deleted = true
	case take("copy from", &h.from), take("copy to", &h.to):
		h.copied = true
	default:
		key, _, _ := strings.Cut(line, " ")
		return key == "index" || key == "similarity" || key == "dissimilarity"
	}
	return true
}

// unchanged is the patch of a head that no changes follow.
func (h *gitHead) unchanged() (Patch, bool) {
	if h.from != "" && h.to != "" {
		prefixOld, prefixNew := h.prefixes()
		return Patch{Old: prefixOld + h.from, New: prefixNew + h.to}, true
	}
	name := sameName(h.names)
	switch {
	case name == "":
		return Patch{}, false
	case h.created:
		return Patch{Old: os.DevNull, New: name}, true
	case h.deleted:
		return Patch{Old: name, New: os.DevNull}, true
	default:
		return Patch{Old: name, New: name}, h.oldMode != h.newMode
	}
}

// prefixes are what stands in front of the names of a rename in the first line:
// a/ and b/ as a rule, nothing with --no-prefix.
func (h *gitHead) prefixes() (before, after string) {
	first := strings.TrimPrefix(h.names, `"`)
	if prefix, rest, ok := strings.Cut(first, "/"); ok && strings.HasPrefix(unescaped(rest), h.from) && !strings.HasPrefix(unescaped(first), h.from+" ") {
		return prefix + "/", "b/"
	}
	return "", ""
}

// sameName is the name that the first line says twice: "a/x b/x".
func sameName(names string) string {
	if strings.HasPrefix(names, `"`) {
		quoted, err := strconv.QuotedPrefix(names)
		if err != nil {
			return ""
		}
		return unquoted(quoted)
	}
	middle := len(names) / 2
	if len(names)%2 == 0 || names[middle] != ' ' {
		return ""
	}
	old, renamed := names[:middle], names[middle+1:]
	_, oldRest, _ := strings.Cut(old, "/")
	_, newRest, _ := strings.Cut(renamed, "/")
	if old != renamed && oldRest != newRest {
		return ""
	}
	return old
}

// unquoted undoes the quotes of a name.
func unquoted(name string) string {
	if plain, err := strconv.Unquote(name); err == nil && strings.HasPrefix(name, `"`) {
		return plain
	}
	return name
}

// unescaped undoes the escapes of a quoted name whose end is not known.
func unescaped(text string) string {
	quoted, err := strconv.QuotedPrefix(`"` + text)
	if err != nil {
		return text
	}
	return unquoted(quoted)
}
