package sshconfig

import (
	"fmt"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// Readers of keywords about sessions and sharing. gofab has little use for them,
// but a mistake in a file shall be found as ssh finds it.

// controlPersist is yes, no or a time; 0 is for ever.
func controlPersist(s *statement) error {
	word, err := s.word()
	if err != nil {
		return err
	}
	switch word {
	case "no", "false":
		s.keep("no")
		return nil
	case "yes", "true", "0":
		s.keep("yes")
		return nil
	}
	n, err := parseSeconds(word)
	if err == nil && n == 0 {
		s.keep("yes")
	}
	if err == nil {
		s.keep(strconv.Itoa(n))
	}
	return err
}

// addKeysToAgent is a word, "confirm" with a time, or a time.
func addKeysToAgent(s *statement) error {
	if len(s.words) == 1 {
		if n, err := parseSeconds(s.words[0]); err == nil {
			s.words = nil
			if n == 0 {
				s.keep("true")
			}
			s.keep(strconv.Itoa(n))
			return nil
		}
	}
	if len(s.words) == 2 && strings.EqualFold(s.words[0], "confirm") {
		n, err := parseSeconds(s.words[1])
		s.words = nil
		if n > 0 {
			s.keep(fmt.Sprintf("confirm %d", n))
		}
		s.keep("confirm")
		return err
	}
	return oneOf("yes=true", "no=false", "ask", "confirm", "true", "false")(s)
}

// tunnelDevice is local[:remote], each a number or "any".
func tunnelDevice(s *statement) error {
	word, err := s.word()
	if err != nil {
		return err
	}
	local, remote, both := strings.Cut(word, ":")
	if !both {
		remote = "any"
	}
	for _, side := range []*string{&local, &remote} {
		if strings.EqualFold(*side, "any") {
			*side = "any"
		} else if _, err := parseInt(*side); err != nil {
			return fault.New(fault.Parse, "%q is no tunnel device", word)
		}
	}
	s.keep(local + ":" + remote)
	return nil
}

func escapeChar(s *statement) error {
	word, err := s.word()
	if err != nil {
		return err
	}
	switch {
	case word == "none", len(word) == 1:
	case len(word) == 2 && word[0] == '^' && word[1] >= 64 && word[1] < 128:
		word = string(word[1] & 31)
	default:
		return fault.New(fault.Parse, "%q is no escape character", word)
	}
	if c := word[0]; word == `\` {
		word = `\\`
	} else if c < ' ' {
		word = `\^` + string(c+64)
	}
	s.keep(word)
	return nil
}

func bindMask(s *statement) error {
	word, err := s.word()
	if err != nil {
		return err
	}
	mask, err := strconv.ParseUint(word, 8, 16)
	if err != nil || mask > 0o777 {
		return fault.New(fault.Parse, "%q is no octal mask", word)
	}
	s.keep(fmt.Sprintf("0%o", mask))
	return nil
}

// dscp are the names of IPQoS (RFC 4594) and of the older type of service.
var dscp = map[string]int{
	"af11": 0x28, "af12": 0x30, "af13": 0x38, "af21": 0x48, "af22": 0x50, "af23": 0x58,
	"af31": 0x68, "af32": 0x70, "af33": 0x78, "af41": 0x88, "af42": 0x90, "af43": 0x98,
	"cs0": 0, "cs1": 0x20, "cs2": 0x40, "cs3": 0x60, "cs4": 0x80, "cs5": 0xa0, "cs6": 0xc0, "cs7": 0xe0,
	"ef": 0xb8, "le": 0x04, "lowdelay": 0x10, "throughput": 0x08, "reliability": 0x04,
}

// ipqos reads one or two classes, for interactive and for bulk traffic.
func ipqos(s *statement) error {
	var classes []string
	for len(classes) < 2 && (len(s.words) > 0 || len(classes) == 0) {
		word, err := s.word()
		if err != nil {
			return err
		}
		class, err := qosClass(word)
		if err != nil {
			return err
		}
		classes = append(classes, class)
	}
	if len(classes) == 1 {
		classes = append(classes, classes[0])
	}
	s.keep(classes...)
	return nil
}

func qosClass(word string) (string, error) {
	if isNone(word) {
		return "none", nil
	}
	value, ok := dscp[strings.ToLower(word)]
	if !ok {
		n, err := strconv.ParseUint(word, 0, 8)
		if err != nil {
			return "", fault.New(fault.Parse, "unknown IPQoS class %q", word)
		}
		value = int(n)
	}
	for _, name := range names("af11 af12 af13 af21 af22 af23 af31 af32 af33 af41 af42 af43 cs0 cs1 cs2 cs3 cs4 cs5 cs6 cs7 ef le lowdelay throughput") {
		if dscp[name] == value {
			return name, nil
		}
	}
	return fmt.Sprintf("0x%02x", value), nil
}
