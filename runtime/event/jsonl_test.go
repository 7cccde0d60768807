package event

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
	"gofab/internal/testenv"
)

func TestJSONL(t *testing.T) {
	var out bytes.Buffer
	play(t, NewJSONL(&out), []Event{
		RunStart{File: "deploy.lua", Tasks: []string{"deploy"}},
		CommandStart{ID: 7, Host: "web1", Command: "ls <x>", Cwd: "/srv"},
		Output{ID: 7, Host: "web1", Stream: Stdout, Line: "caf\xe9 \x1b[31m\u009b \u202e"},
		CommandEnd{ID: 7, Host: "web1", Command: "ls", OK: true, Code: code(0), Duration: Seconds(312500 * time.Microsecond), Attempts: 1},
		CommandEnd{Host: "web1", Command: "ls"},
		Log{Level: Info, Text: "x", Fields: map[string]any{"n": 1.5, "l": []any{true, nil, "s"}, "d": time.Second}},
		TaskEnd{Task: "deploy", Host: "web1", State: Failed, Error: Fail(fault.New(fault.Exit, "exit 2").WithHint("look"))},
		GroupResult{Groups: Fold([]HostOutput{{"a", OK, nil, "x"}, {"b", OK, nil, "x\n"}})},
		RunEnd{Summarize([]HostResult{{"a", OK, nil}, {"b", Failed, fault.New(fault.Exit, "exit 2")}}, time.Second)},
	})
	const when = `"time":"2025-11-23T00:28:01.0000005Z",`
	same(t, strings.ReplaceAll(out.String(), when, ""), `
{"seq":1,"event":"run_start","file":"deploy.lua","tasks":["deploy"],"hosts":[]}
{"seq":2,"event":"command_start","id":7,"host":"web1","command":"ls <x>","cwd":"/srv"}
{"seq":3,"event":"output","id":7,"host":"web1","stream":"stdout","line":"caf\ufffd \u001b[31m\u009b \u202e","raw":{"line":"Y2Fm6SAbWzMxbcKbIOKArg=="}}
{"seq":4,"event":"command_end","id":7,"host":"web1","command":"ls","code":0,"ok":true,"duration":0.3125,"attempts":1}
{"seq":5,"event":"command_end","host":"web1","command":"ls","code":null,"ok":false,"duration":0,"attempts":0}
{"seq":6,"event":"log","level":"info","text":"x","fields":{"d":"1s","l":[true,null,"s"],"n":1.5}}
{"seq":7,"event":"task_end","task":"deploy","host":"web1","state":"failed","duration":0,"error":{"kind":"exit","message":"exit 2","hint":"look"}}
{"seq":8,"event":"group_result","groups":[{"hosts":["a","b"],"state":"ok","output":"x"}]}
{"seq":9,"event":"run_end","summary":{"hosts":2,"states":{"failed":1,"ok":1},"failures":[{"host":"b","state":"failed","error":{"kind":"exit","message":"exit 2"}}],"duration":1}}
`)
}

// FuzzJSONL: one line, valid JSON, nothing for a terminal to act upon, and the
// bytes come back.
func FuzzJSONL(f *testing.F) {
	for _, seed := range []string{"", "plain", "caf\xe9", "\x1b]52;c;x\x07", "a\nb\r\u2028\u009b\x7f", "\xed\xa0\x80", `"\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		line, err := MarshalEntry(Entry{Seq: 1, Event: Output{Host: "h", Line: text}})
		if err != nil {
			t.Fatal(err)
		}
		if i := bytes.IndexFunc(line, termsafe.Unsafe); i >= 0 || !utf8.Valid(line) {
			t.Fatalf("%q is unsafe at %d", line, i)
		}
		var back struct {
			Line string
			Raw  map[string]string
		}
		if err := json.Unmarshal(line, &back); err != nil {
			t.Fatal(err)
		}
		got := back.Line
		if raw, odd := back.Raw["line"]; odd {
			bytes, _ := base64.StdEncoding.DecodeString(raw)
			got = string(bytes)
		}
		if got != text {
			t.Fatalf("%q came back as %q", text, got)
		}
	})
}

func TestSecondsInJSON(t *testing.T) {
	data, err := json.Marshal(Seconds(90*time.Second + 1500*time.Nanosecond))
	if err != nil || string(data) != "90.000002" {
		t.Error(string(data), err)
	}
	var back Seconds
	if err := json.Unmarshal([]byte("0.25"), &back); err != nil || back != Seconds(250*time.Millisecond) {
		t.Error(back, err)
	}
}

// TestFastLines: lines of output are written without encoding/json, and are the
// same byte for byte.
func TestFastLines(t *testing.T) {
	random := rand.New(rand.NewPCG(testenv.Seed(t), 5))
	for range 5000 {
		v := reflect.New(reflect.TypeFor[Output]()).Elem()
		scatter(random, v)
		o := v.Interface().(Output)
		if random.IntN(2) == 0 {
			o.Line, o.Host, o.Stream = "plain <text> & 'more'", "web1", Stdout
		}
		e := Entry{Seq: random.Uint64(), Time: time.Unix(random.Int64N(4e9), random.Int64N(1e9)*(random.Int64N(2))), Event: o}
		want, err := MarshalEntry(e)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		j := NewJSONL(&out)
		if err := errors.Join(j.Handle(e), j.Flush()); err != nil || out.String() != string(want)+"\n" {
			t.Fatalf("%v\ngot  %swant %s", err, out.String(), want)
		}
	}
}

// BenchmarkLines sends a million lines of a hundred hosts through a stream.
func BenchmarkLines(b *testing.B) {
	const lines = 1_000_000
	hosts := make([]string, 100)
	for i := range hosts {
		hosts[i] = fmt.Sprintf("web%03d", i)
	}
	for name, sink := range map[string]func() Sink{
		"text":   func() Sink { return NewText(TextOptions{Out: nowhere{}, Err: nowhere{}}) },
		"colour": func() Sink { return NewText(TextOptions{Out: nowhere{}, Err: nowhere{}, Colour: true}) },
		"jsonl":  func() Sink { return NewJSONL(nowhere{}) },
		"none":   func() Sink { return &keeper{} },
	} {
		b.Run(name, func(b *testing.B) {
			var most uint64
			for b.Loop() {
				s := New(b.Context(), Options{Sinks: []Sink{sink()}})
				for i := range lines {
					s.Emit(Output{ID: 1, Host: hosts[i%len(hosts)], Stream: Stdout, Line: "Nov 23 00:28:01 web1 sshd[812]: Accepted publickey for root from 10.0.0.1"})
					if i%100_000 == 0 {
						var m runtime.MemStats
						runtime.ReadMemStats(&m)
						most = max(most, m.HeapAlloc)
					}
				}
				if err := s.Close(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*lines/b.Elapsed().Seconds(), "lines/s")
			b.ReportMetric(float64(most)/(1<<20), "MiB")
		})
	}
}

func BenchmarkJSONL(b *testing.B) {
	e := Entry{Seq: 1, Time: time.Now(), Event: Output{Host: "web1", Stream: Stdout, Line: strings.Repeat("log line ", 9)}}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = MarshalEntry(e)
	}
}
