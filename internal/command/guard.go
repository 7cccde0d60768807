package command

import (
	"strings"

	"gofab/internal/shell"
)

// guard asks whether the command is to run at all. All questions are one
// command in the same place and as the same user; the reason is "" when the
// command shall run. A dry run asks nothing.
func (j *job) guard() (reason string, err error) {
	o := j.options
	if o.Creates+o.OnlyIf+o.Unless == "" || o.Dry {
		return "", nil
	}
	ask := Request{Host: j.request.Host, Line: guardLine(o), Options: Defaults()}
	ask.Options.Scope = o.Scope
	ask.Options.PTY, ask.Options.Check, ask.Options.Warn, ask.Options.Encoding = false, true, false, ""
	result, err := Run(j.ctx, j.executor, ask, j.deps)
	if err != nil {
		return "", err
	}
	answer := lastLine(result.Stdout) // a prefix may have spoken before
	return strings.TrimPrefix(answer, "run"), nil
}

// guardLine prints run, or the option that speaks against it. Lines of the
// script stand on lines of their own, so that a comment at the end of one does
// not swallow what follows.
func guardLine(o Options) string {
	var b strings.Builder
	if o.Creates != "" {
		b.WriteString("if [ -e " + shell.Path(o.Creates) + " ]; then echo creates; exit; fi\n")
	}
	if o.OnlyIf != "" {
		b.WriteString("if ( " + o.OnlyIf + "\n) >/dev/null 2>&1; then :; else echo only_if; exit; fi\n")
	}
	if o.Unless != "" {
		b.WriteString("if ( " + o.Unless + "\n) >/dev/null 2>&1; then echo unless; exit; fi\n")
	}
	return b.String() + "echo run"
}
