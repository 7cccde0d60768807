package secret

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const canary = "hunter2-canary"

// TestValueNeverShows prints a Value in every way Go knows.
func TestValueNeverShows(t *testing.T) {
	v := New(canary)
	type hidden struct {
		Open   Value
		closed Value
		list   []Value
		byKey  map[Value]Value
		any    any
	}
	around := hidden{v, v, []Value{v}, map[Value]Value{v: v}, v}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T", "%10.3s", "%t", "%c"} {
		for _, thing := range []any{v, &v, around, &around, []Value{v}, fmt.Errorf("%w: %v", errors.ErrUnsupported, v)} {
			noCanary(t, verb, fmt.Sprintf(verb, thing))
		}
	}
	for _, thing := range []any{v, &v, around, []any{v}, map[string]Value{"k": v}} {
		data, err := json.Marshal(thing)
		if err != nil {
			t.Fatal(err)
		}
		noCanary(t, "json", string(data))
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "password", v, "all", around)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "password", v, "all", around)
	noCanary(t, "slog", log.String())
	if got := fmt.Sprint(v, " ", v.String()); got != "*** ***" {
		t.Error(got)
	}
}

func noCanary(t *testing.T, how, text string) {
	t.Helper()
	hexed := fmt.Sprintf("%x", canary)
	if strings.Contains(text, canary) || strings.Contains(strings.ToLower(text), hexed) {
		t.Errorf("%s shows %q", how, text)
	}
}

func TestValueCompares(t *testing.T) {
	again := New(strings.Clone(canary))
	if New(canary) != again || New("a") == New("b") || New("") != (Value{}) {
		t.Error("values compare by their text")
	}
	if New(canary).Reveal() != canary || (Value{}).Reveal() != "" || !New("").Empty() || New("x").Empty() {
		t.Error("Reveal, Empty")
	}
}
