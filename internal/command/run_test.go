package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gofab/internal/fault"
)

// local is an executor whose commands are gone at the end of the test.
func local(t testing.TB) *Local {
	l := &Local{Dir: t.TempDir()}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// with gives the default options, changed.
func with(change func(*Options)) Options {
	o := Defaults()
	if change != nil {
		change(&o)
	}
	return o
}

func runLocal(t testing.TB, line string, change func(*Options)) (Result, error) {
	t.Helper()
	return Run(t.Context(), local(t), Request{Host: "web1", Line: line, Options: with(change)}, Deps{})
}

func mustRun(t testing.TB, line string, change func(*Options)) Result {
	t.Helper()
	r, err := runLocal(t, line, change)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestResult(t *testing.T) {
	r := mustRun(t, "echo out; echo err >&2", nil)
	want := Result{
		OK: true, Stdout: "out\n", Lines: []string{"out"}, Stderr: "err\n", StdoutBytes: 4, StderrBytes: 4, Command: "echo out; echo err >&2",
		Host: "web1", Attempts: 1, Duration: r.Duration, Line: r.Line,
	}
	if !reflect.DeepEqual(r, want) || r.Duration <= 0 || !strings.HasPrefix(r.Line, "exec /bin/sh -c ") {
		t.Fatalf("got  %+v\nwant %+v", r, want)
	}
}

func TestArgumentsAreQuoted(t *testing.T) {
	args := []string{"printf", "%s|", "a b", "it's", "$HOME", ";", ""}
	r, err := Run(t.Context(), local(t), Request{Args: args, Options: Defaults()}, Deps{})
	if err != nil || r.Stdout != "a b|it's|$HOME|;||" {
		t.Fatalf("%q, %v", r.Stdout, err)
	}
	if want := `printf '%s|' 'a b' 'it'"'"'s' '$HOME' ';' ''`; r.Command != want {
		t.Errorf("command is %s, want %s", r.Command, want)
	}
}

func TestExitError(t *testing.T) {
	for _, test := range []struct {
		line, message, hint string
		code                int
	}{
		{"exit 2", "web1: command exited with 2: exit 2", "", 2},
		{"echo a; echo b; exit 2 # x", "web1: command exited with 2: echo a; echo b; exit 2 # x: b", "", 2},
		{"echo a; echo 'no such file' >&2; exit 2", "web1: command exited with 2: echo a; echo 'no such file' >&2; exit 2: no such file", "", 2},
		{"false\nexit 3", "web1: command exited with 3: false ...", "", 3},
		{"/no/such/program", "web1: command exited with 127: /no/such/program: /bin/sh: 1: /no/such/program: not found", "full path", 127},
		{"/etc/passwd", "web1: command exited with 126: /etc/passwd: /bin/sh: 1: /etc/passwd: Permission denied", "file system", 126},
		{"kill -KILL $$", "", "dmesg", 137},
	} {
		r, err := runLocal(t, test.line, nil)
		e := fault.From(err)
		if e == nil || e.Kind != fault.Exit || r.Code != test.code || r.OK || e.Host != "web1" {
			t.Fatalf("%s: %+v, %v", test.line, r, err)
		}
		if test.message != "" && err.Error() != test.message {
			t.Errorf("got  %s\nwant %s", err, test.message)
		}
		if (test.hint == "") != (e.Hint == "") || !strings.Contains(e.Hint, test.hint) {
			t.Errorf("%s: hint is %q, want %q", test.line, e.Hint, test.hint)
		}
		if !reflect.DeepEqual(e.Result, r) {
			t.Errorf("%s: the error's result is %+v", test.line, e.Result)
		}
	}
}

func TestSignalIsNamed(t *testing.T) {
	r, err := runLocal(t, "kill -TERM $$", func(o *Options) { o.Stdin = Text("x") })
	if r.Signal != "TERM" || r.Code != 143 || err.Error() != "web1: command was killed by signal TERM: kill -TERM $$" {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestAcceptedExits(t *testing.T) {
	if r := mustRun(t, "exit 3", func(o *Options) { o.OKCodes = []int{1, 3} }); !r.OK || r.Code != 3 {
		t.Errorf("ok_codes: %+v", r)
	}
	if r := mustRun(t, "exit 3", func(o *Options) { o.Check = false }); r.OK || r.Code != 3 {
		t.Errorf("check=false: %+v", r)
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	counting := "echo x >>n; wc -l <n; test $(wc -l <n) -ge 3"
	quick := func(o *Options) { o.Retries, o.Delay = 5, time.Millisecond }
	if r := mustRun(t, counting, quick); r.Attempts != 3 || strings.TrimSpace(r.Stdout) != "3" {
		t.Errorf("%+v", r)
	}
	r, err := runLocal(t, "exit 4", quick)
	if fault.KindOf(err) != fault.Exit || r.Attempts != 6 {
		t.Errorf("%+v, %v", r, err)
	}
	if r := mustRun(t, "exit 4", func(o *Options) { quick(o); o.Check = false }); r.Attempts != 6 || r.Code != 4 {
		t.Errorf("%+v", r)
	}
	r = mustRun(t, "echo x >>n; test $(wc -l <n) -ge 2 || sleep 1000", func(o *Options) { quick(o); o.Timeout = time.Second })
	if r.Attempts < 2 || r.TimedOut {
		t.Errorf("%+v", r)
	}
}

func TestCancelEndsTheDelay(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, err := Run(ctx, local(t), Request{
		Line:    "echo failing; exit 1",
		Options: with(func(o *Options) { o.Retries, o.Delay = 1, time.Hour }),
		OnLine:  func(string, string) { time.AfterFunc(20*time.Millisecond, cancel) },
	}, Deps{})
	if fault.KindOf(err) != fault.Cancelled || r.Attempts != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestCancelAtRandomTimes(t *testing.T) {
	t.Parallel()
	random, l := seeded(t), local(t)
	for range 60 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(12000))*time.Microsecond)
		r, err := Run(ctx, l, Request{Line: "echo a; sleep 0.005; echo b", Options: with(func(o *Options) { o.Retries = 2 })}, Deps{})
		cancel()
		if ok := err == nil && r.Stdout == "a\nb\n" || fault.KindOf(err) == fault.Timeout && !r.TimedOut && r.Attempts <= 1; !ok {
			t.Fatalf("%+v, %v", r, err)
		}
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	limit := func(o *Options) { o.Timeout = time.Second }
	r, err := runLocal(t, "echo begun; sleep 1000", limit)
	if fault.KindOf(err) != fault.Timeout || !r.TimedOut || r.OK || r.Code != -1 || r.Stdout != "begun\n" {
		t.Fatalf("%+v, %v", r, err)
	}
	if want := "web1: command took longer than 1s: echo begun; sleep 1000"; err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	r = mustRun(t, "echo begun; sleep 1000", func(o *Options) { limit(o); o.Check = false })
	if !r.TimedOut || r.OK {
		t.Errorf("%+v", r)
	}
}

func TestOnLine(t *testing.T) {
	var got []string
	_, err := Run(t.Context(), local(t), Request{
		Line:    `printf 'a\r\n\nb'; printf 'c' >&2`,
		Options: Defaults(),
		OnLine:  func(stream, line string) { got = append(got, stream+":"+line) },
	}, Deps{})
	slices.Sort(got)
	if want := []string{"stderr:c", "stdout:", "stdout:a", "stdout:b"}; err != nil || !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q, %v", got, want, err)
	}
}

func TestHideShowsNothing(t *testing.T) {
	req := Request{Line: "echo a", Options: with(func(o *Options) { o.Hide = HideBoth }), OnLine: func(string, string) { t.Error("shown") }}
	if r, err := Run(t.Context(), local(t), req, Deps{}); err != nil || r.Stdout != "a\n" {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestStdin(t *testing.T) {
	text := strings.Repeat("0123456789abcde\n", 1<<16)
	stdin := func(o *Options) { o.Stdin = Text(text) }
	if r := mustRun(t, "cat", stdin); r.Stdout != text {
		t.Errorf("%d bytes of %d came back", len(r.Stdout), len(text))
	}
	mustRun(t, "true", stdin)
	mustRun(t, "exec <&-; true", stdin)
	if r := mustRun(t, "cat", nil); r.Stdout != "" {
		t.Errorf("%q came from nowhere", r.Stdout)
	}
	req := Request{Line: "cat", Options: with(func(o *Options) { o.Stdin = Text("first ") }), Stdin: strings.NewReader("second")}
	if r, err := Run(t.Context(), local(t), req, Deps{}); err != nil || r.Stdout != "first second" {
		t.Errorf("%q, %v", r.Stdout, err)
	}
}

func TestHugeOutputIsBounded(t *testing.T) {
	const size = 1 << 30
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := mustRun(t, fmt.Sprintf("yes %s | head -c %d", strings.Repeat("y", 1000), size), nil)
	if !r.Truncated || r.StdoutBytes != size || len(r.Stdout) > 2<<20+100 || !strings.Contains(r.Stdout, "bytes left out") {
		t.Fatalf("%d bytes, kept %d, truncated %v", r.StdoutBytes, len(r.Stdout), r.Truncated)
	}
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 32<<20 {
		t.Errorf("%d MiB were allocated", taken>>20)
	}
}

func TestRawLine(t *testing.T) {
	r := mustRun(t, `echo "$A" 'it!'`, func(o *Options) { o.Shell, o.Env = NoShell, map[string]string{"A": "1 2"} })
	if r.Stdout != "1 2 it!\n" || r.Line != r.Command {
		t.Fatalf("%+v", r)
	}
}

func TestDryRunsNothing(t *testing.T) {
	dir := t.TempDir()
	r := mustRun(t, "touch ran", func(o *Options) { o.Dry, o.Cwd, o.User = true, dir, "nobody" })
	if !r.OK || !r.Dry || r.Attempts != 0 || !strings.Contains(r.Line, "exec sudo -H -u nobody") {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(filepath.Join(dir, "ran")); err == nil {
		t.Error("it ran")
	}
}

func TestRefusedOptions(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"detached":                   func(o *Options) { o.Detach, o.PTY = true, true },
		"detached command":           func(o *Options) { o.Detach, o.Stdin = true, Text("x") },
		"cannot be negative":         func(o *Options) { o.Retries = -1 },
		"watch 1: error parsing":     func(o *Options) { o.Watch = []Answer{{Pattern: "(", Max: 1}} },
		"matches anywhere":           func(o *Options) { o.Watch = []Answer{{Pattern: "a*", Max: 1}} },
		"max must be":                func(o *Options) { o.Watch = []Answer{{Pattern: "a"}} },
		"without a shell":            func(o *Options) { o.Shell, o.Sudo = NoShell, true },
		`"9x" is not the name`:       func(o *Options) { o.Env = map[string]string{"9x": ""} },
		`shell "bash" is not a path`: func(o *Options) { o.Shell = "bash" },
	} {
		_, err := runLocal(t, "true", change)
		if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), want) || fault.From(err).Host != "web1" {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	req := Request{Line: "cat", Stdin: strings.NewReader(""), Options: with(func(o *Options) { o.Retries = 1 })}
	if _, err := Run(t.Context(), local(t), req, Deps{}); fault.KindOf(err) != fault.Usage {
		t.Errorf("a stream was to be read twice: %v", err)
	}
}

// cutting is a link that breaks when the command has spoken.
type cutting struct{ *Local }

func (c cutting) Exec(ctx context.Context, req Exec) (Exit, error) {
	_, _ = c.Local.Exec(ctx, req)
	return Exit{}, fault.New(fault.Lost, "the link broke")
}

func TestLostLinkIsNoResult(t *testing.T) {
	req := Request{Host: "web1", Line: "echo so far", Options: with(func(o *Options) { o.Check, o.Retries = false, 3 })}
	r, err := Run(t.Context(), cutting{local(t)}, req, Deps{})
	if fault.KindOf(err) != fault.Lost || err.Error() != "web1: the link broke" {
		t.Fatal(err)
	}
	if r.OK || r.Code != -1 || r.Stdout != "so far\n" || r.Attempts != 1 || !reflect.DeepEqual(fault.From(err).Result, r) {
		t.Errorf("%+v", r)
	}
}

func TestManyAtOnce(t *testing.T) {
	l := local(t)
	results := make(chan error, 100)
	for i := range cap(results) {
		go func() {
			r, err := Run(t.Context(), l, Request{Line: "echo $((" + strconv.Itoa(i) + "*2)); exit " + strconv.Itoa(i%3), Options: Defaults()}, Deps{})
			if r.Stdout != strconv.Itoa(2*i)+"\n" || r.Code != i%3 {
				err = fmt.Errorf("%d: %+v, %w", i, r, err)
			} else {
				err = nil
			}
			results <- err
		}()
	}
	var all error
	for range cap(results) {
		all = errors.Join(all, <-results)
	}
	if all != nil {
		t.Fatal(all)
	}
}
