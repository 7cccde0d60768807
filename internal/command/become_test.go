package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/shell"
	"gofab/internal/testenv"
)

// becoming is one way for one login user to become others.
type becoming struct {
	method string
	free   bool // without a password
	login  *Local
	target testenv.User // an ordinary user to become
}

// answer is the password that the method wants.
func (b becoming) answer(of string) string {
	if of == "" {
		return password
	}
	return "of " + of // su: that of the target
}

// deps count the questions, and check for whom they are.
func (b becoming) deps(t *testing.T, asked *int) Deps {
	return Deps{BecomePassword: func(_ context.Context, of string) (secret.Value, error) {
		*asked++
		if (of == "") == (b.method == shell.Su) {
			t.Errorf("%s asked for the password of %q", b.method, of)
		}
		return secret.New(b.answer(of)), nil
	}}
}

func (b becoming) String() string { return fmt.Sprint(b.method, " free=", b.free) }

// ways makes users for sudo, su and doas.
func ways(t *testing.T) []becoming {
	testenv.Require(t, "root")
	target := testenv.TempUser(t, "of nobody yet")
	testenv.SetPassword(t, target, "of "+target.Name)
	var list []becoming
	for _, free := range []bool{false, true} {
		list = append(list,
			becoming{shell.Sudo, free, as(t, testenv.SudoUser(t, password, free)), target},
			becoming{shell.Doas, free, as(t, testenv.DoasUser(t, password, free)), target})
	}
	return append(list, becoming{shell.Su, false, as(t, testenv.TempUser(t, password)), target})
}

