package command

import (
	"context"
	"strings"

	"gofab/internal/fault"
	"gofab/internal/secret"
)

// Secret runs a command that prints a secret, such as pass show, and takes the
// first line of its output.
func Secret(ctx context.Context, ex Executor, words Words) (secret.Value, error) {
	result, err := Run(ctx, ex, Request{Line: words.Line, Args: words.Args, Options: Defaults()}, Deps{})
	if err != nil {
		return secret.Value{}, fault.Wrap(fault.KindOf(err), err, "cannot get a secret")
	}
	first, _, _ := strings.Cut(result.Stdout, "\n")
	if first = strings.TrimSuffix(first, "\r"); first == "" {
		return secret.Value{}, fault.New(fault.NotFound, "cannot get a secret: %s printed nothing", words.Text())
	}
	return secret.New(first), nil
}
