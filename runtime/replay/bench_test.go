package replay_test

import (
	"context"
	"path/filepath"
	"testing"

	"gofab/internal/command"
	"gofab/internal/secret"
	"gofab/runtime/inventory"
	"gofab/runtime/replay"
	"gofab/runtime/transport"
)

// BenchmarkCommand is one command on this machine, the same while it is
// recorded, and its answer from a double.
func BenchmarkCommand(b *testing.B) {
	home := b.TempDir()
	local := &command.Local{Dir: home}
	b.Cleanup(func() { _ = local.Close() })
	real := transport.NewLocal(local, home, home)
	run := func(b *testing.B, conn transport.Conn) {
		for b.Loop() {
			request := command.Request{Host: "web1", Line: "echo hello", Options: command.Defaults()}
			if r, err := command.Run(b.Context(), conn, request, command.Deps{}); err != nil || r.Stdout != "hello\n" {
				b.Fatal(r, err)
			}
		}
	}
	b.Run("real", func(b *testing.B) { run(b, real) })
	b.Run("recorded", func(b *testing.B) {
		recorder, err := replay.Create(filepath.Join(home, "run.jsonl"), &secret.Redactor{})
		if err != nil {
			b.Fatal(err)
		}
		conn, err := recorder.Dial(func(context.Context, *inventory.Host) (transport.Conn, error) { return real, nil })(b.Context(), &inventory.Host{Name: "web1"})
		if err != nil {
			b.Fatal(err)
		}
		run(b, conn)
		if err := recorder.Finish(); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("double", func(b *testing.B) {
		d, err := replay.ByHand(map[string]any{"web1": map[string]any{"echo hello": "hello\n"}})
		if err != nil {
			b.Fatal(err)
		}
		conn, err := d.Dial(b.Context(), &inventory.Host{Name: "web1"})
		if err != nil {
			b.Fatal(err)
		}
		run(b, conn)
	})
}
