// Package secret is the Lua module secret: values that print as stars
// everywhere and never reach a command line.
package secret

import (
	"os"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/secret"
)

// Module declares secret.
func Module() *kit.Module {
	return &kit.Module{
		Name: "secret",
		Doc: "Passwords and keys as values that are never shown: they print as ***, and their text is masked " +
			"in output, errors and events of the whole run.",
		Funcs: []kit.Func{
			kit.Fn("new", "Make a secret of a text.", fresh).With(
				`local pw = secret.new("hunter2!")
assert(tostring(pw) == "***")`),
			kit.Fn("env", "Take a secret from an environment variable; an unset one is an error.", fromEnv).With(
				`env.set("DB_PASSWORD", "s3cret-word")
assert(tostring(secret.env("DB_PASSWORD")) == "***")`),
			kit.Fn("file", "Read a secret from a file; the line end at its end is dropped.", fromFile),
			kit.Fn("command", "Take a secret from the first line that a command of this machine prints, such as a password store.", fromCommand).With(
				`local pw = secret.command{ "echo", "hunter2!" }
assert(tostring(pw) == "***" and pw:reveal() == "hunter2!")`),
			kit.Fn("ask", "Ask the person at the terminal, without echo.", ask),
		},
		Types: []kit.Type{
			kit.TypeOf[secret.Value]("secret", "A value that prints as stars. Options such as password take it as it is.",
				kit.Method("reveal", "Give the text itself; it stays masked in what gofab shows.", reveal)),
		},
	}
}

// known registers a secret, so that it is masked from now on.
func known(c *kit.Call, text string) (secret.Value, error) {
	v := secret.New(text)
	c.Secrets.Add(v)
	return v, nil
}

type newArgs struct {
	Text string `lua:"text,arg1" doc:"The secret text."`
}

func fresh(c *kit.Call, a newArgs) (secret.Value, error) { return known(c, a.Text) }

type envArgs struct {
	Name string `lua:"name,arg1" doc:"Name of the variable."`
}

func fromEnv(c *kit.Call, a envArgs) (secret.Value, error) {
	text, _ := c.World.Getenv(a.Name)
	if text == "" {
		return secret.Value{}, fault.New(fault.NotFound, "the environment variable %s is not set", a.Name).
			WithHint("export %s before you run gofab", a.Name)
	}
	return known(c, text)
}

type fileArgs struct {
	Path string `lua:"path,arg1" doc:"File that holds the secret and nothing else."`
}

func fromFile(c *kit.Call, a fileArgs) (secret.Value, error) {
	data, err := os.ReadFile(a.Path)
	if err != nil {
		return secret.Value{}, fault.Wrap(fault.NotFound, err, "cannot read the secret")
	}
	return known(c, strings.TrimRight(string(data), "\r\n"))
}

type commandArgs struct {
	Command command.Words `lua:"command,arg1" doc:"A line for the shell, or a list of a program and its arguments, such as {\"pass\", \"show\", \"web\"}."`
}

func fromCommand(c *kit.Call, a commandArgs) (secret.Value, error) {
	v, err := command.Secret(c.Context, c.Local(), a.Command)
	if err != nil {
		return secret.Value{}, err
	}
	c.Secrets.Add(v)
	return v, nil
}

type askArgs struct {
	Prompt string `lua:"prompt,arg1" default:"Password: " doc:"What is shown before the answer."`
}

func ask(c *kit.Call, a askArgs) (secret.Value, error) {
	text, err := c.World.Ask(c.Context, a.Prompt, false)
	if err != nil {
		return secret.Value{}, err
	}
	return known(c, text)
}

func reveal(_ *kit.Call, v secret.Value, _ struct{}) (string, error) { return v.Reveal(), nil }
