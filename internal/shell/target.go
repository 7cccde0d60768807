package shell

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// target is the script that the target user's shell runs.
func (c Command) target(text string) string {
	var steps []string
	if c.Become == Su {
		steps = append(steps, suLocale)
	}
	if c.Terminal == Transparent {
		steps = append(steps, "stty raw -echo")
	}
	if c.Becomes() && c.Marker != "" {
		steps = append(steps, "printf %s "+Ready(c.Marker)+" >&2")
	}
	steps = append(steps, c.place()...)
	body := c.body(text)
	switch {
	case c.Detach:
		steps = append(steps, detached(c.child(body)))
	case c.Watch:
		steps = append(steps, watched(c.child(body)))
	case c.Terminal == Transparent:
		steps = append(steps, c.counted(c.child(body)))
	case c.Terminal == Wanted:
		steps = append(steps, hungUp(c.child(body), c.Become == Su))
	case c.Login || c.ReplaceEnv || c.shell() != POSIX:
		steps = append(steps, "exec "+c.child(body))
	default:
		steps = append(steps, body)
	}
	return strings.Join(steps, "; ")
}

// counted gives a command its input out of a terminal that tells no end of it.
func (c Command) counted(command string) string {
	switch {
	case c.Input < 0:
		return "exec " + command
	case c.Input == 0:
		return "exec " + command + " </dev/null"
	}
	return "head -c " + strconv.FormatInt(c.Input, 10) + " | " + command
}

// place is where the command runs. A bare exit keeps the status of what
// failed.
func (c Command) place() []string {
	var steps []string
	if c.Cwd != "" {
		steps = append(steps, "cd -- "+directory(c.Cwd)+" || exit")
	}
	if c.Umask != "" {
		steps = append(steps, "umask "+c.Umask)
	}
	if len(c.Env) > 0 && !c.ReplaceEnv {
		steps = append(steps, "export "+c.assignments())
	}
	return steps
}

func (c Command) assignments() string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		words = append(words, name+"="+quote(c.Env[name]))
	}
	return strings.Join(words, " ")
}

// body is prefixes and text. Each prefix stands on lines of its own, so that a
// comment or a here-document at its end does not swallow what follows.
func (c Command) body(text string) string {
	var out strings.Builder
	if c.PID != "" {
		out.WriteString("printf %s " + c.PID + `-pid-"$$"- >&2` + "\n")
	}
	for _, prefix := range c.Prefix {
		out.WriteString("{ " + prefix + "\n} || exit\n")
	}
	out.WriteString(text)
	return out.String()
}

func (c Command) shell() string {
	if c.Shell == "" {
		return POSIX
	}
	return c.Shell
}

// Child is a simple command that runs prefixes and line in their shell, without
// what is around them.
func Child(c Command) (string, error) {
	text, err := c.Text()
	if err == nil {
		err = c.check()
	}
	return c.child(c.body(text)), err
}

// child is a simple command that runs a script in a shell process of its own,
// so that an exit, an exec or an open quote in it stays there.
func (c Command) child(script string) string {
	words := quote(c.shell())
	if c.Login {
		words += " -l"
	}
	words += " -c " + quote(script)
	if !c.ReplaceEnv {
		return words
	}
	if len(c.Env) > 0 {
		words = c.assignments() + " " + words
	}
	return "env -i " + words
}

// watched runs a command without standard input and kills its process group
// (TERM, after two seconds KILL) when standard input ends, that is when the
// link is lost. The channel itself goes to the watcher alone, whose own
// outputs are closed so that they hold nobody up. The watcher does not heed
// TERM, else a TERM to the group would leave a stubborn command unwatched. The
// command stays in the foreground: background commands ignore INT.
func watched(command string) string {
	return `exec 3<&0 </dev/null; ` +
		`{ trap "" TERM HUP; while read -r x; do :; done; kill -TERM 0; sleep 2; kill -KILL 0; } <&3 3<&- >/dev/null 2>&1 & ` +
		`w=$!; ` + command + ` 3<&-; r=$?; exec 2>/dev/null; kill -KILL $w; wait $w; exit $r`
}

// hungUp runs a command in a terminal and kills its process group (TERM, after
// two seconds KILL) when the terminal goes away before the command does, also
// one that ignores HUP: the shell around the command dies of the hangup, so the
// watcher finds the end of a pipe where the exit status should be. Typed
// interrupts are for the command; what its shells get of them they let pass.
//
// Su keeps a hangup to itself and puts the command into a session without a
// terminal of its own, so there somebody has to look.
func hungUp(command string, look bool) string {
	line := `trap : INT QUIT; exec 3>&1; ` +
		`{ trap : INT QUIT; ` + command + ` 4>&-; echo $? >&4; } 4>&1 >&3 3>&- | ` +
		`{ trap "" TERM HUP INT QUIT; read -r r && exit "$r"; kill -TERM 0; sleep 2; kill -KILL 0; } 3>&- >/dev/null 2>&1`
	if !look {
		return line
	}
	return `exec 5<&0; { trap "" TERM HUP INT QUIT; while [ -t 5 ]; do sleep 1; done; kill -TERM 0; sleep 2; kill -KILL 0; } </dev/null >/dev/null 2>&1 & w=$!; exec 5<&-; ` +
		line + `; r=$?; exec 2>/dev/null; kill -KILL $w; wait $w; exit $r`
}

// detached starts a command in a session of its own. The substitution ends
// when the new session has let go of its output, so whoever kills the old
// process group after this line does not hit the command. setsid(1) is missing
// on some systems; there, ignoring HUP has to do.
func detached(command string) string {
	begin := POSIX + " -c " + quote("exec >/dev/null; exec "+command)
	return `: "$(trap "" HUP; exec $(command -v setsid) ` + begin + ` </dev/null 2>/dev/null &)"`
}

// directory quotes a path for cd: a home directory stays to be expanded, and a
// relative path is kept from being an option, "-" or a matter of CDPATH.
func directory(path string) string {
	home, rest, below := strings.Cut(path, "/")
	switch {
	case home == "~" || strings.HasPrefix(home, "~") && plain(home[1:]):
		if below {
			home += "/" + quote(rest)
		}
		return home
	case strings.HasPrefix(path, "/"):
		return quote(path)
	default:
		return quote("./" + path)
	}
}

// Path quotes a path of a host for a word of a line: ~ is expanded, and no path
// is taken for an option.
func Path(path string) string { return directory(path) }
