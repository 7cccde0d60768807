package run

import (
	"context"
	"os"
	"strconv"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/sshclient"
	"gofab/internal/sshconfig"
	"gofab/internal/sshreach"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
	"gofab/runtime/transport"
	"gofab/runtime/world"
)

// RemoteOptions say how hosts are reached.
type RemoteOptions struct {
	ConfigFile string // ssh_config to use instead of the user's own
	User, Key  string // come before ssh_config, after the inventory
	AcceptNew  bool   // unknown host keys are added
}

// ssh makes the way over SSH from the options and the user's own ssh_config.
func (r *Run) ssh() *transport.SSH {
	w, o := r.options.World, r.options.Remote
	reach := &transport.SSH{Events: r.Events, Config: sshconfig.Options{
		Cache: &sshconfig.Cache{}, Home: w.Home(), Getenv: w.Env, Warn: r.mention,
	}}
	if o.ConfigFile != "" {
		reach.Config.Files = []string{o.ConfigFile}
	}
	for _, set := range [][2]string{{"User", o.User}, {"IdentityFile", o.Key}} {
		if set[1] != "" {
			reach.Config.Overrides = append(reach.Config.Overrides, set)
		}
	}
	if o.AcceptNew {
		reach.Config.Overrides = append(reach.Config.Overrides, [2]string{"StrictHostKeyChecking", "accept-new"})
	}
	reach.Dialer = sshclient.NewDialer(sshclient.Deps{
		Resolve:     func(ctx context.Context, name string) (*sshconfig.Settings, error) { return reach.Resolve(ctx, name) },
		Prompt:      r.prompt,
		Environ:     w.Environ(),
		Password:    r.passwords.login(),
		AgentSocket: w.Env("SSH_AUTH_SOCK"),
		Home:        w.Home(),
		Warn:        func(text string) { r.Events.Emit(event.Warning{Text: text}) },
		Banner: func(host, text string) {
			r.Events.Emit(event.Log{Level: event.Debug, Host: host, Text: "banner: " + text})
		},
	})
	return reach
}

// lend gives the ways over SSH to modules that open connections of their own.
func (r *Run) lend(ssh *transport.SSH, locate func(name string) ([][2]string, error)) {
	kit.SharedValue(r.Env.Shared, sshreach.Key{}, func() *sshreach.Reach {
		return &sshreach.Reach{
			Dialer: ssh.Dialer, Config: ssh.Config, Locate: locate,
		}
	})
}

// locate gives what the inventory says of a name.
func (r *Run) locate(name string) ([][2]string, error) {
	if h := r.Hosts.Host(name); h != nil && name != inventory.LocalName {
		return transport.Overrides(h), nil
	}
	return nil, nil
}

// mention tells what is of interest to who asked for more with -v.
func (r *Run) mention(text string) {
	level := event.Debug
	if r.options.Verbosity >= event.Verbose {
		level = event.Info
	}
	r.Events.Emit(event.Log{Level: level, Text: text})
}

// desk is the world of the run's bindings: its questions wait for what is being
// shown.
type desk struct {
	*world.World
	run *Run
}

// Ask asks the person, with the terminal to itself.
func (d *desk) Ask(ctx context.Context, text string, echo bool) (string, error) {
	return d.run.ask(ctx, text, echo)
}

// prompt asks the person, with the terminal to itself.
func (r *Run) prompt(ctx context.Context, q sshclient.Question) (string, error) {
	text := q.Text
	if q.Host != "" {
		text = q.Host + ": " + text
	}
	return r.ask(ctx, text, q.Echo)
}

func (r *Run) ask(ctx context.Context, text string, echo bool) (string, error) {
	if r.options.Questions.Never {
		return "", fault.New(fault.Denied, "%q is not asked: questions are switched off", strings.TrimSpace(text)).
			WithHint("run without --no-input, or give the answer by an option")
	}
	r.Env.Events.Flush()
	release, err := r.Events.Hold(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	answer, err := r.options.World.Ask(ctx, text, echo)
	if err == nil && !echo {
		r.Env.Secrets.Add(secret.New(answer))
	}
	return answer, err
}

// sandbox makes the embedded hosts.
func (r *Run) sandbox(reach *transport.SSH) (*transport.Sandbox, error) {
	dir, keep := r.options.Sandbox.Dir, r.options.Sandbox.Dir != ""
	if !keep {
		var err error
		if dir, err = os.MkdirTemp("", "gofab-sandbox-"); err != nil {
			return nil, fault.OS(err, "cannot make a folder for the sandbox")
		}
	}
	s, err := transport.NewSandbox(reach, dir)
	if err != nil {
		return nil, err
	}
	if !keep {
		r.onClose(func() { _ = s.Remove() })
	}
	r.onClose(func() { _ = s.Close() })
	return s, nil
}

func sandboxName(n int) string { return "sandbox" + strconv.Itoa(n) }
