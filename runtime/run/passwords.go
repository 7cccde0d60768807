package run

import (
	"context"
	"sync"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/runtime/event"
)

// PasswordOptions say where passwords come from. Those of the environment,
// GOFAB_PASSWORD and GOFAB_BECOME_PASSWORD, are taken out of it, so that no
// command of the run gets them.
type PasswordOptions struct {
	Ask           bool   // ask for the login password at the start
	AskBecome     bool   // ask for that of sudo and doas at the start
	Command       string // a line that prints the login password
	BecomeCommand string // a line that prints that of sudo, su or doas
}

// The variables that may hold passwords.
const (
	loginVariable  = "GOFAB_PASSWORD"
	becomeVariable = "GOFAB_BECOME_PASSWORD"
)

// passwords are asked for at most once in a run each: the answer, or the
// refusal to give one, serves all hosts.
type passwords struct {
	run    *Run
	taken  map[string]secret.Value // from the environment
	mu     sync.Mutex
	asking map[string]*asked
}

// asked is one password. Who wants it while it is asked for waits.
type asked struct {
	turn   chan struct{}
	known  bool
	answer secret.Value
	err    error
}

func (r *Run) newPasswords() *passwords {
	p := &passwords{run: r, taken: map[string]secret.Value{}, asking: map[string]*asked{}}
	for _, name := range []string{loginVariable, becomeVariable} {
		if text := r.options.World.Take(name); text != "" {
			p.taken[name] = secret.New(text)
			r.Env.Secrets.Add(p.taken[name])
		}
	}
	return p
}

// login is offered to hosts without a question, when it comes from somewhere.
func (p *passwords) login() func(host string) (string, bool) {
	o := p.run.options.Passwords
	if _, set := p.taken[loginVariable]; !set && !o.Ask && o.Command == "" {
		return nil
	}
	var told sync.Once
	return func(string) (string, bool) {
		password, err := p.once(p.run.Context, "login password: ", loginVariable, o.Command)
		if err != nil && p.run.Context.Err() == nil {
			told.Do(func() {
				p.run.Events.Emit(event.Warning{Text: "there is no login password: " + fault.From(err).Error()})
			})
		}
		return password.Reveal(), err == nil
	}
}

// become gives the password that sudo and doas want, or for su that of another
// user.
func (p *passwords) become(ctx context.Context, of string) (secret.Value, error) {
	question := "sudo password: "
	if of != "" {
		question = "password of " + of + ": "
	}
	return p.once(ctx, question, becomeVariable, p.run.options.Passwords.BecomeCommand)
}

// once gives a password from the environment, a command, or a person.
func (p *passwords) once(ctx context.Context, question, variable, line string) (secret.Value, error) {
	if password, set := p.taken[variable]; set {
		return password, nil
	}
	if line != "" {
		question = variable // one command is for all users
	}
	a := p.entry(question)
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return secret.Value{}, context.Cause(ctx)
	}
	if a.known {
		return a.answer, a.err
	}
	answer, err := p.get(ctx, question, line)
	if ctx.Err() != nil {
		return secret.Value{}, context.Cause(ctx)
	}
	a.known, a.answer, a.err = true, answer, err
	return answer, err
}

func (p *passwords) entry(question string) *asked {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asking[question] == nil {
		p.asking[question] = &asked{turn: make(chan struct{}, 1)}
	}
	return p.asking[question]
}

func (p *passwords) get(ctx context.Context, question, line string) (secret.Value, error) {
	if line == "" {
		reply, err := p.run.ask(ctx, question, false)
		return secret.New(reply), err
	}
	password, err := command.Secret(ctx, p.run.Env.Local(), command.Words{Line: line})
	if err == nil {
		p.run.Env.Secrets.Add(password)
	}
	return password, err
}
