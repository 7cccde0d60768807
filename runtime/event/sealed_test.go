package event

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gofab/internal/secret"
	"gofab/internal/termsafe"
)

// every holds one of each kind of event; TestEveryIsComplete keeps it so.
var every = func() (all []Event) {
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		all = append(all, reflect.Zero(kinds[name]).Interface().(Event))
	}
	return all
}()

func TestEveryIsComplete(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "kinds.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	listed, names := map[string]bool{}, map[string]bool{}
	for _, e := range every {
		listed[reflect.TypeOf(e).Name()] = true
		names[e.Name()] = true
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok && !listed[spec.Name.Name] {
			t.Errorf("%s is not in the list", spec.Name)
		}
		return true
	})
	if len(names) != len(every) {
		t.Error("two events have one name")
	}
}

// fill puts a text into everything that can hold one.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() { // not State, Kind, Level
			v.SetString(text)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), text)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), text)
		fill(v.Index(1), text)
	case reflect.Map:
		if v.Type() == reflect.TypeFor[map[string]any]() {
			v.Set(reflect.ValueOf(map[string]any{"k": text, text: []any{text, map[string]any{text: text}}, "e": errorText(text)}))
		}
	}
}

type errorText string

func (e errorText) Error() string { return string(e) }

// filled gives every event full of a text, in states that are shown.
func filled(text string) []Event {
	var all []Event
	for _, e := range every {
		v := reflect.New(reflect.TypeOf(e)).Elem()
		fill(v, text)
		all = append(all, v.Interface().(Event))
	}
	failure := &Failure{Message: text, Hint: text, Where: text, Host: text, Trace: []string{text}}
	return append(all,
		TaskEnd{Task: text, Host: "web1", State: Failed, Error: failure},
		HostState{Host: "web1", State: Unreachable, Error: failure},
		Transfer{Host: "web1", Path: text, Finished: true},
		Output{Host: "web1", Stream: Stderr, Line: text},
		Log{Level: Error, Host: "web1", Text: text, Fields: map[string]any{text: text}},
		Log{Level: Info, Host: "web1", Text: text},
		RunEnd{Summary{Hosts: 1, Failures: []HostFailure{{text, Failed, failure}}}},
	)
}

// TestSecretsNeverShow: whatever event carries a secret, no renderer shows it.
func TestSecretsNeverShow(t *testing.T) {
	const canary = "hunter2/canary"
	hide := &secret.Redactor{}
	hide.Add(secret.New(canary))
	for _, verbosity := range []Verbosity{Quiet, Normal, Verbose, Everything} {
		var out bytes.Buffer
		s := New(t.Context(), Options{Redactor: hide, Sinks: []Sink{
			NewJSONL(&out),
			NewText(TextOptions{Out: &out, Err: &out, Verbosity: verbosity, Colour: true, Status: true, Raw: true}),
		}})
		for _, e := range filled("a " + canary + " b") {
			s.Emit(e)
			if err := s.Flush(t.Context()); err != nil { // draws the status line after each
				t.Fatal(err)
			}
		}
		s.Emit(Log{Level: Info, Text: "x", Fields: map[string]any{"v": secret.New(canary)}})
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "canary") || strings.Contains(out.String(), "hunter2") {
			t.Errorf("verbosity %d:\n%s", verbosity, out.String())
		}
	}
}

// TestEscapesNeverShow: whatever event carries a terminal sequence or tries to
// begin a line of its own, the terminal gets neither.
func TestEscapesNeverShow(t *testing.T) {
	for _, attack := range []string{
		"\x1b]52;c;eA==\x07", "\x1b[2J", "\u009b31m", "\x9b2J", "\u202e", "\x1b[31mred", "x\r\x1b[Kweb2 | forged",
	} {
		var out bytes.Buffer
		play(t, NewText(TextOptions{Out: &out, Err: &out, Verbosity: Everything}), filled("x"+attack))
		bad := func(r rune) bool { return r != '\n' && termsafe.Unsafe(r) }
		if i := bytes.IndexFunc(out.Bytes(), bad); i >= 0 {
			t.Errorf("%q gets through: %q", attack, out.String()[i:])
		}
	}
	for _, e := range filled("x\nweb2 | forged") {
		if p, ok := e.(Print); ok && p.Host == "" {
			continue // the script itself may print what it likes
		}
		for line := range strings.Lines(render(t, TextOptions{Verbosity: Everything}, []Event{e})) {
			if strings.HasPrefix(line, "web2 | forged") {
				t.Errorf("%#v forges a line", e)
			}
		}
	}
}
