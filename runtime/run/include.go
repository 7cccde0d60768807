package run

import (
	"context"
	"path/filepath"
)

// include runs a file that another one includes. What it requires is found
// beside it as well.
func (r *Run) include(ctx context.Context, path string) error {
	r.VM.AddPaths(filepath.Dir(path))
	return r.VM.RunFile(ctx, path)
}
