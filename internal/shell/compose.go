package shell

import (
	"regexp"
	"strings"

	"gofab/internal/fault"
)

// POSIX is the path of the shell that runs everything but the user's own line.
const POSIX = "/bin/sh"

// MaxLine is the longest line that Linux takes as one argument, in bytes
// (MAX_ARG_STRLEN, execve(2), less the final NUL).
const MaxLine = 128<<10 - 1

// Command is what to run and what to put around it.
type Command struct {
	Line string   // shell text; or:
	Args []string // a program and its arguments, quoted here

	Cwd    string            // working directory; relative to the login directory; "~" and "~user" are expanded
	Env    map[string]string // added to the environment of the command
	Umask  string            // octal, e.g. "027"; empty leaves it
	Prefix []string          // run before in the same shell; the first that fails ends it
	Shell  string            // runs prefixes and line as SHELL -c; POSIX when empty
	Login  bool              // the shell reads its profile first (sh -l)

	Sudo   bool   // run as root, or as User
	User   string // name or #uid; implies Sudo
	Group  string // name or #gid; of sudo alone
	Become string // Sudo, Su or Doas; implies root when no User is set
	Marker string // letters and digits, random; a password may be asked for (see Prompt); empty: never

	PID         string // letters and digits, random: the shell that runs the line first writes its process id to standard error, see Command.body
	Interactive bool   // a person or a script sees the question for the password and answers it

	ReplaceEnv bool // the command has no other variables than Env

	Watch    bool // no standard input; the command dies when its standard input's other end does
	Terminal Terminal
	Input    int64 // with a transparent terminal: bytes of standard input, since none has an end there; -1 leaves it open
	Detach   bool  // start in the background, in a session of its own, without standard streams
	Raw      bool  // the line as it is, for things that have no shell; nothing else may be set
}

// Terminal is what a pseudo terminal around the command is for.
type Terminal int

// The three cases.
const (
	NoTerminal  Terminal = iota
	Wanted               // for the command, which dies with it
	Transparent          // for the question of su or doas alone: bytes go through it unchanged
)

// Prompt is what sudo writes to standard error when it wants the password. Su
// and doas have words of their own: see Prompts.
func Prompt(marker string) string { return marker + "-password-" }

// Ready is what the script writes to standard error as soon as sudo has let it
// through: from here on, standard input belongs to the command.
func Ready(marker string) string { return marker + "-ready-" }

// Compose gives the line to send to a login shell.
func Compose(c Command) (string, error) {
	if err := c.check(); err != nil {
		return "", err
	}
	text, err := c.Text()
	if err != nil || c.Raw {
		return text, err
	}
	line := c.login(c.target(text))
	if len(line) > MaxLine {
		return "", fault.New(fault.Usage, "the command line is %d bytes long; a Linux host takes %d at most", len(line), MaxLine).
			WithHint("upload a script and run that, or send the data on standard input")
	}
	return line, nil
}

// Text is the command as a user would type it: the line, or the arguments
// quoted.
func (c Command) Text() (string, error) {
	switch {
	case len(c.Args) > 0 && c.Line != "":
		return "", fault.New(fault.Usage, "a command is either a line or a list of arguments, not both")
	case len(c.Args) > 0 && c.Args[0] == "":
		return "", fault.New(fault.Usage, "the name of the program is empty")
	case len(c.Args) > 0:
		return Join(c.Args)
	case strings.TrimSpace(c.Line) == "":
		return "", fault.New(fault.Usage, "the command is empty")
	case strings.IndexByte(c.Line, 0) >= 0:
		return "", fault.New(fault.Usage, "the command holds a NUL byte")
	}
	return c.Line, nil
}

// login is what every login shell reads alike: exec and words in single
// quotes. Inside those, csh reads ! and newlines, fish reads backslashes, and
// what is outside ASCII depends on the locale; a script with one of these
// travels encoded.
func (c Command) login(script string) string {
	if c.Becomes() {
		return c.becomeLine(script)
	}
	return portable("exec "+POSIX+" -c "+quote(script), script)
}

// portable is a line when it is universal, else the script behind it, encoded.
func portable(line, script string) string {
	if universal(line) {
		return line
	}
	return "exec " + POSIX + ` -c 'eval "$(printf %b "` + encode(script) + `")"'`
}

// universal says that a line has the same meaning in every login shell, given
// that its words are quoted by quote.
func universal(line string) bool {
	for i := range len(line) {
		if b := line[i]; b < ' ' || b > '~' || b == '\\' || b == '!' {
			return false
		}
	}
	return true
}

// encode writes a script for printf %b, in characters that are safe inside
// double quotes inside single quotes: the rest as \0ooo.
func encode(script string) string {
	var out strings.Builder
	for i := range len(script) {
		b := script[i]
		if plainByte(b) || strings.IndexByte(" ;&|<>(){}[]=*?#~^%", b) >= 0 {
			out.WriteByte(b)
			continue
		}
		out.WriteString(`\0`)
		out.Write([]byte{'0' + b>>6, '0' + b>>3&7, '0' + b&7})
	}
	return out.String()
}

var (
	envName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	account    = regexp.MustCompile(`^(#[0-9]+|[A-Za-z0-9_.][A-Za-z0-9_.@\\-]*\$?)$`)
	octal      = regexp.MustCompile(`^0?[0-7]{1,3}$`)
	markerText = regexp.MustCompile(`^[A-Za-z0-9]*$`)
)

func (c Command) check() error {
	switch {
	case c.Raw:
		return c.checkRaw()
	case c.Umask != "" && !octal.MatchString(c.Umask):
		return fault.New(fault.Usage, "umask %q is not octal, such as 027", c.Umask)
	case !markerText.MatchString(c.Marker + c.PID):
		return fault.New(fault.Usage, "a marker is letters and digits")
	case c.Shell != "" && !strings.HasPrefix(c.Shell, "/"):
		return fault.New(fault.Usage, "shell %q is not a path", c.Shell).WithHint("write %q", "/bin/"+c.Shell)
	case c.Watch && c.Detach:
		return fault.New(fault.Usage, "a detached command outlives its link, so it cannot be watched")
	}
	if err := c.checkBecome(); err != nil {
		return err
	}
	return c.checkTexts()
}

// checkTexts looks for what cannot be part of a script at all.
func (c Command) checkTexts() error {
	for name, value := range c.Env {
		if !envName.MatchString(name) {
			return fault.New(fault.Usage, "%q is not the name of an environment variable", name)
		}
		if strings.IndexByte(value, 0) >= 0 {
			return fault.New(fault.Usage, "the environment variable %s holds a NUL byte", name)
		}
	}
	if strings.IndexByte(c.Cwd+c.Shell+strings.Join(c.Prefix, ""), 0) >= 0 {
		return fault.New(fault.Usage, "cwd, shell or prefix holds a NUL byte")
	}
	return nil
}

func (c Command) checkRaw() error {
	if c.Cwd != "" || c.Umask != "" || len(c.Prefix) > 0 || c.Login || c.Becomes() || c.ReplaceEnv || c.Detach || c.Watch || len(c.Env) > 0 {
		return fault.New(fault.Usage, "without a shell there is no cwd, env, sudo, user, become, umask, prefix, login or detach").
			WithHint("leave shell at its default, or put everything into the line")
	}
	return nil
}
