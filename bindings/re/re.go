// Package re is the Lua module re: regular expressions in RE2 syntax.
package re

import (
	"regexp"
	"sync"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// Module declares re.
func Module() *kit.Module {
	return &kit.Module{
		Name: "re",
		Doc: "Regular expressions in RE2 syntax (https://github.com/google/re2/wiki/Syntax): linear time, no " +
			"look-around. Write them in [[...]] so that a backslash stays one.",
		Funcs: []kit.Func{
			kit.Fn("match", "Find the first match; nil when there is none. The result has the groups under 1, 2, ... and their "+
				"names, the whole match under 0, and its place in start and stop, as string.find gives it.", match).With(
				`local m = re.match("port 8080 open", [[port (?P<port>\d+)]])
assert(m[0] == "port 8080" and m[1] == "8080" and m.port == "8080" and m.start == 1 and m.stop == 9)`),
			kit.Fn("test", "Tell whether a text has a match.", test).With(
				`assert(re.test("web12", [[^web\d+$]]))`),
			kit.Fn("match_all", "List all matches that do not overlap.", matchAll).With(
				`assert(#re.match_all("a1 b2 c3", [[\w\d]]) == 3)`),
			kit.Fn("replace", "Replace all matches by a text, in which $1 and ${name} are groups, or by what a function gives "+
				"for each match.", replace).With(
				`assert(re.replace("web1 web2", [[web(\d)]], "db$1") == "db1 db2")`,
				`assert(re.replace("1 2", [[\d]], function(m) return tostring(m[0] * 10) end) == "10 20")`),
			kit.Fn("split", "Cut a text at each match.", split).With(
				`assert(table.concat(re.split("a,  b;c", [[[,;]\s*]]), "|") == "a|b|c")`),
			kit.Fn("quote", "Make a pattern that matches a text as it is.", quote).With(
				`assert(re.test("a.b", "^" .. re.quote("a.b") .. "$"))`),
		},
	}
}

// compiled keeps patterns that were used before. It is bounded: a script that
// makes patterns without end starts over.
type compiled struct {
	mu       sync.Mutex
	patterns map[string]*regexp.Regexp
}

const maxCompiled = 500

type compiledKey struct{}

func compile(c *kit.Call, pattern string) (*regexp.Regexp, error) {
	cache := kit.SharedValue(c.Shared, compiledKey{}, func() *compiled {
		return &compiled{patterns: map[string]*regexp.Regexp{}}
	})
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if re := cache.patterns[pattern]; re != nil {
		return re, nil
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "not a regular expression").
			WithHint("RE2 syntax has no look-around and no back references")
	}
	if len(cache.patterns) >= maxCompiled {
		clear(cache.patterns)
	}
	cache.patterns[pattern] = re
	return re, nil
}

type args struct {
	Text    string `lua:"text,arg1" doc:"Where to look."`
	Pattern string `lua:"pattern,arg2" doc:"Regular expression."`
}

// result makes the table of one match.
func result(re *regexp.Regexp, text string, at []int) map[any]any {
	m := map[any]any{"start": at[0] + 1, "stop": at[1]}
	for i, name := range re.SubexpNames() {
		if at[2*i] < 0 {
			continue
		}
		group := text[at[2*i]:at[2*i+1]]
		m[i] = group
		if name != "" {
			m[name] = group
		}
	}
	return m
}

func match(c *kit.Call, a args) (any, error) {
	re, err := compile(c, a.Pattern)
	if err != nil {
		return nil, err
	}
	at := re.FindStringSubmatchIndex(a.Text)
	if at == nil {
		return nil, nil
	}
	return result(re, a.Text, at), nil
}

func test(c *kit.Call, a args) (bool, error) {
	re, err := compile(c, a.Pattern)
	if err != nil {
		return false, err
	}
	return re.MatchString(a.Text), nil
}

func matchAll(c *kit.Call, a args) ([]map[any]any, error) {
	re, err := compile(c, a.Pattern)
	if err != nil {
		return nil, err
	}
	found := []map[any]any{}
	for _, at := range re.FindAllStringSubmatchIndex(a.Text, -1) {
		found = append(found, result(re, a.Text, at))
	}
	return found, nil
}

type replaceArgs struct {
	Text    string `lua:"text,arg1" doc:"Where to look."`
	Pattern string `lua:"pattern,arg2" doc:"Regular expression."`
	By      any    `lua:"by,arg3" doc:"Text with $1 or ${name}, or a function that gets the match."`
}

func replace(c *kit.Call, a replaceArgs) (string, error) {
	re, err := compile(c, a.Pattern)
	if err != nil {
		return "", err
	}
	switch by := a.By.(type) {
	case string:
		return re.ReplaceAllString(a.Text, by), nil
	case kit.Callback:
		return replaceByFunction(c, re, a.Text, by)
	default:
		return "", fault.New(fault.Usage, "by: want string or function")
	}
}

func replaceByFunction(c *kit.Call, re *regexp.Regexp, text string, by kit.Callback) (string, error) {
	var out []byte
	last := 0
	for _, at := range re.FindAllStringSubmatchIndex(text, -1) {
		results, err := by.Call(c.Context, result(re, text, at))
		if err != nil {
			return "", err
		}
		out = append(out, text[last:at[0]]...)
		last = at[1]
		if len(results) == 0 || results[0] == nil {
			out = append(out, text[at[0]:at[1]]...)
			continue
		}
		s, ok := results[0].(string)
		if !ok {
			return "", fault.New(fault.Usage, "the function must give a string or nil for each match")
		}
		out = append(out, s...)
	}
	return string(append(out, text[last:]...)), nil
}

type splitArgs struct {
	Text    string `lua:"text,arg1" doc:"What to cut."`
	Pattern string `lua:"pattern,arg2" doc:"Where to cut."`
	Max     int    `lua:"max" default:"-1" doc:"At most so many parts; -1 means all."`
}

func split(c *kit.Call, a splitArgs) ([]string, error) {
	re, err := compile(c, a.Pattern)
	if err != nil {
		return nil, err
	}
	parts := re.Split(a.Text, a.Max)
	if parts == nil {
		parts = []string{}
	}
	return parts, nil
}

type quoteArgs struct {
	Text string `lua:"text,arg1" doc:"Text to match literally."`
}

func quote(_ *kit.Call, a quoteArgs) (string, error) { return regexp.QuoteMeta(a.Text), nil }
