package shell

import (
	"regexp"
	"strings"

	"gofab/internal/fault"
)

// The ways to become somebody else.
const (
	Sudo = "sudo"
	Su   = "su"
	Doas = "doas"
)

// Becomes says that the command runs as another user than the login's.
func (c Command) Becomes() bool { return c.Sudo || c.User != "" || c.Group != "" || c.Become != "" }

// Prompts finds the question for the password in what a way to become somebody
// else writes before the command begins; nil is sudo, which asks with Prompt.
// Su and doas are told to speak English, and their question, the first group,
// is the end of what they have written so far.
func Prompts(become string) *regexp.Regexp {
	switch become {
	case Su:
		return suPrompt
	case Doas:
		return doasPrompt
	}
	return nil
}

var (
	suPrompt   = regexp.MustCompile(`(?:^|[\r\n])([^\r\n:]*[Pp]assword[^\r\n:]*: ?)$`)
	doasPrompt = regexp.MustCompile(`(?:^|\n)(\r?doas \([^()\r\n]*\) password: ?)$`)
)

// becomeLine runs a script as somebody else.
func (c Command) becomeLine(script string) string {
	switch c.Become {
	case Su:
		inner := c.suLine(script)
		return portable("exec "+POSIX+" -c "+quote(inner), inner)
	case Doas:
		line := c.doasLine(script)
		return portable(line, line)
	}
	line := c.sudoLine(script)
	return portable(line, line)
}

// sudoLine: with a marker sudo reads the password from standard input after
// writing its prompt to standard error; without one it fails rather than ask.
func (c Command) sudoLine(script string) string {
	words := "exec sudo -n"
	switch {
	case c.Interactive:
		words = "exec sudo"
	case c.Marker != "":
		words = "exec sudo -S -p " + Prompt(c.Marker)
	}
	words += " -H"
	if c.User != "" {
		words += " -u " + quote(c.User)
	}
	if c.Group != "" {
		if c.User == "" {
			words += " -u root" // with a group alone sudo would keep the user
		}
		words += " -g " + quote(c.Group)
	}
	return words + " -- " + POSIX + " -c " + quote(script)
}

// doasLine: doas asks on the terminal and nowhere else.
func (c Command) doasLine(script string) string {
	words := "exec doas"
	if c.Marker == "" && !c.Interactive {
		words += " -n"
	}
	if c.User != "" {
		words += " -u " + quote(strings.TrimPrefix(c.User, "#"))
	}
	return words + " -- " + POSIX + " -c " + quote(script)
}

// suLine is for a POSIX shell. The line that su gets is read by the login shell
// of the target user; on Linux -s names another one, elsewhere it means
// something else. What su says depends on the locale, which the script sets
// back.
func (c Command) suLine(script string) string {
	user := "root"
	if c.User != "" {
		user = c.User
	}
	inner := portable("exec "+POSIX+" -c "+quote(script), script)
	return `s=; case $(uname) in Linux) s="-s ` + POSIX + `" ;; esac; GOFAB_LC=${LC_ALL-}; LC_ALL=C; export GOFAB_LC LC_ALL; ` +
		"exec su $s " + quote(user) + " -c " + quote(inner)
}

// suLocale undoes what suLine did to the locale.
const suLocale = `if [ -n "$GOFAB_LC" ]; then LC_ALL=$GOFAB_LC; else unset LC_ALL; fi; unset GOFAB_LC`

func (c Command) checkBecome() error {
	switch {
	case c.User != "" && !account.MatchString(c.User):
		return fault.New(fault.Usage, "%q is not a user name", c.User)
	case c.Group != "" && !account.MatchString(c.Group):
		return fault.New(fault.Usage, "%q is not the name of a group", c.Group)
	case c.Become != "" && c.Become != Sudo && c.Become != Su && c.Become != Doas:
		return fault.New(fault.Usage, "become: %q is not one of sudo, su, doas", c.Become)
	case c.Group != "" && c.Become != "" && c.Become != Sudo:
		return fault.New(fault.Usage, "%s cannot set a group", c.Become).WithHint("only sudo can")
	case c.Become == Su && strings.HasPrefix(c.User, "#"):
		return fault.New(fault.Usage, "su takes the name of a user, not a number")
	}
	return nil
}
