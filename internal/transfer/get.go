package transfer

import (
	"context"
	"maps"

	"gofab/internal/fault"
)

// Get copies a file or a folder from a host. With an error comes what was done
// until then, also as its Result.
func Get(ctx context.Context, o GetOptions) (Result, error) {
	j, err := newJob(o.From, o.To, o.Mode, o.TreeOptions, o.Progress)
	if err != nil {
		return Result{}, err
	}
	j.roomy = true
	if o.MaxBytes > 0 {
		j.maxBytes = o.MaxBytes
	}
	return j.end(j.checked(ctx, j.get(ctx, o)))
}

func (j *job) get(ctx context.Context, o GetOptions) error {
	if o.Source == "" {
		return fault.New(fault.Usage, "the source is empty")
	}
	names := maps.Clone(o.Names)
	if names == nil {
		names = map[string]string{}
	}
	if base := baseName(o.Source); base != "" {
		names["basename"] = base
	}
	target, err := fill(o.Target, names)
	if err != nil {
		return err
	}
	return j.copy(ctx, o.Source, target)
}
