package host

import (
	"fmt"
	"os"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/transfer"
	"gofab/runtime/event"
)

// In a dry run no command is run and no file changed, neither on a host nor, by
// get, here: each says what it would do. What only looks (read, exists, facts)
// works as ever, since scripts decide by it.

// would tells what a dry run does not do.
func (h *Handle) would(format string, args ...any) {
	h.services.Events.Emit(event.Log{Level: event.Info, Host: h.shown(), Text: "would " + fmt.Sprintf(format, args...)})
}

// wouldPut checks what can be checked here.
func (h *Handle) wouldPut(c *kit.Call, o transfer.PutOptions) (transfer.Result, error) {
	result := transfer.Result{Path: o.Target, Notes: []string{}}
	if o.Content != nil {
		h.would("write %s (%d bytes)", o.Target, len(*o.Content))
		return result, nil
	}
	info, err := os.Stat(c.Path(o.Source))
	switch {
	case err != nil:
		return result, h.named(fault.OS(err, "cannot read %s", o.Source))
	case info.IsDir():
		h.would("copy the folder %s to %s", o.Source, o.Target)
	default:
		h.would("copy %s to %s (%d bytes)", o.Source, o.Target, info.Size())
	}
	return result, nil
}

func (h *Handle) wouldGet(o transfer.GetOptions) (transfer.Result, error) {
	h.would("fetch %s to %s", o.Source, o.Target)
	return transfer.Result{Path: o.Target, Notes: []string{}}, nil
}

// undry refuses what a dry run cannot play.
func (h *Handle) undry(what string) error {
	if !h.scope.Dry {
		return nil
	}
	return h.named(fault.New(fault.Unsupported, "a dry run holds no dialogue: would start %s", what).
		WithHint("leave it out with: if not dry_run() then ... end"))
}

func dryRun(c *kit.Call, _ struct{}) (bool, error) {
	d := c.Commands().Defaults
	return d != nil && d.Dry, nil
}
