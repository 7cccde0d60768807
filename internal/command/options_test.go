package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"gofab/internal/fault"
	"gofab/internal/secret"
)

// lua is a function of a script.
type lua func(ctx context.Context, args ...any) ([]any, error)

func (f lua) Call(ctx context.Context, args ...any) ([]any, error) { return f(ctx, args...) }

func function(t *testing.T, f lua) (fn Func) {
	t.Helper()
	if err := fn.FromLua(f); err != nil {
		t.Fatal(err)
	}
	return fn
}

func TestConditions(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "it's there"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		change func(*Options)
		runs   bool
	}{
		{func(o *Options) { o.Creates = "it's there" }, false},
		{func(o *Options) { o.Creates = "nothing" }, true},
		{func(o *Options) { o.Creates = filepath.Join(dir, "it's there") }, false},
		{func(o *Options) { o.OnlyIf = "test -e 'it'\"'\"'s there' # yes" }, true},
		{func(o *Options) { o.OnlyIf = "echo noise; exit 3" }, false},
		{func(o *Options) { o.Unless = "true" }, false},
		{func(o *Options) { o.Unless = "cd /; false" }, true},
		{func(o *Options) { o.Creates, o.OnlyIf, o.Unless = "nothing", "true", "false" }, true},
		{func(o *Options) { o.Creates, o.OnlyIf, o.Unless = "nothing", "true", "true" }, false},
		{func(o *Options) { o.Prefix, o.OnlyIf = []string{"echo loud", "X=1"}, `test "$X" = 1` }, true},
		{func(o *Options) { o.PTY, o.Creates = true, "it's there" }, false},
	} {
		ran := filepath.Join(dir, "ran")
		r := mustRun(t, "touch ran", func(o *Options) { o.Cwd = dir; test.change(o) })
		if _, err := os.Stat(ran); (err == nil) != test.runs || r.Skipped == test.runs || !r.OK {
			t.Errorf("%+v", r)
		}
		_ = os.Remove(ran)
	}
	_, err := runLocal(t, "true", func(o *Options) { o.Cwd, o.Creates = "/no/such/folder", "x" })
	if fault.KindOf(err) != fault.Exit {
		t.Errorf("a condition that cannot be asked: %v", err)
	}
}

func TestSaveAndStdout(t *testing.T) {
	dir := t.TempDir()
	big := fmt.Sprintf("yes %s | head -c %d", strings.Repeat("z", 1000), 5<<20)
	for _, attempts := range []int{0, 1} {
		name := filepath.Join(dir, "logs", "{host}.log")
		r, err := runLocal(t, big+"; echo bad >&2; exit 3", func(o *Options) {
			o.Save, o.Check, o.Retries, o.Delay = name, false, attempts, 1
		})
		if err != nil || r.Code != 3 || !r.Truncated {
			t.Fatal(r.Code, r.Truncated, err)
		}
		data, err := os.ReadFile(filepath.Join(dir, "logs", "web1.log"))
		if want := (5<<20 + 4) * (attempts + 1); err != nil || len(data) != want || strings.Count(string(data), "bad\n") != attempts+1 {
			t.Errorf("%d bytes saved, want %d, %v", len(data), want, err)
		}
	}
	out := filepath.Join(dir, "out.bin")
	r := mustRun(t, `printf 'a\000\377b'; echo err >&2`, func(o *Options) { o.Stdout.File = out })
	if data, err := os.ReadFile(out); err != nil || string(data) != "a\x00\xffb" || r.Stdout != "" || r.StdoutBytes != 4 || r.Truncated || r.Stderr != "err\n" {
		t.Errorf("%q, %+v, %v", data, r, err)
	}
	_, err := runLocal(t, "true", func(o *Options) { o.Save = filepath.Join(out, "below a file") })
	if err == nil || !strings.Contains(err.Error(), "cannot") {
		t.Error(err)
	}
	if _, err := runLocal(t, "yes", func(o *Options) { o.Stdout.File = "/dev/full" }); fault.KindOf(err) != fault.NoSpace {
		t.Errorf("a full disk: %v", err)
	}
}

func TestStdinFromAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "dump.sql")
	text := strings.Repeat("0123456789\n", 1<<18)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file := func(o *Options) { o.Stdin.File = name }
	if r := mustRun(t, "cksum", file); !strings.Contains(r.Stdout, fmt.Sprint(len(text))) {
		t.Errorf("%q", r.Stdout)
	}
	if r := mustRun(t, "test $(wc -l) = 262144; echo x >>n; test $(wc -l <n) = 2", func(o *Options) { file(o); o.Retries, o.Delay = 1, 1 }); r.Attempts != 2 {
		t.Errorf("%+v", r)
	}
	if _, err := runLocal(t, "cat", func(o *Options) { o.Stdin.File = name + ".gz" }); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	if _, err := runLocal(t, "cat", func(o *Options) { o.Stdin.File = filepath.Dir(name) }); fault.KindOf(err) != fault.Usage {
		t.Error(err)
	}
}

// Characters that arrive in pieces are whole in the result and in lines.
func TestEncoding(t *testing.T) {
	text := "Grüße, 日本語 ア\n"
	sjis, _ := japanese.ShiftJIS.NewEncoder().String("日本語 ア\n")
	utf16, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	latin, _ := charmap.ISO8859_1.NewEncoder().String("Grüße\n")
	for _, test := range []struct{ encoding, sent, want string }{
		{"latin1", latin, "Grüße\n"}, {"windows-1252", latin, "Grüße\n"}, {"cp1252", latin, "Grüße\n"},
		{"shift_jis", sjis, "日本語 ア\n"}, {"utf-16", utf16, text}, {"utf-8", text, text}, {"", latin, latin},
	} {
		var lines []string
		l := local(t)
		name := filepath.Join(l.Dir, "text")
		if err := os.WriteFile(name, []byte(test.sent), 0o600); err != nil {
			t.Fatal(err)
		}
		line := `i=1; while [ $i -le ` + fmt.Sprint(len(test.sent)) + ` ]; do head -c $i text | tail -c 1; i=$((i+1)); done`
		r, err := Run(t.Context(), l, Request{Line: line, Options: with(func(o *Options) { o.Encoding = test.encoding }),
			OnLine: func(_, line string) { lines = append(lines, line) }}, Deps{})
		if err != nil || r.Stdout != test.want || !slices.Equal(lines, r.Lines) || len(lines) != 1 {
			t.Errorf("%s: %q, %q, %v", test.encoding, r.Stdout, lines, err)
		}
	}
	if _, err := runLocal(t, "true", func(o *Options) { o.Encoding = "klingon" }); fault.KindOf(err) != fault.Usage {
		t.Error(err)
	}
}

func TestFailOn(t *testing.T) {
	_, err := runLocal(t, "echo fine; echo 'FATAL: no disk' >&2; sleep 1000", func(o *Options) { o.FailOn, o.Check = []string{"FATAL: .*"}, false })
	if want := `web1: the output matched fail_on "FATAL: .*": FATAL: no disk`; fault.KindOf(err) != fault.Failed || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	mustRun(t, "echo fine; cat", func(o *Options) { o.FailOn = []string{"FATAL"} }) // its input is still empty
	if _, err := runLocal(t, "true", func(o *Options) { o.FailOn = []string{"("} }); fault.KindOf(err) != fault.Usage {
		t.Error(err)
	}
}

