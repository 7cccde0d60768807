package run

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"gofab/bindings"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// Hosts that wait for their turn keep no connection from the one whose turn it
// is: with room for four, all of them get done.
func TestTurnsAndRoom(t *testing.T) {
	for name, script := range map[string]string{
		"lock": `hosts("web[1-6]"):each(function(h)
			h:run("true")
			lock("x", function()
				local busy = h:spawn("cat")
				hosts("db[1-3]"):run("true")
				busy:close()
			end)
		end)`,
		"once": `hosts("web[1-6]"):each(function(h)
			h:run("true")
			once("x", function()
				local busy = h:spawn("cat")
				host("db1"):run("true")
				busy:close()
			end)
			h:run("true")
		end)`,
		"tasks": `
		task("single", { hosts = "web[1-6]", run_once = true }, function() hosts("db[1-4]"):run("true") end)
		task("limited", { hosts = "web[1-6]", limit = { "x", 1 }, needs = { "single" }, on_unreachable = "skip", strategy = "free" }, function(h)
			local busy = h:spawn("cat")
			hosts("db[1-4]"):run("true")
			busy:close()
		end)
		run_task("limited")`,
	} {
		t.Run(name, func(t *testing.T) {
			hung := errors.New("it hangs")
			ctx, stop := context.WithTimeoutCause(t.Context(), 30*time.Second, hung)
			defer stop()
			w := world.Process()
			w.In, w.Out, w.Err = bytes.NewReader(nil), io.Discard, io.Discard
			r, err := Open(ctx, Options{
				World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Format: Text, Forks: 32, Sandbox: SandboxOptions{On: true},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			r.services.Pool.SetRoom(4)
			if err := r.Evaluate(script, "fabfile.lua", nil); err != nil {
				t.Error(err)
			}
		})
	}
}
