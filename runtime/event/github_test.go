package event

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

func githubLog(t *testing.T, events []Event) string {
	t.Helper()
	var out bytes.Buffer
	play(t, NewGitHub(TextOptions{Out: &out, Fold: true}), events)
	return out.String()
}

func TestGitHub(t *testing.T) {
	got := githubLog(t, story())
	token := strings.TrimPrefix(got[:strings.IndexByte(got, '\n')], "::stop-commands::")
	if len(token) < 20 || githubLog(t, nil) != "" {
		t.Errorf("token %q", token)
	}
	got = strings.ReplaceAll(got, "::"+token+"::\n", "")
	got = strings.ReplaceAll(got, "::stop-commands::"+token+"\n", "")
	for _, want := range []string{
		"::group::task deploy\n", "\n::endgroup::\nfailed       db-01\n",
		"error: deploy.lua:7: db-01: h:run: exit 2: systemctl reload nginx\n  hint: see journalctl -u nginx\n::error file=deploy.lua,line=7,title=db-01::h:run: exit 2: systemctl reload nginx\n",
		"::warning title=web1::clock is 40 s behind\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "::error"); n != 3 {
		t.Errorf("%d errors:\n%s", n, got)
	}
}

// obeyed are the commands that the runner would obey: lines that begin with ::
// after white space, outside of stop-commands.
func obeyed(log string) []string {
	var all []string
	token := ""
	for line := range strings.Lines(log) {
		line = strings.TrimSpace(line)
		stop := regexp.MustCompile(`^::stop-commands::(.*)$`).FindStringSubmatch(line)
		switch {
		case token != "":
			if line == "::"+token+"::" {
				token = ""
			}
		case stop != nil:
			token = stop[1]
		case strings.HasPrefix(line, "::"), strings.HasPrefix(line, "##["):
			all = append(all, line)
		}
	}
	return all
}

// TestHostsCommandNoRunner: whatever hosts and scripts write, the runner obeys
// nobody but the renderer.
func TestHostsCommandNoRunner(t *testing.T) {
	for _, attack := range []string{"::set-env name=PATH::/evil", "x\n::error::forged", "##[command]x", "%0A::error::x", "\r\n::add-mask::a"} {
		for _, command := range obeyed(githubLog(t, filled(attack))) {
			if !regexp.MustCompile(`^::(group|endgroup|error|warning)( [^:]*)?::`).MatchString(command) || strings.Contains(command, "forged ::") {
				t.Errorf("%q has the runner do %q", attack, command)
			}
		}
		log := githubLog(t, []Event{Print{Text: attack}, Output{Host: "a", Line: attack}, GroupResult{Groups: []Folded{{Hosts: []string{"a"}, Output: attack}}}})
		if commands := obeyed(log); len(commands) > 0 {
			t.Errorf("%q has the runner do %q", attack, commands)
		}
	}
}
