package sshconfig

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"gofab/internal/fault"
	"gofab/internal/suggest"
)

const (
	systemDir  = "/etc/ssh"
	systemFile = systemDir + "/ssh_config"
	maxDepth   = 16      // of Include
	maxLine    = 1 << 20 // bytes
)

// readFiles is one pass over all files.
func (r *resolution) readFiles() error {
	if r.o.Files != nil {
		for _, path := range r.o.Files {
			if err := r.readFile(&source{path: path, user: path != systemFile, active: true}, false); err != nil {
				return err
			}
		}
		return nil
	}
	own := filepath.Join(r.local.home, ".ssh", "config")
	err := r.readFile(&source{path: own, user: true, active: true}, true)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = r.readFile(&source{path: systemFile, active: true}, false)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// readFile reads one file. A trusted one must belong to the user or root and
// be writable by nobody else: its lines run commands.
func (r *resolution) readFile(src *source, trusted bool) error {
	if err := r.ctx.Err(); err != nil {
		return fault.From(err)
	}
	f, err := os.Open(src.path)
	if err != nil {
		return fault.OS(err, "cannot read %s", src.path)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fault.OS(err, "cannot read %s", src.path)
	}
	if info.IsDir() {
		return nil // an Include pattern matches what it matches
	}
	if trusted && !isTrusted(info) {
		return fault.New(fault.Denied, "%s belongs to or can be written by somebody else", src.path).
			WithHint("chmod go-w %s, and chown it to yourself", src.path)
	}
	lines, err := r.o.Cache.lines(src.path, info, f)
	if err != nil {
		return err
	}
	return r.readLines(src, lines)
}

func isTrusted(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Uid == 0 || int(stat.Uid) == os.Getuid()) && info.Mode().Perm()&0o022 == 0
}

// readLines runs the statements of a file. Those of a block that does not
// apply only have to be checked, once is enough.
func (r *resolution) readLines(src *source, lines *fileLines) error {
	checked := lines.checked.Load()
	for i := 0; i < len(lines.list); i++ {
		l := &lines.list[i]
		if checked && !src.active && !l.block {
			i = l.next - 1
			continue
		}
		src.line = l.number
		s := &statement{resolution: r, src: src, keyword: l.keyword, rest: l.rest, words: l.words}
		if !l.block { // settings keep their words; blocks only look at them
			s.words = slices.Clone(l.words)
		}
		if l.err != nil {
			return s.fail(l.err)
		}
		if err := s.run(); err != nil {
			return err
		}
	}
	lines.checked.Store(true)
	return nil
}

// run dispatches a statement and refuses what it leaves over.
func (s *statement) run() error {
	var err error
	switch s.keyword {
	case "host":
		err = s.hostBlock()
	case "match":
		err = s.matchBlock()
	case "include":
		return s.include()
	default:
		err = s.setting()
	}
	if err == nil && len(s.words) > 0 {
		err = fault.New(fault.Parse, "unexpected argument %q", s.words[0])
	}
	if err != nil {
		return s.fail(err)
	}
	return nil
}

// setting reads a keyword that is no block.
func (s *statement) setting() error {
	k := byName[s.keyword]
	switch {
	case k != nil:
		s.keyword = k.name
		return k.read(s)
	case dropped[s.keyword]:
		s.warn(s.at() + ": " + s.keyword + " has no effect any more")
	case silent[s.keyword] || matchList(s.keyword, strings.ToLower(s.first("ignoreunknown"))):
	default:
		e := fault.New(fault.Parse, "no such keyword")
		if near := suggest.Nearest(s.keyword, keywordNames()); near != "" {
			return e.WithHint("did you mean %s?", near)
		}
		return e.WithHint("IgnoreUnknown %s makes ssh and gofab skip it", s.keyword)
	}
	s.words = nil
	return nil
}

func keywordNames() []string {
	list := []string{"host", "match", "include"}
	for name := range byName {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// hostBlock begins a block for names: one of the patterns must match and none
// of those behind '!'. Where the block cannot apply anyway, OpenSSH looks at the
// first word alone.
func (s *statement) hostBlock() error {
	s.src.active = false
	for len(s.words) > 0 {
		pattern, err := s.word()
		if err != nil {
			return err
		}
		pattern, negated := strings.CutPrefix(pattern, "!")
		if s.src.never {
			s.words = nil
			return nil
		}
		if !matchPattern(s.host, pattern) {
			continue
		}
		s.src.active = !negated
		if negated {
			s.words = nil
		}
	}
	return nil
}

// Override is the place of what Options.Overrides say.
const Override = "option"

// readOverrides reads what comes before all files.
func (r *resolution) readOverrides(list [][2]string) error {
	for _, o := range list {
		s := &statement{resolution: r, src: &source{path: Override, user: true, active: true}}
		s.keyword, s.rest = strings.ToLower(o[0]), o[1]
		k := byName[s.keyword]
		if k == nil && blocks[s.keyword] {
			return s.fail(fault.New(fault.Usage, "cannot be an option"))
		}
		if k != nil && takesOneWord[k.name] {
			s.words = []string{o[1]}
		} else {
			words, err := splitWords(o[1])
			if err != nil {
				return s.fail(fault.Wrap(fault.Usage, err, "cannot read the value"))
			}
			s.words = words
		}
		if err := s.run(); err != nil {
			return err
		}
	}
	return nil
}

var blocks = wordSet("host match include")

// takesOneWord are keywords with any text in one word.
var takesOneWord = wordSet(`user hostname hostkeyalias identityfile certificatefile identityagent controlpath bindaddress
	bindinterface pkcs11provider securitykeyprovider tag xauthlocation forwardagent`)
