package command

import (
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"gofab/internal/secret"
	"gofab/internal/shell"
)

// Scope says where, as whom and how commands run. h:with sets one for all that
// is inside, h:run takes the same options for one command, and the command line
// for a whole run. The tags are their documentation.
type Scope struct {
	Cwd        string            `lua:"cwd" default:"" doc:"Working directory. A relative one adds to that of the scope around it, and begins at the login directory; ~ and ~user are expanded. The command does not run if it cannot be entered."`
	Env        map[string]string `lua:"env" default:"" doc:"Environment variables; they add to those of the scope around it, and survive sudo. Everybody on the host may see them, so no secrets."`
	ReplaceEnv bool              `lua:"replace_env" default:"false" doc:"The command has the variables of env and no others, not even PATH."`
	Umask      string            `lua:"umask" default:"" doc:"File mode creation mask in octal, e.g. 027."`
	Prefix     Prefixes          `lua:"prefix" default:"" doc:"Commands to run first in the same shell, e.g. '. venv/bin/activate'; they follow those of the scope around it. The first one that fails ends the command with its exit code."`

	Sudo     bool         `lua:"sudo" default:"false" doc:"Run as root, with cwd, env and prefix inside; false is the login user again."`
	User     string       `lua:"user" default:"" doc:"Run as this user: a name, or # and a number."`
	Become   string       `lua:"become" default:"" enum:"sudo|su|doas" doc:"How to become root or user; sudo unless said otherwise. su wants the password of that user, sudo and doas that of the login user."`
	Group    string       `lua:"group" default:"" doc:"Run with this group: a name, or # and a number. Only sudo can."`
	Password secret.Value `lua:"password" default:"" doc:"Password for become. Without it the run's own is used, which is asked for once when the first host wants it."`

	Shell Shell  `lua:"shell" default:"/bin/sh" doc:"Path of the shell that runs the line. With false the line is sent as it is, for network devices and the like; cwd, env, sudo and so on are refused then."`
	Login bool   `lua:"login" default:"false" doc:"Have the shell read the profile of the user first, as at a login."`
	PTY   bool   `lua:"pty" default:"false" doc:"Run in a pseudo terminal, of the size of the operator's own where there is one. Standard error becomes part of standard output, and lines end with CR LF."`
	Term  string `lua:"term" default:"" doc:"Type of the pseudo terminal; dumb unless said otherwise, with which programs print plainly."`

	Timeout   time.Duration `lua:"timeout" default:"0s" doc:"Limit for one attempt; 0 is none. The command and its children are ended then; waiting for a password does not count."`
	Check     bool          `lua:"check" default:"true" doc:"Raise an error when the exit code is not 0 or in ok_codes, or when the timeout is reached. With false, look at the result."`
	Warn      bool          `lua:"warn" default:"false" doc:"Show such a failure as a warning instead of raising it."`
	Hide      Hide          `lua:"hide" default:"" doc:"Do not show the command and its output while it runs: true or \"both\"; \"out\" or \"err\" hides one of the streams. The result holds it all the same."`
	Echo      bool          `lua:"echo" default:"false" doc:"Show the line as it is sent to the host, before it runs, even with hide."`
	Dry       bool          `lua:"dry" default:"false" doc:"Check and compose the command, show it, run nothing."`
	Encoding  string        `lua:"encoding" default:"" doc:"Encoding of the output, such as latin1 or shift_jis; it is made UTF-8. Empty leaves bytes as they are."`
	MaxOutput Size          `lua:"max_output" default:"1048576" doc:"How many bytes of each output stream are kept of its beginning, and as many of its end. What lies between is left out, and the result is marked as truncated."`

	given []string // names of options that were named
}

// Given notes that an option was named, even if with the value that it has
// anyway.
func (s *Scope) Given(name string) { s.given = append(s.given, name) }

// DefaultScope holds the values that the tags name.
func DefaultScope() Scope { return Scope{Shell: shell.POSIX, Check: true, MaxOutput: 1 << 20} }

// Becomes says that everything is done as another user than the login's.
func (s Scope) Becomes() bool { return s.Sudo || s.User != "" || s.Group != "" || s.Become != "" }

// As is the name of that user; "" is the login user.
func (s Scope) As() string {
	if s.User == "" && s.Becomes() {
		return "root"
	}
	return s.User
}

// Inside gives the scope of inner within outer: what inner does not name holds
// on, working directories and variables and prefixes add up.
func (outer Scope) Inside(inner Scope) Scope {
	if reflect.ValueOf(outer).IsZero() {
		outer = DefaultScope()
	}
	if reflect.ValueOf(inner).IsZero() {
		return outer
	}
	s := outer
	set, from, plain := reflect.ValueOf(&s).Elem(), reflect.ValueOf(inner), reflect.ValueOf(DefaultScope())
	for i := range set.NumField() {
		name := set.Type().Field(i).Tag.Get("lua")
		if name != "" && (slices.Contains(inner.given, name) || !isDefault(from.Field(i), plain.Field(i))) {
			set.Field(i).Set(from.Field(i))
		}
	}
	s.given = append(slices.Clip(outer.given), inner.given...)
	s.Cwd = JoinCwd(outer.Cwd, inner.Cwd)
	s.Env = mergeEnv(outer.Env, inner.Env)
	s.Prefix = append(slices.Clip(outer.Prefix), inner.Prefix...)
	s.become(inner)
	return s
}

// become settles who an inner scope's user is: one that names root or nobody at
// all drops the user around it.
func (s *Scope) become(inner Scope) {
	switch {
	case inner.User != "":
	case inner.Sudo:
		s.User = ""
	case slices.Contains(inner.given, "sudo"), slices.Contains(inner.given, "user"):
		s.Sudo, s.User, s.Become, s.Group = false, "", inner.Become, inner.Group
	}
}

// Own is the scope of gofab's own lines within s: in the same place and as the
// same user, but by a POSIX shell, and with a result that can be relied upon.
func (s Scope) Own() Scope {
	own := DefaultScope()
	own.Cwd, own.Env, own.Umask, own.Prefix = s.Cwd, s.Env, s.Umask, s.Prefix
	own.Sudo, own.User, own.Become, own.Group, own.Password = s.Sudo, s.User, s.Become, s.Group, s.Password
	own.Timeout, own.Hide = s.Timeout, HideBoth
	return own
}

// OwnOptions are the options of gofab's own lines within s.
func (s Scope) OwnOptions() Options {
	o := Defaults()
	o.Scope = s.Own()
	return o
}

// isDefault takes an empty shell or list for an absent one.
func isDefault(v, plain reflect.Value) bool {
	if v.IsZero() && v.Kind() != reflect.Bool {
		return true
	}
	return v.Comparable() && v.Equal(plain)
}

// JoinCwd is a path inside a directory; absolute ones and those below a home
// stand for themselves.
func JoinCwd(outer, inner string) string {
	switch {
	case inner == "":
		return outer
	case outer == "" || strings.HasPrefix(inner, "/") || strings.HasPrefix(inner, "~"):
		return inner
	default:
		return path.Join(outer, inner)
	}
}

func mergeEnv(outer, inner map[string]string) map[string]string {
	if len(outer) == 0 {
		return inner
	}
	merged := maps.Clone(outer)
	maps.Copy(merged, inner)
	return merged
}
