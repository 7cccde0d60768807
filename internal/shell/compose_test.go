package shell

import (
	"strings"
	"testing"

	"gofab/internal/fault"
)

func TestComposeText(t *testing.T) {
	for _, test := range []struct {
		name string
		c    Command
		want string
	}{
		{"line", Command{Line: "ls | wc -l"}, `exec /bin/sh -c 'ls | wc -l'`},
		{"arguments", Command{Args: []string{"ls", "a b", "", "if", "A=1"}}, `exec /bin/sh -c 'ls '"'"'a b'"'"' '"'"''"'"' '"'"'if'"'"' '"'"'A=1'"'"''`},
		{"place", Command{Line: "make", Cwd: "src", Umask: "027", Env: map[string]string{"B": "2", "A": "x"}},
			`exec /bin/sh -c 'cd -- ./src || exit; umask 027; export A=x B=2; make'`},
		{"sudo", Command{Line: "id", Sudo: true}, `exec sudo -n -H -- /bin/sh -c id`},
		{"user", Command{Line: "id", User: "pg"}, `exec sudo -n -H -u pg -- /bin/sh -c id`},
		{"password", Command{Line: "id", Sudo: true, Marker: "M1"},
			`exec sudo -S -p M1-password- -H -- /bin/sh -c 'printf %s M1-ready- >&2; id'`},
		{"bash", Command{Line: "a", Shell: "/bin/bash", Login: true}, `exec /bin/sh -c 'exec /bin/bash -l -c a'`},
		{"encoded", Command{Line: `echo \a!` + "\n"}, `exec /bin/sh -c 'eval "$(printf %b "echo \0134a\0041\0012")"'`},
		{"prefix", Command{Line: "b", Prefix: []string{"a"}}, `exec /bin/sh -c 'eval "$(printf %b "{ a\0012} || exit\0012b")"'`},
		{"raw", Command{Line: `show version | include "a\b"`, Raw: true}, `show version | include "a\b"`},
	} {
		got, err := Compose(test.c)
		if err != nil || got != test.want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", test.name, err, got, test.want)
		}
	}
}

func TestComposeRefuses(t *testing.T) {
	for _, test := range []struct {
		c    Command
		want string
	}{
		{Command{}, "the command is empty"},
		{Command{Line: " \n"}, "the command is empty"},
		{Command{Line: "a", Args: []string{"b"}}, "not both"},
		{Command{Args: []string{"", "b"}}, "name of the program is empty"},
		{Command{Args: []string{"a", "b\x00c"}}, "NUL byte"},
		{Command{Line: "a\x00"}, "NUL byte"},
		{Command{Line: "a", Cwd: "\x00"}, "NUL byte"},
		{Command{Line: "a", Prefix: []string{"b", "\x00"}}, "NUL byte"},
		{Command{Line: "a", Env: map[string]string{"A": "\x00"}}, "NUL byte"},
		{Command{Line: "a", Env: map[string]string{"A B": "1"}}, `"A B" is not the name`},
		{Command{Line: "a", Env: map[string]string{"": "1"}}, `"" is not the name`},
		{Command{Line: "a", Env: map[string]string{"1A": "1"}}, `"1A" is not the name`},
		{Command{Line: "a", User: "-oops"}, `"-oops" is not a user name`},
		{Command{Line: "a", User: "a b"}, "is not a user name"},
		{Command{Line: "a", User: "a\n"}, "is not a user name"},
		{Command{Line: "a", Umask: "8"}, "not octal"},
		{Command{Line: "a", Marker: "a b"}, "a marker is"},
		{Command{Line: "a", Shell: "bash"}, "not a path"},
		{Command{Line: "a", Watch: true, Detach: true}, "cannot be watched"},
		{Command{Line: "a", Raw: true, Sudo: true}, "without a shell"},
		{Command{Line: "a", Raw: true, Cwd: "/"}, "without a shell"},
		{Command{Line: strings.Repeat("a", MaxLine)}, "at most"},
	} {
		line, err := Compose(test.c)
		if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: got %q, %v, want %q", test.c, line, err, test.want)
		}
	}
}

func TestDirectory(t *testing.T) {
	for path, want := range map[string]string{
		"/srv":     "/srv",
		"/a b":     "'/a b'",
		"-":        "./-",
		"~":        "~",
		"~/":       "~/''",
		"~/a b":    "~/'a b'",
		"~root/x":  "~root/x",
		"~root":    "~root",
		"~a b/x":   "'./~a b/x'",
		"~$(id)/x": "'./~$(id)/x'",
		"..":       "./..",
	} {
		if got := directory(path); got != want {
			t.Errorf("%q: got %s, want %s", path, got, want)
		}
	}
}
