package shell

import (
	"maps"
	"slices"
	"strings"
)

// target is the script that the target user's shell runs.
func (c Command) target(text string) string {
	var steps []string
	if c.sudo() && c.Marker != "" {
		steps = append(steps, "printf %s "+Ready(c.Marker)+" >&2")
	}
	steps = append(steps, c.place()...)
	body := c.body(text)
	switch {
	case c.Detach:
		steps = append(steps, detached(c.child(body)))
	case c.Watch:
		steps = append(steps, watched(c.child(body)))
	case c.Login || c.shell() != POSIX:
		steps = append(steps, "exec "+c.child(body))
	default:
		steps = append(steps, body)
	}
	return strings.Join(steps, "; ")
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
	if len(c.Env) > 0 {
		words := []string{"export"}
		for _, name := range slices.Sorted(maps.Keys(c.Env)) {
			words = append(words, name+"="+quote(c.Env[name]))
		}
		steps = append(steps, strings.Join(words, " "))
	}
	return steps
}

// body is prefixes and text. Each prefix stands on lines of its own, so that a
// comment or a here-document at its end does not swallow what follows.
func (c Command) body(text string) string {
	var out strings.Builder
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

// child is a simple command that runs a script in a shell process of its own,
// so that an exit, an exec or an open quote in it stays there.
func (c Command) child(script string) string {
	if c.Login {
		return quote(c.shell()) + " -l -c " + quote(script)
	}
	return quote(c.shell()) + " -c " + quote(script)
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
