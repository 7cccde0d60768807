package event

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/fault"
)

// TestDecodeEveryKind: whatever is in an event comes back from its line.
func TestDecodeEveryKind(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, e := range append(every, story()...) {
		for range 50 {
			v := reflect.New(reflect.TypeOf(e)).Elem()
			v.Set(reflect.ValueOf(e))
			scatter(random, v)
			want := Entry{
				Seq: random.Uint64(), Time: time.Unix(random.Int64N(4e9), random.Int64N(1e9)).UTC(),
				Event: v.Interface().(Event).each(func(_, text string) string { return text }),
			}
			line, err := MarshalEntry(want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Decode(line)
			if err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s\n%s", line, diff)
			}
		}
	}
}

// scatter puts something into every field.
func scatter(random *rand.Rand, v reflect.Value) {
	texts := []string{"", "plain", "caf\xe9", "\x1b[31m\u009b\u202e", "a\nb\r\x00", "日本", `"\`, "\xff\xfe"}
	switch v.Kind() {
	case reflect.String:
		if v.SetString("failed"); v.Type() == reflect.TypeFor[string]() { // not State, Kind, Level
			v.SetString(texts[random.IntN(len(texts))])
		}
	case reflect.Bool:
		v.SetBool(random.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(random.Int64N(1e15) * 1000) // durations are kept to the microsecond
	case reflect.Uint64:
		v.SetUint(random.Uint64() >> random.IntN(64))
	case reflect.Pointer:
		if v.Set(reflect.Zero(v.Type())); random.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			scatter(random, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			scatter(random, v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), random.IntN(3), 3))
		for i := range v.Len() {
			scatter(random, v.Index(i))
		}
		if v.Len() == 0 {
			v.Set(reflect.Zero(v.Type())) // an empty list and none are the same
		}
	case reflect.Map:
		if v.Type() == reflect.TypeFor[map[string]any]() {
			v.Set(reflect.ValueOf(map[string]any{
				"text": texts[random.IntN(len(texts))], "whole": random.Int64(), "part": 0.25, "yes": true, "none": nil,
				"list": []any{int64(1), "two", []any{2.5}}, "caf\xe9": map[string]any{"deep": "\xff"},
			}))
			return
		}
		v.Set(reflect.ValueOf(map[State]int{OK: random.IntN(9), Failed: 1}))
	}
}

func TestDecodeRefuses(t *testing.T) {
	for line, want := range map[string]string{
		``:                              "this is not an event: unexpected end of JSON input",
		`{"seq":1}`:                     `this is not an event: it has no key "event"`,
		`{"event":"teleport"}`:          `there is no event "teleport"`,
		`{"event":"output","line":7}`:   "event 0, output: json: cannot unmarshal number",
		`{"event":"run_end","seq":"x"}`: "this is not an event: json: cannot unmarshal string",
		`{"event":"output","raw":{"line":"*"},"line":"x","seq":3}`: "event 3, output: illegal base64 data",
	} {
		_, err := Decode([]byte(line))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\ngot  %v\nwant %s", line, err, want)
		}
		if kind := fault.KindOf(err); kind != fault.Parse && kind != fault.Unsupported {
			t.Errorf("%s: kind %s", line, kind)
		}
	}
	e, err := Decode([]byte(`{"seq":1,"event":"output","line":"x","colour":"blue"}`))
	if err != nil || e.Event.(Output).Line != "x" {
		t.Errorf("a key of a later version: %v", err)
	}
}

// FuzzDecode: any bytes are refused or read; what was read is written again as
// an event that reads the same.
func FuzzDecode(f *testing.F) {
	for _, e := range story() {
		line, err := MarshalEntry(Entry{Seq: 1, Event: e})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
	}
	f.Add([]byte(`{"event":"log","fields":{"a":1e999,"b":[-0.0,1E2,9007199254740993]},"raw":{"text":"/w=="}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := Decode(line)
		if err != nil {
			return
		}
		first, err := MarshalEntry(e)
		if err != nil {
			return // a year beyond 9999 and the like
		}
		again, err := Decode(first)
		if err != nil {
			t.Fatalf("%v: %s", err, first)
		}
		second, err := MarshalEntry(again)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%v\n%s\n%s", err, first, second)
		}
	})
}
