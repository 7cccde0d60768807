package main

import (
	"testing"

	"gofab/internal/testenv"
	"gofab/runtime/world"
)

// TestLuaOfTheProject runs every *_test.lua of the project as `gofab test`
// does: those of the standard library and of the example scripts.
func TestLuaOfTheProject(t *testing.T) {
	w := world.Process()
	var out testenv.Buffer
	w.Args, w.Out, w.Err = []string{"test", "../.."}, &out, &out
	if code := Main(w); code != 0 {
		t.Errorf("exit %d\n%s", code, out.String())
	}
	t.Log(out.String())
}
