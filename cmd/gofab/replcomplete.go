package main

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// What is typed of a name, with those before it: sys.mem, h:ru.
	typedName = regexp.MustCompile(`[A-Za-z_][\w.:]*$`)
	// A text that has begun and means hosts: host("we
	typedHost = regexp.MustCompile(`(?:host|hosts|targets)\s*\(?\s*["']([^"']*)$`)
	// The last name of an expression: web1 of "@db, web1".
	lastTarget = regexp.MustCompile(`[^\s,;|&!()]*$`)

	keywords = strings.Fields("and break do else elseif end false for function if in local nil not or repeat return then true until while")
	commands = strings.Fields(":doc :help :hosts :quit")
)

// complete lists what the end of a line may become.
func (p *repl) complete(before string) completion {
	if m := typedHost.FindStringSubmatch(before); m != nil {
		return completed(before, lastTarget.FindString(m[1]), p.targets())
	}
	if strings.HasPrefix(before, ":") {
		if name, ok := strings.CutPrefix(before, ":doc "); ok {
			return completed(before, name, p.documented())
		}
		return completed(before, before, commands)
	}
	word := typedName.FindString(before)
	if word == "" {
		return completion{}
	}
	return completed(before, word, p.names(word))
}

// completed takes the candidates that begin as the word does.
func completed(before, word string, candidates []string) completion {
	c := completion{at: len(before) - len(word)}
	for _, candidate := range candidates {
		if strings.HasPrefix(candidate, word) {
			c.words = append(c.words, candidate)
		}
	}
	slices.Sort(c.words)
	c.words = slices.Compact(c.words)
	return c
}

// names are those that a script may write where the word stands.
func (p *repl) names(word string) []string {
	end := strings.LastIndexAny(word, ".:") + 1
	if end == 0 {
		return append(p.run.VM.Globals(), keywords...)
	}
	path, separator := word[:end-1], word[end-1:end]
	var names []string
	for _, name := range p.run.VM.Members(strings.Split(path, "."), separator) {
		names = append(names, word[:end]+name)
	}
	if separator == "." {
		names = append(names, p.documented()...) // modules that are not loaded yet
	}
	return names
}

func (p *repl) documented() []string {
	l, err := library()
	if err != nil {
		return nil
	}
	return l.Names()
}

// targets are the names that expressions for hosts may have.
func (p *repl) targets() []string {
	names := hostNames(p.run.Hosts.Hosts())
	for _, g := range p.run.Hosts.Groups() {
		names = append(names, "@"+g.Name)
	}
	return names
}
