package kit

import "gofab/internal/expect"

// Dialogues gives the run's registry of open dialogues. The end of the run
// ends them.
func (e *Env) Dialogues() *expect.Registry {
	return SharedValue(e.Shared, expect.RegistryKey{}, func() *expect.Registry {
		return &expect.Registry{Secrets: e.Secrets, Explain: func(host, text string) { e.Events.Log("info", host, text, nil) }}
	})
}
