package follow_test

import (
	"testing"

	"gofab/bindings/kit"
	"gofab/bindings/kit/follow"
	"gofab/internal/transfer"
)

// TestWithoutCallback passes everything on.
func TestWithoutCallback(t *testing.T) {
	heard := 0
	_, report, done := follow.Copy(t.Context(), kit.Callback{}, func(transfer.Progress) { heard++ })
	report(transfer.Progress{})
	if err := done(nil); err != nil || heard != 1 {
		t.Errorf("heard %d, %v", heard, err)
	}
}
