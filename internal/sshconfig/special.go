package sshconfig

import (
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// Readers of keywords about the connection that have a grammar of their own.

func port(s *statement) error {
	word, err := s.word()
	if err != nil {
		return err
	}
	n, err := parsePort(word)
	if err == nil && n == 0 {
		err = fault.New(fault.Parse, "%q is no port", word)
	}
	if err == nil {
		s.keep(strconv.Itoa(n))
	}
	return err
}

// proxyCommand has no effect behind the hops of ProxyJump, nor have they behind
// a ProxyCommand.
func proxyCommand(s *statement) error {
	if s.has("proxyjump") && s.first("proxyjump") != "none" {
		s.words = nil
		return nil
	}
	return command(s)
}

func proxyJump(s *statement) error {
	s.words = nil
	list, _, _ := strings.Cut(strings.TrimLeft(s.rest, whitespace+"="), "#")
	list = strings.TrimRight(list, whitespace)
	if isNone(list) {
		s.keep("none")
		return nil
	}
	hops, err := parseJump(list)
	for _, h := range hops {
		if s.src.line == 0 && err == nil { // an override, whose value may be that of others
			err = h.check()
		}
	}
	if err == nil && !s.has("proxycommand") {
		before := list[:strings.LastIndex(list, ",")+1]
		s.keep(before + hops[len(hops)-1].String())
	}
	return err
}

// forwardAgent is yes, no, a socket or a variable that names one. A socket is
// kept also if yes or no came before.
func forwardAgent(s *statement) error {
	if len(s.words) > 0 {
		switch strings.ToLower(s.words[0]) {
		case "yes", "no", "true", "false":
			return flag(s)
		}
	}
	path, err := s.agentPath()
	if err == nil {
		s.keep("yes")
		s.keepAs("forwardagentsocket", path)
	}
	return err
}

func identityAgent(s *statement) error {
	path, err := s.agentPath()
	if err == nil {
		s.keep(path)
	}
	return err
}

// agentPath reads a socket, "none", SSH_AUTH_SOCK or $NAME of a variable.
func (s *statement) agentPath() (string, error) {
	word, err := s.word()
	if err != nil {
		return "", err
	}
	if _, err := expand(word, nil, s.o.Getenv); err != nil {
		return "", err
	}
	if name, ok := strings.CutPrefix(word, "$"); ok && !strings.HasPrefix(name, "{") && !isVariable(name) {
		return "", fault.New(fault.Parse, "%q is no environment variable", word)
	}
	return word, nil
}

func isVariable(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(c rune) bool {
		return c > 0x7f || c != '_' && !isAlnum(byte(c))
	})
}

func rekeyLimit(s *statement) error {
	word, err := s.word()
	if err != nil {
		return err
	}
	size := int64(0)
	if word != "default" {
		if size, err = parseSize(word); err != nil {
			return err
		}
		if size != 0 && size < 16 {
			return fault.New(fault.Parse, "%q is less than 16 bytes", word)
		}
	}
	s.keep(strconv.FormatInt(size, 10))
	if len(s.words) == 0 {
		return nil
	}
	return s.secondsAs("rekeyinterval")
}

// forward reads a forwarding. A RemoteForward with one word is dynamic: the
// client is a SOCKS server for the other side.
func forward(s *statement) error {
	from, err := s.word()
	if err != nil {
		return err
	}
	to, remote := "", s.keyword == "remoteforward"
	if s.keyword == "localforward" || remote && len(s.words) > 0 && s.words[0] != "" {
		if to, err = s.word(); err != nil {
			return err
		}
	}
	line, err := parseForward(from, to, remote, s.o.Getenv)
	if err != nil {
		return err
	}
	if remote && to == "" {
		s.words = nil
		line += " [socks]:0"
	}
	return s.addNew(line, 1<<30)
}

func permitRemoteOpen(s *statement) error {
	words := s.words
	s.words = nil
	if len(words) == 0 {
		return fault.New(fault.Parse, "an argument is missing")
	}
	for _, word := range words {
		if isNone(word) || strings.EqualFold(word, "any") {
			if len(words) > 1 {
				return fault.New(fault.Parse, "%q must stand alone", word)
			}
			continue
		}
		host, port, ok := cutHost(word)
		if n, err := parsePort(port); !ok || host == "" || port != "*" && (err != nil || n == 0) {
			return fault.New(fault.Parse, "%q is not host:port", word)
		}
	}
	s.keep(words...)
	return nil
}

func permittedCNAMEs(s *statement) error {
	words, err := s.list(32)
	if err != nil {
		return err
	}
	for i, word := range words {
		switch from, to, ok := strings.Cut(strings.ToLower(word), ":"); {
		case isNone(word):
			words[i] = "none"
		case word == "*":
			words[i] = "*:*"
		case !ok || to == "":
			return fault.New(fault.Parse, "%q is not names:targets", word)
		default:
			words[i] = from + ":" + to
		}
	}
	s.keep(words...)
	return nil
}

func canonicalDomains(s *statement) error {
	words, err := s.list(32)
	if err != nil {
		return err
	}
	for i, word := range words {
		if err := checkDomain(word); err != nil {
			return err
		}
		words[i] = strings.TrimSuffix(strings.ToLower(word), ".")
	}
	s.keep(words...)
	return nil
}
