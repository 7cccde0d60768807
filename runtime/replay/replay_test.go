package replay_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/testenv"
	"gofab/internal/transfer"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
	"gofab/runtime/replay"
	"gofab/runtime/transport"
)

// lab is a real host whose answers are recorded: this machine, with a folder of
// its own.
type lab struct {
	t        *testing.T
	path     string
	secrets  secret.Redactor
	recorder *replay.Recorder
	conn     transport.Conn
}

func newLab(t *testing.T, name string) *lab {
	t.Helper()
	dir := t.TempDir()
	l := &lab{t: t, path: filepath.Join(dir, name)}
	var err error
	if l.recorder, err = replay.Create(l.path, &l.secrets); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	local := &command.Local{Dir: home}
	t.Cleanup(func() { _ = local.Close() })
	dial := l.recorder.Dial(func(context.Context, *inventory.Host) (transport.Conn, error) {
		return transport.NewLocal(local, home, home), nil
	})
	if l.conn, err = dial(t.Context(), &inventory.Host{Name: "web1"}); err != nil {
		t.Fatal(err)
	}
	return l
}

// double ends the recording and gives what answers from it.
func (l *lab) double(loose ...string) transport.Conn {
	l.t.Helper()
	if err := l.recorder.Finish(); err != nil {
		l.t.Fatal(err)
	}
	d, err := replay.FromRecord(l.path, &l.secrets, loose)
	if err != nil {
		l.t.Fatal(err)
	}
	conn, err := d.Dial(l.t.Context(), &inventory.Host{Name: "web1"})
	if err != nil {
		l.t.Fatal(err)
	}
	return conn
}

// outcome is all that a caller can see of a command.
func outcome(ctx context.Context, conn transport.Conn, line string, o command.Options) string {
	var lines []string
	result, err := command.Run(ctx, conn, command.Request{
		Host: "web1", Line: line, Options: o, OnLine: func(stream, line string) { lines = append(lines, stream+":"+line) },
	}, command.Deps{})
	slices.Sort(lines) // between two streams there is no order
	return fmt.Sprintf("%q %q %d %s %t %t %t %d %q %v", result.Stdout, result.Stderr, result.Code, result.Signal, result.OK, result.TimedOut,
		result.Truncated, result.StdoutBytes, lines, err)
}

// Commands made at random give in the replay what they gave when they were
// recorded, bytes and lines and codes, several times and in any surroundings.
func TestCommandsAtRandom(t *testing.T) {
	testenv.Goroutines(t)
	random := rand.New(rand.NewPCG(testenv.Seed(t), 1))
	l := newLab(t, "run.jsonl.gz")
	type one struct {
		line string
		o    command.Options
		want string
	}
	var all []one
	for range 60 {
		c := one{o: command.Defaults()}
		c.line = randomLine(random)
		c.o.Check = random.IntN(2) == 0
		if random.IntN(3) == 0 {
			c.o.Env = map[string]string{"X": fmt.Sprint(random.IntN(3))}
		}
		if random.IntN(4) == 0 {
			c.o.Cwd = "/"
		}
		if random.IntN(6) == 0 {
			c.o.PTY = true
		}
		if random.IntN(5) == 0 {
			c.o.MaxOutput = command.Size(random.IntN(10))
		}
		c.want = outcome(t.Context(), l.conn, c.line, c.o)
		all = append(all, c)
	}
	conn := l.double()
	for _, c := range all {
		if got := outcome(t.Context(), conn, c.line, c.o); got != c.want {
			t.Errorf("%s %+v:\n got %s\nwant %s", c.line, c.o, got, c.want)
		}
	}
}

func randomLine(random *rand.Rand) string {
	parts := []string{
		"echo out", "echo err >&2", `printf '\377\000x'`, "printf 'no end'", "pwd", "echo $X", "echo n >> n; wc -l < n",
		"printf 'a\\r\\nb\\n'", "head -c 20000 /dev/zero", "true",
	}
	var list []string
	for range 1 + random.IntN(4) {
		list = append(list, parts[random.IntN(len(parts))])
	}
	switch random.IntN(5) {
	case 0:
		list = append(list, fmt.Sprintf("exit %d", random.IntN(256)))
	case 1:
		list = append(list, "kill -TERM $$")
	}
	return strings.Join(list, "; ")
}

// Files are read, written and listed in a replay as they were, whatever the
// order.
func TestFilesAtRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(testenv.Seed(t), 2))
	l := newLab(t, "run.jsonl")
	seen, err := l.conn.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var steps []func(transfer.FS) string
	var want []string
	for range 200 {
		step := randomStep(t, random)
		steps = append(steps, step)
		want = append(want, step(seen))
	}
	replayed, err := l.double().Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, step := range steps {
		if got := step(replayed); got != want[i] {
			t.Errorf("step %d:\n got %s\nwant %s", i, got, want[i])
		}
	}
}

