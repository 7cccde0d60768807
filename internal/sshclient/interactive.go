package sshclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"gofab/internal/termsafe"
)

// errNobody is what a question gets when nobody is there to answer.
var errNobody = errors.New("nobody to ask")

// password is the method of RFC 4252, section 8. A password that is known is
// tried once; only if there is none a person is asked.
func (a *authenticator) password() ssh.AuthMethod {
	if known, ok := a.knownPassword(); ok {
		if a.passwords > 0 {
			return nil
		}
		a.passwords++
		a.try("password")
		return ssh.Password(known)
	}
	if a.nobody || a.passwords >= a.o.passwordPrompts {
		a.noteNobody("a password")
		return nil
	}
	a.passwords++
	a.try("password")
	return ssh.PasswordCallback(func() (string, error) {
		return a.ask(fmt.Sprintf("%s@%s's password: ", a.o.user, a.o.name), false)
	})
}

func (a *authenticator) knownPassword() (string, bool) {
	if a.dialer.deps.Password == nil {
		return "", false
	}
	return a.dialer.deps.Password(a.o.name)
}

// interactive is keyboard-interactive (RFC 4256), as PAM and one-time
// passwords use it.
func (a *authenticator) interactive(state *ssh.ClientAuthContext) ssh.AuthMethod {
	_, known := a.knownPassword()
	known = known && !slices.Contains(state.TriedMethods, "password") &&
		!slices.Contains(state.PartialSuccessMethods, "password")
	switch {
	case a.interactives == 0 && (known || !a.nobody):
	case a.interactives > 0 && !known && !a.nobody && a.interactives < a.o.passwordPrompts:
	default:
		a.noteNobody("answers")
		return nil
	}
	a.interactives++
	a.knownUsed = !known
	a.try("keyboard-interactive")
	return ssh.KeyboardInteractive(a.answer)
}

// answer answers one round of questions. A known password goes to the first
// single question that hides its answer, everything else to a person.
func (a *authenticator) answer(name, instruction string, questions []string, echos []bool) ([]string, error) {
	if len(questions) == 1 && !echos[0] && !a.knownUsed {
		a.knownUsed = true
		if known, ok := a.knownPassword(); ok {
			return []string{known}, nil
		}
	}
	answers := make([]string, len(questions))
	for i, question := range questions {
		if i > 0 {
			name, instruction = "", ""
		}
		text, err := a.ask(questionText(name, instruction, question), echos[i])
		if err != nil {
			return nil, err
		}
		answers[i] = text
	}
	return answers, nil
}

// questionText puts together what a server wants to have shown.
func questionText(parts ...string) string {
	var lines []string
	for _, part := range parts {
		if strings.TrimSpace(part) != "" {
			lines = append(lines, part)
		}
	}
	text := strings.Join(lines, "\n")
	return termsafe.Clean(text[:min(len(text), 4096)])
}

// ask asks a person about this login. After a refusal nobody is asked again.
func (a *authenticator) ask(text string, echo bool) (string, error) {
	if a.nobody {
		return "", errNobody
	}
	resume := a.limit.pause()
	defer resume()
	answer, err := a.dialer.ask(a.limit.ctx, Question{Host: a.o.name, Text: text, Echo: echo})
	if err != nil {
		a.nobody = true
	}
	return answer, err
}

func (a *authenticator) noteNobody(what string) {
	if a.nobody {
		a.note("nobody can be asked for " + what)
	}
}

// ask puts one question at a time to the operator.
func (d *Dialer) ask(ctx context.Context, q Question) (string, error) {
	if d.deps.Prompt == nil {
		return "", errNobody
	}
	select {
	case d.asking <- struct{}{}:
		defer func() { <-d.asking }()
		return d.deps.Prompt(ctx, q)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
