package recording

import (
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/fault"
)

// step is one piece of a session as it goes by.
type step struct {
	kind byte // o output, i input, h input while the terminal hides it, r a new size
	text string
}

// take records a session by a clock that goes one second with every event.
func take(code int, steps ...step) *Recording {
	now := time.Unix(1763870400, 0)
	r := New(Program{Command: []string{"prog", "an arg"}, Term: "xterm"}, 80, 24, func() time.Time { now = now.Add(time.Second); return now })
	for _, s := range steps {
		switch s.kind {
		case 'o':
			r.Output([]byte(s.text))
		case 'r':
			r.Resize(100, 30)
		default:
			r.Input([]byte(s.text), s.kind == 'h')
		}
	}
	return r.Close(code)
}

func events(r *Recording) []string {
	var list []string
	for _, e := range r.Events {
		if e.Kind == Output && e.Data == "" {
			continue
		}
		list = append(list, string(e.Kind)+" "+e.Data)
	}
	return list
}

func TestWhatIsTyped(t *testing.T) {
	tests := []struct {
		name  string
		steps []step
		want  []string
	}{
		{"a line, key by key",
			[]step{{'o', "$ "}, {'i', "l"}, {'o', "l"}, {'i', "s"}, {'o', "s"}, {'i', "\r"}, {'o', "\r\nfile\r\n$ "}},
			[]string{"o $ ", "i ls\r", "o l", "o s", "o \r\nfile\r\n$ "}},
		{"a line in one piece", []step{{'o', "$ "}, {'i', "ls\r"}, {'o', "ls\r\nfile\r\n$ "}},
			[]string{"o $ ", "i ls\r", "o ls\r\nfile\r\n$ "}},
		{"two lines in one piece", []step{{'o', "$ "}, {'i', "a\rb\r"}, {'o', "a\r\nb\r\n"}},
			[]string{"o $ ", "i a\r", "i b\r", "o a\r\nb\r\n"}},
		{"a password that is pasted with the line before", []step{{'o', "login: "}, {'i', "joe\rhunter2\r"}, {'o', "joe\r\nPassword: \r\n"}},
			[]string{"o login: ", "i joe\r", "s 1", "o joe\r\nPassword: \r\n"}},
		{"corrected", []step{{'i', "lx\x7fs -q\x17-l\r"}, {'o', "lx\b \bs -q\b \b\b \b-l\r\n"}},
			[]string{"i ls -l\r", "o lx\b \bs -q\b \b\b \b-l\r\n"}},
		{"begun anew", []step{{'i', "lx\x15ls\r"}, {'o', "lx\b \b\b \bls\r\n"}},
			[]string{"i ls\r", "o lx\b \b\b \bls\r\n"}},
		{"an empty line", []step{{'o', "$ "}, {'i', "\r"}, {'o', "\r\n$ "}}, []string{"o $ ", "i \r", "o \r\n$ "}},
		{"a hidden line", []step{{'o', "Password: "}, {'h', "hunter2\r"}, {'o', "\r\n$ "}},
			[]string{"o Password: ", "s 1", "o \r\n$ "}},
		{"hidden on the other side", []step{{'o', "Password: "}, {'i', "hunter2"}, {'i', "\r"}, {'o', "\r\nok"}},
			[]string{"o Password: ", "s 1", "o \r\nok"}},
		{"hidden on the other side, and shown by the program at once", []step{{'o', "Password: "}, {'i', "hunter2\r"}, {'o', "\r\ngot hunter2\r\nName: "}},
			[]string{"o Password: ", "s 1", "o \r\ngot ***\r\nName: "}},
		{"hidden, and shown by the program without a new line", []step{{'o', "Password: "}, {'i', "hunter2\r"}, {'o', "got hunter2\r\nName: "}},
			[]string{"o Password: ", "s 1", "o got ***\r\nName: "}},
		{"hidden, with a key that edits", []step{{'o', "Password: "}, {'i', "hun\x1b[Dter2\r"}, {'o', "\r\nok\r\n"}},
			[]string{"o Password: ", "s 1", "o \r\nok\r\n"}},
		{"hidden in a program with the whole screen",
			[]step{{'o', "\x1b[?1049hPassword: [   ]"}, {'i', "h"}, {'o', "*"}, {'i', "unter2"}, {'o', "******"}, {'i', "\r"}, {'o', "\x1b[2Jok"}, {'i', "j"}, {'o', "x"}},
			[]string{"o \x1b[?1049hPassword: [   ]", "s 1", "o *", "o ******", "o \x1b[2Jok", "i j", "o x"}},
		{"shown in a program with the whole screen that talks of passwords",
			[]step{{'o', "\x1b[?1049hpassword file: "}, {'i', "a"}, {'o', "a"}, {'i', "bc"}, {'o', "bc"}, {'i', "\r"}, {'o', "\r\nok"}},
			[]string{"o \x1b[?1049hpassword file: ", "i abc\r", "o a", "o bc", "o \r\nok"}},
		{"hidden by stars", []step{{'o', "Password: "}, {'i', "secret"}, {'o', "******"}, {'i', "\r"}, {'o', "\r\nok"}},
			[]string{"o Password: ", "s 1", "o ******", "o \r\nok"}},
		{"twice the same, then another", []step{{'h', "hunter2\r"}, {'o', "\r\n"}, {'h', "hunter2\r"}, {'o', "\r\n"}, {'h', "other\r"}},
			[]string{"s 1", "o \r\n", "s 1", "o \r\n", "s 2"}},
		{"shown later, in pieces", []step{{'h', "hunter2\r"}, {'o', "\r\nit is hun"}, {'o', "ter2.\r\n"}},
			[]string{"s 1", "o \r\nit is ***.\r\n"}},
		{"typed again", []step{{'h', "hunter2\r"}, {'o', "\r\n$ "}, {'i', "echo hunter2\r"}, {'o', "echo hunter2\r\nhunter2\r\n"}},
			[]string{"s 1", "o \r\n$ ", "i echo ***\r", "o echo ***\r\n***\r\n"}},
		{"hidden, and then no", []step{{'h', "hunt\x03"}, {'o', "\r\n$ "}}, []string{"i \x03", "o \r\n$ "}},
		{"hidden, and output between", []step{{'i', "hunter2"}, {'o', "\r\nwall: bye\r\n"}, {'i', "\r"}},
			[]string{"s 1", "o \r\nwall: bye\r\n", "i \r"}},
		{"a key", []step{{'o', "--More--"}, {'i', " "}, {'o', "\r\nmore\r\n--More--"}, {'i', "q"}, {'o', "\r\n"}},
			[]string{"o --More--", "i  ", "o \r\nmore\r\n--More--", "i q", "o \r\n"}},
		{"interrupts", []step{{'i', "sleep 9\r"}, {'o', "sleep 9\r\n"}, {'i', "\x03"}, {'o', "^C\r\n$ "}, {'i', "\x04"}},
			[]string{"i sleep 9\r", "o sleep 9\r\n", "i \x03", "o ^C\r\n$ ", "i \x04"}},
		{"completed by the program", []step{{'o', "$ "}, {'i', "ec"}, {'o', "ec"}, {'i', "\t"}, {'o', "ho "}, {'i', "hi\r"}, {'o', "hi\r\nhi\r\n"}},
			[]string{"o $ ", "i echo hi\r", "o ec", "o ho ", "o hi\r\nhi\r\n"}},
		{"from the history", []step{{'o', "$ "}, {'i', "\x1b[A"}, {'o', "make test"}, {'i', "\r"}, {'o', "\r\nok\r\n"}},
			[]string{"o $ ", "i make test\r", "o make test", "o \r\nok\r\n"}},
		{"the whole screen", []step{{'o', "\x1b[?1049hmenu"}, {'i', "\x1b[B"}, {'o', "x"}, {'i', "j"}, {'i', "\r"}, {'o', "\x1b[?1049l"}},
			[]string{"o \x1b[?1049hmenu", "i \x1b[B", "o x", "i j\r", "o \x1b[?1049l"}},
		{"a character in pieces", []step{{'o', "w\xc3"}, {'o', "\xb6rter\xff"}}, []string{"o w", "o \u00f6rter\ufffd"}},
		{"half a character at the end", []step{{'o', "w\xc3"}}, []string{"o w", "o \ufffd"}},
		{"a new size", []step{{'r', ""}}, []string{"r 100x30"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, events(take(-1, test.steps...))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestScript(t *testing.T) {
	r := take(3,
		step{'o', "\x1b]0;me@box\x07\x1b[32mme@box\x1b[0m:\x1b[34m~\x1b[0m$ "}, step{'i', "sudo passwd joe\r"},
		step{'o', "sudo passwd joe\r\n[sudo] password for me: "}, step{'h', "hunter2\r"},
		step{'o', "\r\nNew password: "}, step{'h', "joe's\r"}, step{'o', "\r\nRetype new password: "}, step{'h', "joe's\r"},
		step{'o', "\r\npasswd: ok\r\n$ "}, step{'i', "say \"\\o/\"\r"}, step{'o', "say \"\\o/\"\r\n"}, step{'i', "\x03"}, step{'o', "^C"},
		step{'o', "\r\n$ "}, step{'i', "\x04"}, step{'r', ""},
		step{'o', "\x1b[?1049h\x1b[2J\x1b[5;1H> first [x]"}, step{'i', "\x1b[B"}, step{'o', "\x1b[?1049l"})
	want := `-- A session of 23 November 2025.
-- Its prompts and answers; edit what changes from time to time.

local secret1 = secret.ask("[sudo] password for me: ") -- or secret.env("NAME")
local secret2 = secret.ask("New password: ") -- or secret.env("NAME")
local p = expect.spawn({ "prog", "an arg" }, { rows = 24, cols = 80, term = "xterm" })
local screen = p:screen()
p:expect("me@box[^\\n]*:[^\\n]*~[^\\n]*\\$ ")
p:line("sudo passwd joe")
p:expect(expect.literal("[sudo] password for me: "))
p:line(secret1)
p:expect("New password: ")
p:line(secret2)
p:expect("Retype new password: ")
p:line(secret2)
p:expect(expect.literal("$ "))
p:line("say \"\\o/\"")
p:expect(expect.literal("say \"\\o/\""))
p:intr()
p:expect(expect.literal("$ "))
p:eof()
p:size(30, 100)
screen:wait(expect.literal("> first [x]"))
p:send("\027[B")
p:expect(expect.EOF)
assert(p:wait().code == 3)
`
	if diff := cmp.Diff(want, r.Script()); diff != "" {
		t.Error(diff)
	}
}

// In a program with the whole screen Enter is sent as the key that it is.
func TestScriptOfTheWholeScreen(t *testing.T) {
	script := take(-1, step{'o', "\x1b[?1049hPassword: "}, step{'i', "hunter2\r"}, step{'o', "\x1b[2J\x1b[Hmenu"}, step{'i', "q\r"}, step{'o', "\x1b[?1049l"}).Script()
	for _, want := range []string{
		"screen:wait(\"Password:\")\np:send(secret1)\np:send(\"\\r\")\n", "screen:wait(\"menu\")\np:send(\"q\\r\")\n",
	} {
		if !strings.Contains(script, want) {
			t.Errorf("the script lacks\n%s\n%s", want, script)
		}
	}
}

func TestFileAndBack(t *testing.T) {
	r := take(0, step{'o', "w\u00f6rter <&>\x1b[m\u2028"}, step{'i', "a\r"}, step{'o', "a\r\n"}, step{'h', "hunter2\r"})
	got, err := Read(bytes.NewReader(r.Marshal()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Events, got.Events); diff != "" {
		t.Error(diff)
	}
	if got.Cols != r.Cols || got.Rows != r.Rows || !cmp.Equal(got.Program, r.Program) {
		t.Errorf("%+v", got)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	tests := map[string]string{
		"":                                "this is no asciicast: it is empty",
		"hello\n":                         "line 1: this is no asciicast of version 2",
		`{"version": 1}` + "\n":           "line 1: this is no asciicast of version 2",
		`{"version": 2}` + "\n[1, 2, 3]":  "line 2: an event is [time, kind, text]",
		`{"version": 2}` + "\n\n{}":       "line 3: an event is [time, kind, text]",
		`{"version": 2}` + "\n[1, \"o\"]": "line 2: an event is [time, kind, text]",
	}
	for text, want := range tests {
		_, err := Read(strings.NewReader(text))
		if err == nil || err.Error() != strings.Replace(want, ": an", ": an", 1) {
			t.Errorf("%q gives %v, not %s", text, err, want)
		}
	}
}

func play(r *Recording, typed string) (shown string, code int, err error) {
	var out bytes.Buffer
	code, err = r.Play(context.Background(), strings.NewReader(typed), &out)
	return out.String(), code, err
}

func TestPlay(t *testing.T) {
	r := take(7, step{'o', "Name: "}, step{'i', "jox\x7fe\r"}, step{'o', "jox\b \be\r\nPassword: "}, step{'h', "hunter2\r"},
		step{'o', "\r\n--More--"}, step{'i', "q"}, step{'o', "\r\nbye\r\n"})
	all := "Name: jox\b \be\r\nPassword: \r\n--More--\r\nbye\r\n"
	tests := []struct{ typed, shown, err string }{
		{"joe\nany\nq", all, ""},
		{"joe\rany\rq", all, ""},
		{"jim\x15joe\r\rq", all, ""},
		{"jim\r", "Name: ", `input 1 differs from the recording: want "joe", got "jim"`},
		{"joe\rpw\rx", "Name: jox\b \be\r\nPassword: \r\n--More--", `input 3 differs from the recording: want "q", got "x"`},
		{"joe\rpw", "Name: jox\b \be\r\nPassword: ", `the input ended before input 2: want a secret`},
		{"jo", "Name: ", `the input ended before input 1: want "joe"`},
		{strings.Repeat("j", 10000), "Name: ", `input 1 differs from the recording: want "joe", got "` + strings.Repeat("j", 80) + `..."`},
	}
	for _, test := range tests {
		shown, code, err := play(r, test.typed)
		if diff := cmp.Diff(test.shown, shown); diff != "" {
			t.Errorf("%.20q: %s", test.typed, diff)
		}
		if text := fmt.Sprint(err); err != nil && text != test.err || err == nil && (test.err != "" || code != 7) {
			t.Errorf("%.20q ends with %d, %v", test.typed, code, err)
		}
	}
}

func TestPlayEnds(t *testing.T) {
	r := take(0, step{'o', "$ "}, step{'i', "\x04"}, step{'o', "exit\r\n"})
	if shown, code, err := play(r, ""); shown != "$ exit\r\n" || code != 0 || err != nil {
		t.Errorf("the end of a pipe is no Ctrl-D: %q %d %v", shown, code, err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(fault.New(fault.Cancelled, "enough"))
	if _, err := r.Play(ctx, strings.NewReader(""), &bytes.Buffer{}); fault.KindOf(err) != fault.Cancelled {
		t.Error(err)
	}
}

// TestForeignCast plays a cast of asciinema, which has single keys.
func TestForeignCast(t *testing.T) {
	cast := `{"version": 2, "width": 80, "height": 24, "command": "python3 -q"}
[0.1, "o", ">>> "]
[0.2, "i", "1"]
[0.21, "o", "1"]
[0.3, "i", "\r"]
[0.4, "o", "\r\n1\r\n"]
[0.5, "m", "a marker"]
`
	r, err := Read(strings.NewReader(cast))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sh", "-c", "python3 -q"}, r.Command); diff != "" {
		t.Error(diff)
	}
	if shown, _, err := play(r, "1\n"); shown != ">>> 1\r\n1\r\n" || err != nil {
		t.Errorf("%q %v", shown, err)
	}
}

// TestGeneratedSessions records sessions with secrets in them, and plays them.
func TestGeneratedSessions(t *testing.T) {
	for seed := range int64(2000) {
		random := rand.New(rand.NewSource(seed))
		var steps []step
		var typed, shown strings.Builder
		const secret = "Tr0ub4dor&3"
		for n := range 1 + random.Intn(8) {
			out := fmt.Sprintf("prompt %d> ", n)
			line := []string{"", "ls", "echo hello world", "w\u00f6rter", "x"}[random.Intn(5)]
			echo := line
			if random.Intn(3) == 0 {
				line, echo = secret, ""
			}
			steps = append(steps, step{'o', out})
			steps = append(steps, typePieces(random, line+"\r")...)
			steps = append(steps, step{'o', echo + "\r\n"})
			typed.WriteString(line + "\r")
			shown.WriteString(out + echo + "\r\n")
		}
		r := take(0, steps...)
		if bytes.Contains(r.Marshal(), []byte(secret)) || strings.Contains(r.Script(), secret) {
			t.Fatalf("seed %d: the secret is stored: %s", seed, r.Marshal())
		}
		if got, _, err := play(r, typed.String()); got != shown.String() || err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, cmp.Diff(shown.String(), got))
		}
	}
}

// typePieces types a line in random pieces.
func typePieces(random *rand.Rand, line string) (steps []step) {
	for line != "" {
		n := 1 + random.Intn(len(line))
		steps = append(steps, step{'i', line[:n]})
		line = line[n:]
	}
	return steps
}

func TestARecordingIsBounded(t *testing.T) {
	r := New(Program{}, 80, 24, time.Now)
	r.limit = 1 << 16
	for range 70 {
		r.Output(bytes.Repeat([]byte("x"), 1<<10))
	}
	r.Input([]byte("q\r"), false)
	recording := r.Close(0)
	if n := len(recording.Marshal()); n < 1<<15 || n > 1<<17 || !recording.Cut {
		t.Errorf("%d bytes, cut: %t", n, recording.Cut)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(take(0, step{'o', "a"}, step{'i', "b\r"}, step{'h', "secret\r"}).Marshal())
	f.Add([]byte(`{"version":2,"width":-5,"height":99999}` + "\n" + `[1e300,"r","-1x5"]` + "\n" + `[0,"i","\u001b["]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		_ = r.Script()
		_, _, _ = play(r, "a\rb\r")
	})
}