// randomStep is one thing to do with files; it tells all that can be compared.
func randomStep(t *testing.T, random *rand.Rand) func(transfer.FS) string {
	ctx := t.Context()
	names := []string{"a", "b", "dir/c", "dir/d", "dir/sub/e", "dir"}
	name, other := names[random.IntN(5)], names[random.IntN(5)]
	text := strings.Repeat("x", random.IntN(3)*random.IntN(100_000)) + "\xff"
	switch random.IntN(6) {
	case 0, 1:
		return func(f transfer.FS) string {
			r, err := transfer.Put(ctx, transfer.PutOptions{From: transfer.Local("/"), To: f, Target: name, Content: &text})
			return fmt.Sprint("put ", name, r.Bytes, kindOf(err))
		}
	case 2:
		return func(f transfer.FS) string {
			data, err := transfer.Read(ctx, f, name, 1<<20)
			return fmt.Sprint("read ", name, len(data), bytes.Count(data, []byte("x")), kindOf(err))
		}
	case 3:
		return func(f transfer.FS) string {
			list, err := f.ReadDir(ctx, "dir", 0)
			var shown []string
			for _, i := range list {
				shown = append(shown, fmt.Sprint(i.Name, i.IsDir()))
			}
			return fmt.Sprint("list ", shown, kindOf(err))
		}
	case 4:
		return func(f transfer.FS) string {
			return fmt.Sprint("rename ", name, other, kindOf(f.Rename(ctx, name, other)))
		}
	default:
		return func(f transfer.FS) string {
			info, err := f.Stat(ctx, name)
			return fmt.Sprint("stat ", name, info.Size, info.IsDir(), info.Mode.Perm(), kindOf(err))
		}
	}
}

func kindOf(err error) fault.Kind { return fault.KindOf(err) }

// What is not in a record is an error that says what is near and what was
// expected.
func TestNotInTheRecord(t *testing.T) {
	l := newLab(t, "run.jsonl")
	o := command.Defaults()
	for _, line := range []string{"echo one", "echo two", "echo two"} {
		outcome(t.Context(), l.conn, line, o)
	}
	conn := l.double()
	root := command.Defaults()
	root.Cwd = "/"
	for _, c := range []struct {
		line       string
		o          command.Options
		want, hint string
	}{
		{"echo tow", o, "has no `echo tow` on web1 (did you mean `echo two`?)", "the next one in it is `echo one`"},
		{"echo one", o, "", ""},
		{"echo one", o, "has `echo one` on web1 once, and it is run once more", "the next one in it is `echo two`"},
		{"echo two", root, "has no `echo two` on web1 with the options {\"cwd\":\"/\"}, but with {}", "the next one in it is `echo two`"},
		{"echo two", o, "", ""},
		{"echo two", o, "", ""},
		{"echo two", o, "has `echo two` on web1 2 times, and it is run once more", "all that it has was run"},
	} {
		_, err := command.Run(t.Context(), conn, command.Request{Host: "web1", Line: c.line, Options: c.o}, command.Deps{})
		if c.want == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(fault.From(err).Hint, c.hint) {
			t.Errorf("%s: %v (%s)", c.line, err, fault.From(err).Hint)
		}
	}
}

// Texts that differ from run to run match where they may.
func TestLoose(t *testing.T) {
	l := newLab(t, "run.jsonl")
	outcome(t.Context(), l.conn, "echo release-20260101120000", command.Defaults())
	conn := l.double(`\d{14}`)
	if got := outcome(t.Context(), conn, "echo release-20991231235959", command.Defaults()); !strings.Contains(got, "release-20260101120000") {
		t.Error(got)
	}
	if _, err := replay.FromRecord(l.path, &l.secrets, []string{"("}); fault.KindOf(err) != fault.Usage {
		t.Error(err)
	}
}

// A record holds no secret; the same command with another value of the secret is
// the same command.
func TestSecretsStayOut(t *testing.T) {
	l := newLab(t, "run.jsonl")
	l.secrets.Add(secret.New("hunter2-and-more"))
	outcome(t.Context(), l.conn, "echo token hunter2-and-more; printf 'hunter2-'; sleep 0; printf and-more", command.Defaults())
	if files, err := l.conn.Files(t.Context()); err == nil {
		text := "password = hunter2-and-more\n"
		_, _ = transfer.Put(t.Context(), transfer.PutOptions{From: transfer.Local("/"), To: files, Target: "conf", Content: &text})
		_, _ = transfer.Read(t.Context(), files, "conf", 1000)
	}
	_ = l.recorder.Handle(event.Entry{Seq: 1, Time: time.Now(), Event: event.Print{Text: "x"}})
	conn := l.double()
	text, _ := os.ReadFile(l.path)
	if bytes.Contains(text, []byte("hunter2-and-more")) {
		t.Errorf("a secret is in the record:\n%s", text)
	}
	l.secrets.Add(secret.New("another-value"))
	got := outcome(t.Context(), conn, "echo token another-value; printf 'hunter2-'; sleep 0; printf and-more", command.Defaults())
	if !strings.Contains(got, "token ***") {
		t.Error(got)
	}
}

