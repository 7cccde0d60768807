package sshconfig

import (
	"slices"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// reader reads the arguments of a keyword, checks them and keeps them in the
// form that ssh -G prints.
type reader func(s *statement) error

// oneOf reads one of some words in any case; each is written "word" or
// "word=printed".
func oneOf(words ...string) reader {
	return func(s *statement) error {
		given, err := s.word()
		if err != nil {
			return err
		}
		var possible []string
		for _, w := range words {
			word, printed, different := strings.Cut(w, "=")
			if !different {
				printed = word
			}
			if strings.EqualFold(given, word) {
				s.keep(printed)
				return nil
			}
			possible = append(possible, word)
		}
		return fault.New(fault.Parse, "unsupported value %q", given).WithHint("possible are %s", strings.Join(possible, ", "))
	}
}

var (
	flag     = oneOf("yes", "no", "true=yes", "false=no")
	yesNoAsk = oneOf("yes=true", "no=false", "ask", "true", "false")
)

// text reads one word.
func text(s *statement) error {
	word, err := s.word()
	if err == nil {
		s.keep(word)
	}
	return err
}

// integer reads a number.
func integer(s *statement) error {
	word, err := s.word()
	if err != nil {
		return err
	}
	n, err := parseInt(word)
	if err == nil {
		s.keep(strconv.Itoa(n))
	}
	return err
}

// seconds reads a time. "none" leaves the keyword to later lines.
func seconds(s *statement) error { return s.secondsAs(s.keyword) }

func (s *statement) secondsAs(key string) error {
	word, err := s.word()
	if err != nil || word == "none" {
		return err
	}
	n, err := parseSeconds(word)
	if err == nil {
		s.keepAs(key, strconv.Itoa(n))
	}
	return err
}

// texts reads up to so many words.
func texts(limit int) reader {
	return func(s *statement) error {
		words, err := s.list(limit)
		s.keep(words...)
		return err
	}
}

// command takes the line as it is, quotes and '#' included.
func command(s *statement) error {
	s.words = nil
	s.keep(strings.TrimLeft(s.rest, whitespace+"="))
	return nil
}

// file reads one of many files.
func file(limit int) reader {
	return func(s *statement) error {
		word, err := s.word()
		if err != nil {
			return err
		}
		return s.addNew(word, limit)
	}
}

// algorithms reads a list of names. The signs + - ^ stay until all files are
// read.
func algorithms(s *statement) error {
	word, err := s.word()
	if err != nil {
		return err
	}
	s.keep(word)
	return families[s.keyword].check(word)
}

// refuse is for RefuseConnection.
func refuse(s *statement) error {
	why, err := s.word()
	if err == nil && s.src.active {
		return fault.New(fault.Denied, "%s", why)
	}
	return err
}

// environment reads names or patterns of variables to send; "-name" takes back.
func environment(s *statement) error {
	for _, name := range s.words {
		if name == "" || strings.Contains(name, "=") {
			return fault.New(fault.Parse, "%q is no environment variable", name)
		}
		if pattern, remove := strings.CutPrefix(name, "-"); !remove {
			s.add(name)
		} else if s.src.active {
			s.values[s.keyword] = slices.DeleteFunc(s.values[s.keyword], func(sent string) bool {
				return matchPattern(sent, pattern)
			})
		}
	}
	s.words = nil
	return nil
}

// variables reads NAME=value words. The first line that has any counts, and of
// a name its first value.
func variables(s *statement) error {
	var list, names []string
	for _, word := range s.words {
		name, _, ok := strings.Cut(word, "=")
		if !ok {
			return fault.New(fault.Parse, "%q is not NAME=value", word)
		}
		if !slices.Contains(names, name) {
			list, names = append(list, word), append(names, name)
		}
	}
	s.words = nil
	s.keep(list...)
	return nil
}
