package command

import (
	"regexp"

	"gofab/internal/fault"
	"gofab/internal/shell"
)

// method is how the command becomes somebody else.
func (j *job) method() string {
	if j.options.Become == "" {
		return shell.Sudo
	}
	return j.options.Become
}

// expectPrompt holds the user's input back until sudo, su or doas has what it
// wants. On a terminal all that is written comes as standard output.
func (a *attempt) expectPrompt(marker string) {
	d := newDialogue(marker)
	d.prompt = shell.Prompts(a.job.method())
	d.ready = a.userInput
	d.asked = func() { a.work.Go(a.password) }
	d.refused = func() { a.cancel(a.job.refused("")) }
	a.dialogue = d
	d.terminal = a.job.options.PTY || a.job.transparent
	if d.terminal {
		a.stdout.dialogue = d
	} else {
		a.stderr.dialogue = d
	}
}

// password answers the prompt. The time limit stands still meanwhile, because a
// person may have to type.
func (a *attempt) password() {
	if a.limit != nil {
		a.limit.Stop()
	}
	of := ""
	if a.job.method() == shell.Su {
		of = a.job.options.As()
	}
	password, err := a.job.deps.BecomePassword(a.ctx, of)
	if err != nil {
		a.cancel(a.job.noPassword(err))
		return
	}
	if a.limit != nil && a.ctx.Err() == nil {
		a.limit.Reset(a.job.options.Timeout)
	}
	a.reply(password.Reveal() + "\n")
}

// noTerminal is what sudo with requiretty, some su, and doas say.
var noTerminal = regexp.MustCompile(`(?i)\b(?:a|must be run from a) (?:tty|terminal)\b|doas: Authentication failed`)

// wantsTerminal says that the command has not begun because nobody could be
// asked without a terminal.
func (a *attempt) wantsTerminal(r Result) bool {
	return a.dialogue != nil && !a.dialogue.begun && a.stderr.dialogue != nil && r.Code > 0 &&
		a.job.ctx.Err() == nil && noTerminal.MatchString(r.Stderr)
}

// auditNoise is what sudo adds below the reason when it ends early.
var auditNoise = regexp.MustCompile(`(?m)^sudo: error initializing audit plugin .*\n?`)

// refusal is the error of a command that never began, because sudo, su or doas
// did not let it. It is none of the command's own exits, so check and ok_codes
// have no say in it.
func (a *attempt) refusal(r Result) error {
	d := a.dialogue
	if d == nil || d.begun || r.Code == 0 {
		return nil
	}
	if d.prompts > 0 {
		return a.job.refused(reason(r))
	}
	e := fault.New(fault.Denied, "%s did not run the command: %s", a.job.method(), a.job.short())
	r.Stderr = auditNoise.ReplaceAllString(r.Stderr, "")
	if reason := reason(r); reason != "" {
		e.Message += ": " + reason
	}
	return e.WithHint("look on the host whether the login user may become %s that way", a.job.options.As())
}