// TestBecome goes through the same commands by every way to become a user:
// where, who and with what, standard input, exit codes, a terminal.
func TestBecome(t *testing.T) {
	binary := strings.Repeat("\x00\x01\x03\x04\x11\x13\x1a\r\n\x7f\xff", 3000)
	dir := folderFor(t, "it's ")
	script := filepath.Join(dir, "in")
	if err := os.WriteFile(script, []byte(binary), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, b := range ways(t) {
		for name, test := range map[string]struct {
			line   string
			want   string
			code   int
			change func(*Options)
		}{
			"who":     {`id -un; echo "$HOME"`, b.target.Name + "\n" + b.target.Home + "\n", 0, nil},
			"place":   {`pwd; echo "$A"; umask`, dir + "\nit's \"\\!\n0027\n", 0, func(o *Options) { o.Cwd, o.Env, o.Umask = dir, map[string]string{"A": `it's "\!`}, "027" }},
			"code":    {"exit 7", "", 7, func(o *Options) { o.OKCodes = []int{7} }},
			"locale":  {`echo "${LC_ALL-unset} ${GOFAB_LC-unset}"`, "C unset\n", 0, func(o *Options) { o.Env = map[string]string{"LC_ALL": "C"} }},
			"nothing": {"cat", "", 0, nil},
			"text":    {"cat", binary, 0, func(o *Options) { o.Stdin = Text(binary) }},
			"file":    {"cat", binary, 0, func(o *Options) { o.Stdin = Input{File: script} }},
			"watch": {`printf "PIN? "; read x; echo "$x"`, "PIN? 42\n", 0, func(o *Options) {
				o.Watch = []Answer{{Pattern: `PIN\? `, Reply: Reply{Text: secret.New("42\n")}, Max: 1}}
			}},
			"bash":     {`echo ${A[1]}`, "y\n", 0, func(o *Options) { o.Shell, o.Prefix = "/bin/bash", []string{"A=(x y)"} }},
			"empty":    {"/usr/bin/env | grep -c =", "1\n", 0, func(o *Options) { o.ReplaceEnv, o.Env = true, map[string]string{"ONLY": "1"}; o.Shell = "/bin/dash" }},
			"terminal": {`test -t 0 && test -t 1 && id -un`, b.target.Name + "\r\n", 0, func(o *Options) { o.PTY = true }},
		} {
			t.Run(b.String()+" "+name, func(t *testing.T) { checkBecome(t, b, test.line, test.want, test.code, test.change) })
		}
	}
}

func checkBecome(t *testing.T, b becoming, line, want string, code int, change func(*Options)) {
	if b.method == shell.Sudo {
		forget(t, b.login)
	}
	asked := 0
	o := with(change)
	o.User, o.Become = b.target.Name, b.method
	var shown strings.Builder
	req := Request{Host: "web1", Line: line, Options: o, OnLine: func(_, text string) { shown.WriteString(text + "\n") }}
	r, err := Run(t.Context(), b.login, req, b.deps(t, &asked))
	if err != nil || r.Code != code {
		t.Fatalf("%.200q %.200q, %v", r.Stdout, r.Stderr, err)
	}
	if strings.Contains(line, "grep -c") { // shells set PWD and the like themselves
		if n := strings.TrimSpace(r.Stdout); len(n) != 1 {
			t.Errorf("%s variables", n)
		}
	} else if got := strings.TrimLeft(r.Stdout, "\r\n"); got != want && r.Stdout != want {
		t.Errorf("got %.300q, want %.300q", r.Stdout, want)
	}
	if (asked == 0) != b.free || asked > 1 {
		t.Errorf("asked %d times", asked)
	}
	said := r.Stderr + shown.String()
	for _, hidden := range []string{"-ready-", "assword", b.answer(""), b.answer(b.target.Name)} {
		if strings.Contains(said, hidden) {
			t.Errorf("%q shows in %q", hidden, said)
		}
	}
	if strings.Contains(r.Line, b.answer("")) {
		t.Error("the password is part of the line")
	}
}

// TestBecomeRefused: the reason comes through, whatever check says, and nobody
// is asked twice.
func TestBecomeRefused(t *testing.T) {
	for _, b := range ways(t) {
		if b.free {
			continue
		}
		t.Run(b.method, func(t *testing.T) {
			t.Parallel()
			asked := 0
			deps := Deps{BecomePassword: func(context.Context, string) (secret.Value, error) {
				asked++
				return secret.New("wrong"), nil
			}}
			o := with(func(o *Options) { o.User, o.Become, o.Check, o.Retries = b.target.Name, b.method, false, 3 })
			r, err := Run(t.Context(), b.login, Request{Host: "web1", Line: "echo ran", Options: o}, deps)
			if fault.KindOf(err) != fault.Auth || asked != 1 || strings.Contains(r.Stdout, "ran") || fault.From(err).Hint == "" {
				t.Errorf("asked %d times: %+v, %v", asked, r, err)
			}
			if want := "web1: " + b.method + " refused the password: echo ran"; !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
		t.Run(b.method+" nobody", func(t *testing.T) {
			t.Parallel()
			o := with(func(o *Options) { o.User, o.Become, o.Check = "nosuchuser", b.method, false })
			r, err := Run(t.Context(), b.login, Request{Host: "web1", Line: "echo ran", Options: o}, b.deps(t, new(int)))
			if kind := fault.KindOf(err); kind != fault.Denied && kind != fault.Auth || strings.Contains(r.Stdout, "ran") {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

// TestBecomeUnknownUser: the reason is told, not what sudo adds below it.
func TestBecomeUnknownUser(t *testing.T) {
	text := auditNoise.ReplaceAllString("sudo: unknown user nosuchuser\nsudo: error initializing audit plugin sudoers_audit\n", "")
	if got := reason(Result{Stderr: text}); got != "sudo: unknown user nosuchuser" {
		t.Errorf("%q", got)
	}
}

// TestBecomeNotAllowed: a user without any rule is told what was said.
func TestBecomeNotAllowed(t *testing.T) {
	testenv.Require(t, "doas")
	testenv.DoasUser(t, password, true) // somebody else may
	l := as(t, testenv.TempUser(t, password))
	o := with(func(o *Options) { o.Become, o.Check = shell.Doas, false })
	_, err := Run(t.Context(), l, Request{Host: "web1", Line: "echo ran", Options: o}, becoming{method: shell.Doas}.deps(t, new(int)))
	if want := "web1: doas did not run the command: echo ran: doas: Operation not permitted"; fault.KindOf(err) != fault.Denied || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestSudoGroup runs with a group of its own.
func TestSudoGroup(t *testing.T) {
	l := as(t, testenv.SudoUser(t, password, true))
	for _, test := range []struct {
		want   string
		change func(*Options)
	}{
		{"root adm", func(o *Options) { o.Group = "adm" }},
		{"nobody adm", func(o *Options) { o.User, o.Group = "nobody", "adm" }},
		{"root daemon", func(o *Options) { o.Sudo, o.Group = true, "#1" }},
	} {
		r, err := Run(t.Context(), l, Request{Line: "echo $(id -un) $(id -gn)", Options: with(test.change)}, Deps{})
		if err != nil || r.Stdout != test.want+"\n" {
			t.Errorf("want %s: %+v, %v", test.want, r, err)
		}
	}
	o := with(func(o *Options) { o.Group, o.Become = "adm", shell.Su })
	if _, err := Run(t.Context(), l, Request{Line: "id", Options: o}, Deps{}); fault.KindOf(err) != fault.Usage {
		t.Error(err)
	}
}

// folderFor makes a folder that every user can enter.
func folderFor(t *testing.T, name string) string {
	dir, err := os.MkdirTemp("/tmp", "gofab "+name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
