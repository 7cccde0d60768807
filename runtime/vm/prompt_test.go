package vm_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"gofab/runtime/vm"
	"gofab/runtime/vm/vmtest"
)

func TestWhole(t *testing.T) {
	for chunk, want := range map[string]bool{
		"h": true, "h.x": true, "x = 1": true, "1 + 1": true, "f(1, 2)": true, "for i = 1, 2 do end": true, "": true,
		"x y": true, ")": true, // wrong, and no line makes it right
		"1 +": false, "x =": false, "f(": false, "{": false, "for i = 1, 2 do": false, "if x then": false, "h.": false, "local function f()": false,
	} {
		if got := vm.Whole(chunk); got != want {
			t.Errorf("%q: %t", chunk, got)
		}
	}
}

// typed is what a prompt shows for the last of some chunks.
func typed(t *testing.T, chunks ...string) string {
	t.Helper()
	m := vmtest.New(t, vm.Options{}).VM
	var shown []string
	for _, chunk := range chunks {
		var err error
		if shown, err = m.RunTyped(context.Background(), chunk); err != nil {
			t.Fatalf("%q: %v", chunk, err)
		}
	}
	return strings.Join(shown, "\t")
}

func TestTyped(t *testing.T) {
	for want, chunk := range map[string]string{
		"3":                          "1 + 2",
		"a\tnil\ttrue":               `"a", nil, true`,
		"":                           "local x = 1",
		"{}":                         "{}",
		`{ 1, "two", { x = true } }`: `{ 1, "two", { x = true } }`,
		`{ ["a b"] = 1, [0] = 2, [2.5] = 3, b = 4 }`: `{ ["a b"] = 1, [0] = 2, [2.5] = 3, b = 4 }`,
		"{\n  a = { ... } -- itself\n}":              "local t = {} t.a = t return t",
		`{ f = function, s = "line\nline" }`:         `{ f = print, s = "line\nline" }`,
		"{ { { { { { ... } } } } } }":                "{ { { { { { { 1 } } } } } } }",
	} {
		if got := typed(t, chunk); got != want {
			t.Errorf("%s gives\n%s\nwant\n%s", chunk, got, want)
		}
	}
}

func TestMuchIsShownInPart(t *testing.T) {
	got := typed(t, "local t = {} for i = 1, 1000 do t[i] = i end return t")
	if !strings.Contains(got, "\n  50,\n  ... -- 950 more\n}") || strings.Contains(got, "51") {
		t.Error(got)
	}
	if got = typed(t, `{ ("x"):rep(100000) }`); len(got) > 600 || !strings.Contains(got, "-- 100000 bytes") {
		t.Error(got)
	}
}

// A mistake of the call is no reason to run the chunk again.
func TestTypedRunsOnce(t *testing.T) {
	m := vmtest.New(t, vm.Options{}).VM
	_, _ = m.RunTyped(context.Background(), "n = 0")
	if _, err := m.RunTyped(context.Background(), "(function() n = n + 1 return undeclared end)()"); err == nil {
		t.Error("an undeclared name is no error")
	}
	if got, err := m.RunTyped(context.Background(), "n"); err != nil || !slices.Equal(got, []string{"1"}) {
		t.Error(got, err)
	}
}

func TestMembers(t *testing.T) {
	m := vmtest.New(t, vm.Options{}).VM
	if _, err := m.RunTyped(context.Background(), `t = { one = 1, two = { three = 3, ["no name"] = 4 } }`); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{"t": {"one", "two"}, "t.two": {"three"}, "t.one": nil, "nowhere.at": nil} {
		got := m.Members(strings.Split(path, "."), ".")
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s has %v", path, got)
		}
	}
	if !slices.Contains(m.Members([]string{"string"}, "."), "format") {
		t.Error("string has no format")
	}
}