func TestReplyByFunction(t *testing.T) {
	var got []any
	reply := func(f lua) []Answer {
		return []Answer{{Pattern: `code (\d+)(!?): `, Reply: Reply{Func: function(t, f)}, Max: 9}}
	}
	line := `for i in 1 2; do printf "code 4$i: "; read x; echo "[$x]"; done`
	r := mustRun(t, line, func(o *Options) {
		o.Watch = reply(func(_ context.Context, args ...any) ([]any, error) {
			got = append(got, args...)
			if len(got) > 3 {
				return []any{secret.New("hidden\n")}, nil
			}
			return []any{"of " + args[1].(string) + "\n"}, nil
		})
	})
	if want := []any{"code 41: ", "41", "", "code 42: ", "42", ""}; !slices.Equal(got, want) || !strings.Contains(r.Stdout, "[of 41]") || !strings.Contains(r.Stdout, "[hidden]") {
		t.Errorf("%q, %q", got, r.Stdout)
	}
	wrong := errors.New("no idea")
	for _, f := range []lua{
		func(context.Context, ...any) ([]any, error) { return nil, fault.Wrap(fault.Script, wrong, "line 3") },
		func(context.Context, ...any) ([]any, error) { return []any{7.0}, nil },
	} {
		if _, err := runLocal(t, line, func(o *Options) { o.Watch = reply(f) }); err == nil || fault.KindOf(err) == fault.Exit {
			t.Error(err)
		}
	}
	// The command ends while the function still thinks.
	_, err := runLocal(t, `printf "code 1: "; exit 3`, func(o *Options) {
		o.Watch = reply(func(ctx context.Context, _ ...any) ([]any, error) { <-ctx.Done(); return nil, ctx.Err() })
	})
	if fault.KindOf(err) != fault.Exit {
		t.Error(err)
	}
}

func TestOnLineOfAScript(t *testing.T) {
	var got []string
	listen := function(t, func(_ context.Context, args ...any) ([]any, error) {
		got = append(got, args[0].(string)+":"+args[1].(string))
		if args[1] == "stop" {
			return nil, fault.New(fault.Script, "enough")
		}
		return nil, nil
	})
	mustRun(t, "echo a; echo b", func(o *Options) { o.OnLine, o.Hide = listen, HideBoth })
	if !slices.Equal(got, []string{"stdout:a", "stdout:b"}) {
		t.Error(got)
	}
	if _, err := runLocal(t, "echo stop; sleep 1000", func(o *Options) { o.OnLine = listen }); fault.KindOf(err) != fault.Script {
		t.Error(err)
	}
}

func TestWarn(t *testing.T) {
	var warned []string
	deps := Deps{Warn: func(err error) { warned = append(warned, err.Error()) }}
	for _, test := range []struct {
		line string
		want int
	}{{"exit 3", 1}, {"true", 0}} {
		warned = nil
		r, err := Run(t.Context(), local(t), Request{Host: "web1", Line: test.line, Options: with(func(o *Options) { o.Warn = true })}, deps)
		if err != nil || len(warned) != test.want || r.OK != (test.want == 0) {
			t.Errorf("%s: %q, %+v, %v", test.line, warned, r, err)
		}
	}
}

func TestHideOneStream(t *testing.T) {
	for hide, want := range map[Hide]string{HideOut: "stderr:b", HideErr: "stdout:a", HideBoth: ""} {
		var got []string
		r, err := Run(t.Context(), local(t), Request{Line: "echo a; echo b >&2", Options: with(func(o *Options) { o.Hide = hide }),
			OnLine: func(stream, line string) { got = append(got, stream+":"+line) }}, Deps{})
		if err != nil || strings.Join(got, " ") != want || r.Stdout != "a\n" || r.Stderr != "b\n" {
			t.Errorf("%s: %q, %+v, %v", hide, got, r, err)
		}
	}
}

func TestReplaceEnv(t *testing.T) {
	r := mustRun(t, "/usr/bin/env", func(o *Options) { o.ReplaceEnv, o.Env = true, map[string]string{"A": "it's"} })
	for _, line := range r.Lines {
		if name, _, _ := strings.Cut(line, "="); name != "A" && name != "PWD" && name != "_" && name != "SHLVL" {
			t.Errorf("%q is still there", line)
		}
	}
	if !slices.Contains(r.Lines, "A=it's") {
		t.Error(r.Lines)
	}
}

// resizable is a terminal whose size a test changes.
type resizable struct {
	mu         sync.Mutex
	rows, cols int
	changes    chan struct{}
}

func (w *resizable) Size() (rows, cols int, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rows, w.cols, true
}

func (w *resizable) Changes(context.Context) <-chan struct{} { return w.changes }

