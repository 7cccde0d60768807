package event

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFoldGroupsEqualAnswers(t *testing.T) {
	got := Fold([]HostOutput{
		{"c", OK, code(0), "other"}, {"a", OK, code(0), "same\n"}, {"b", OK, code(0), "same"},
		{"d", OK, code(1), "same"}, {"e", Failed, code(0), "same"}, {"f", OK, nil, "same"},
	})
	want := []Folded{
		{[]string{"a", "b"}, OK, code(0), "same"}, {[]string{"c"}, OK, code(0), "other"},
		{[]string{"d"}, OK, code(1), "same"}, {[]string{"e"}, Failed, code(0), "same"}, {[]string{"f"}, OK, nil, "same"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := Fold(nil); got == nil || len(got) != 0 {
		t.Error("an empty list is not nil")
	}
}

// TestSummaryCountsEveryHost once, in exactly one state.
func TestSummaryCountsEveryHost(t *testing.T) {
	var results []HostResult
	for i, state := range States {
		for j := range i + 1 {
			results = append(results, HostResult{Host: fmt.Sprint(state, j), State: state})
		}
	}
	s := Summarize(results, 75*time.Second)
	want := "28 hosts: 1 ok, 2 failed, 3 timeout, 4 unreachable, 5 unknown, 6 cancelled, 7 skipped (1 min 15 s)"
	if s.String() != want {
		t.Errorf("%q, want %q", s, want)
	}
	if len(s.Failures) != 2+3+4+5 {
		t.Errorf("%d failures", len(s.Failures))
	}
	if got := Summarize(results[:1], time.Second).String(); got != "1 host: 1 ok (1.00 s)" {
		t.Error(got)
	}
}

func BenchmarkEmitText(b *testing.B) {
	benchmarkEmit(b, NewText(TextOptions{Out: nowhere{}, Err: nowhere{}}))
}
func BenchmarkEmitJSONL(b *testing.B) { benchmarkEmit(b, NewJSONL(nowhere{})) }

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

func benchmarkEmit(b *testing.B, sink Sink) {
	s := New(b.Context(), Options{Sinks: []Sink{sink}})
	b.ReportAllocs()
	for b.Loop() {
		s.Emit(Output{Host: "web1", Stream: Stdout, Line: "Nov 23 00:28:01 web1 sshd[812]: Accepted publickey"})
	}
	_ = s.Close(b.Context())
}
