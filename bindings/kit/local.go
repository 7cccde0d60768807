package kit

import "gofab/internal/command"

type localKey struct{}

// Local gives the run's executor of local commands. The end of the run ends
// what it started.
func (e *Env) Local() *command.Local {
	return SharedValue(e.Shared, localKey{}, func() *command.Local { return &command.Local{Env: e.World.Environ()} })
}