// A limit of time is a limit again, without its time.
func TestTimeLimit(t *testing.T) {
	l := newLab(t, "run.jsonl")
	o := command.Defaults()
	o.Timeout, o.Check = 50*time.Millisecond, false
	want := outcome(t.Context(), l.conn, "echo early; sleep 600", o)
	o.Timeout = time.Hour
	if got := outcome(t.Context(), l.double(), "echo early; sleep 600", o); got != want || !strings.Contains(got, "true") {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// A host that could not be reached is not reached again, and one that was not
// part of the run is unknown.
func TestUnreachable(t *testing.T) {
	l := newLab(t, "run.jsonl")
	dial := l.recorder.Dial(func(context.Context, *inventory.Host) (transport.Conn, error) {
		return nil, fault.New(fault.Unreachable, "connection refused").WithHint("is it on?")
	})
	if _, err := dial(t.Context(), &inventory.Host{Name: "web2"}); err == nil {
		t.Fatal("no error")
	}
	l.double()
	d, err := replay.FromRecord(l.path, &l.secrets, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err = d.Dial(t.Context(), &inventory.Host{Name: "web2"})
		if e := fault.From(err); e.Kind != fault.Unreachable || e.Message != "connection refused" || e.Hint != "is it on?" {
			t.Errorf("%+v", err)
		}
	}
	if _, err := d.Dial(t.Context(), &inventory.Host{Name: "web3"}); !strings.Contains(fmt.Sprint(err), "has no host web3") {
		t.Error(err)
	}
}

// Many hosts at once write whole lines; a record that is cut anywhere is a
// record up to there.
func TestRecordIsWhole(t *testing.T) {
	for _, name := range []string{"run.jsonl", "run.jsonl.gz"} {
		l := newLab(t, name)
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				outcome(t.Context(), l.conn, fmt.Sprintf("echo %d; head -c 3000 /dev/zero", i), command.Defaults())
				_ = l.recorder.Handle(event.Entry{Seq: uint64(i), Time: time.Now(), Event: event.Print{Text: "x\n"}})
				_ = l.recorder.Flush()
			})
		}
		wg.Wait()
		l.double()
		text, err := os.ReadFile(l.path)
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for line := range bytes.Lines(unzipped(t, text)) {
			lines++
			var of map[string]any
			if json.Unmarshal(line, &of) != nil || of["event"] == nil {
				t.Fatalf("%s: line %d: %.100s", name, lines, line)
			}
		}
		if lines != 41 { // one tells of the connection
			t.Errorf("%s: %d lines", name, lines)
		}
		for cut := 0; cut < len(text); cut += 1 + len(text)/20 {
			short := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(short, text[:cut], 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := replay.FromRecord(short, &l.secrets, nil); err != nil && kindOf(err) != fault.Parse {
				t.Errorf("cut at %d: %v", cut, err)
			}
		}
	}
}

func unzipped(t *testing.T, text []byte) []byte {
	zip, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return text
	}
	text, err = io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func FuzzFromRecord(f *testing.F) {
	f.Add([]byte(`{"event":"exec","host":"web1","command":"x","output":[{"stream":"stdout","text":{"base64":"/w=="}}],"code":0}` + "\n" +
		`{"event":"file","host":"web1","op":"readdir","path":"d","list":[{"name":"../x"}]}` + "\n" + `{"event":"dial","host":"web2"}` + "\n"))
	f.Add([]byte(`{"event":"run_start","hosts":["web1"]}` + "\n" + `{"event":"file","host":"web1","op":"open","path":"x","content":"y","cut":true}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "r")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		_ = replay.Show{}.Run(t.Context(), path, func(event.Entry) {})
		d, err := replay.FromRecord(path, &secret.Redactor{}, nil)
		if err != nil {
			return
		}
		conn, err := d.Dial(t.Context(), &inventory.Host{Name: "web1"})
		if err != nil {
			return
		}
		outcome(t.Context(), conn, "x", command.Defaults())
		files, err := conn.Files(t.Context())
		if err != nil {
			return
		}
		_, _ = files.ReadDir(t.Context(), "d", 0)
		_, _ = transfer.Read(t.Context(), files, "x", 1000)
		content := "z"
		_, _ = transfer.Put(t.Context(), transfer.PutOptions{From: transfer.Local("/"), To: files, Target: "x", Content: &content})
	})
}