func TestWindowSizeIsFollowed(t *testing.T) {
	w := &resizable{rows: 33, cols: 77, changes: make(chan struct{}, 1)}
	var sizes []string
	line := `trap 'stty size; exit' WINCH; stty size; while :; do sleep 0.02; done`
	req := Request{Line: line, Options: with(func(o *Options) { o.PTY, o.Term = true, "xterm" }), OnLine: func(_, line string) {
		sizes = append(sizes, line)
		w.mu.Lock()
		w.rows, w.cols = 20, 100
		w.mu.Unlock()
		select {
		case w.changes <- struct{}{}:
		default:
		}
	}}
	if _, err := Run(t.Context(), local(t), req, Deps{Window: w}); err != nil || !slices.Equal(sizes, []string{"33 77", "20 100"}) {
		t.Errorf("%q, %v", sizes, err)
	}
}

func TestDryOpensNothing(t *testing.T) {
	dir := t.TempDir()
	var sent []string
	req := Request{Line: "touch ran", OnStart: func(line string) { sent = append(sent, line) }, Options: with(func(o *Options) {
		o.Dry, o.Cwd, o.Save, o.Stdin.File, o.Creates = true, dir, filepath.Join(dir, "log"), filepath.Join(dir, "none"), "x"
	})}
	r, err := Run(t.Context(), nil, req, Deps{})
	if err != nil || !r.Dry || !r.OK || len(sent) != 1 || sent[0] != r.Line {
		t.Errorf("%q, %+v, %v", sent, r, err)
	}
	if names, _ := os.ReadDir(dir); len(names) > 0 {
		t.Errorf("%v", names)
	}
	// What was shown does what the run does.
	if exit, err := local(t).Exec(t.Context(), Exec{Line: r.Line}); err != nil || exit.Code != 0 {
		t.Error(exit, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "ran")); err != nil {
		t.Error(err)
	}
}

func TestStart(t *testing.T) {
	l := local(t)
	r := Start(t.Context(), l, Request{Line: `echo up; while read x; do echo "got $x"; done; exit 4`, Options: with(func(o *Options) { o.Check = false })}, Deps{}, true)
	line, next, ok, err := r.Tail.Next(t.Context(), 0)
	if line != "up" || next != 1 || !ok || err != nil {
		t.Fatal(line, next, ok, err)
	}
	pid, err := r.PID(t.Context())
	if err != nil || pid == 0 || r.Known() != pid {
		t.Fatal(pid, err)
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"a\n", "b\n"} {
		r.Write(&text)
	}
	r.Write(nil)
	result, err := r.Wait(t.Context())
	if err != nil || result.Code != 4 || result.Stdout != "up\ngot a\ngot b\n" || result.Stderr != "" {
		t.Fatalf("%+v, %v", result, err)
	}
	if got := r.Tail.Last(2); !slices.Equal(got, []string{"got a", "got b"}) {
		t.Error(got)
	}
	if _, _, ok, err := r.Tail.Next(t.Context(), 3); ok || err != nil {
		t.Error("there was to be no more", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestStartIsClosed(t *testing.T) {
	life, l := newLifeline(t), local(t)
	r := Start(t.Context(), l, Request{Line: trees["stubborn2"], Options: with(func(o *Options) { o.Env = map[string]string{"LIFE": life.path} })}, Deps{}, false)
	life.begin(t)
	short, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Wait(short); err == nil {
		t.Error("it was not over")
	}
	_ = r.Close()
	if _, err := r.Wait(t.Context()); fault.KindOf(err) != fault.Cancelled {
		t.Error(err)
	}
	life.end(t)
}

func TestTailIsBounded(t *testing.T) {
	var tail Tail
	for i := range 3 * tailLines {
		tail.add(fmt.Sprint(i))
	}
	if got := tail.Last(1 << 30); len(got) != tailLines || got[len(got)-1] != fmt.Sprint(3*tailLines-1) {
		t.Error(len(got))
	}
	if line, next, ok, _ := tail.Next(t.Context(), 5); line != fmt.Sprint(2*tailLines) || next != 2*tailLines+1 || !ok {
		t.Error(line, next)
	}
	tail.add(strings.Repeat("x", 2*tailBytes))
	if got := tail.Last(9); len(got) != 1 {
		t.Error(len(got))
	}
}
