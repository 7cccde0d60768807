package expect_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/ptyproc"
	"gofab/internal/testenv"
)

// spawn starts a program on a terminal; options may change how.
func spawn(t testing.TB, o ptyproc.Options, args ...string) *expect.Process {
	t.Helper()
	o.Args = args
	s, err := ptyproc.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	return hold(t, s, args[0])
}

func hold(t testing.TB, s expect.Stream, name string) *expect.Process {
	t.Helper()
	p := expect.New(s, expect.Options{Name: name, Timeout: 20 * time.Second})
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func sh(t testing.TB, line string) *expect.Process {
	t.Helper()
	return spawn(t, ptyproc.Options{}, "/bin/sh", "-c", line)
}

// wait expects patterns and fails the test when there is an error.
func wait(t testing.TB, p *expect.Process, patterns ...expect.Pattern) *expect.Match {
	t.Helper()
	m, err := p.Expect(t.Context(), patterns, expect.Wait{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func re(text string) expect.Pattern { return expect.Must(text) }

func send(t testing.TB, p *expect.Process, text string) {
	t.Helper()
	if err := p.Send(t.Context(), text, 0); err != nil {
		t.Fatal(err)
	}
}

func TestDialogueWithAProgram(t *testing.T) {
	testenv.Goroutines(t)
	p := sh(t, `printf 'login: '; read x; echo "hello $x 123"; exit 3`)
	if m := wait(t, p, re("ogin: ")); m.Before != "l" {
		t.Errorf("%+v", m)
	}
	send(t, p, "bob\n")
	m := wait(t, p, re(`hello (\w+) (?P<n>\d+)`), expect.EOF)
	if m.Index != 0 || m.Groups[1] != "bob" || m.Groups[2] != "123" || m.Names[2] != "n" {
		t.Errorf("%+v", m)
	}
	if m := wait(t, p, expect.Timeout, expect.EOF); m.Index != 1 || m.Before != "\r\n" {
		t.Errorf("%+v", m)
	}
	for range 2 {
		if exit, err := p.Wait(t.Context()); err != nil || exit != (expect.Exit{Code: 3}) {
			t.Error(exit, err)
		}
	}
	_, err := p.Expect(t.Context(), []expect.Pattern{re("x")}, expect.Wait{})
	if fault.KindOf(err) != fault.Failed || !strings.Contains(err.Error(), `ended before it has shown "x"`) {
		t.Error(err)
	}
}

// TestTimeoutLosesNothing: what one wait did not want is there for the next.
func TestTimeoutLosesNothing(t *testing.T) {
	p := sh(t, "printf 'one two'; read x")
	wait(t, p, re("one")) // the rest has come, or comes with the next wait
	_, err := p.Expect(t.Context(), []expect.Pattern{re("TWO")}, expect.Wait{Timeout: 100 * time.Millisecond})
	e := fault.From(err)
	if e.Kind != fault.Timeout || !strings.Contains(e.Message, `" two"`) || !strings.Contains(e.Hint, "(?i)") {
		t.Errorf("%v, hint %q", e, e.Hint)
	}
	m, err := p.Expect(t.Context(), []expect.Pattern{re("three"), expect.Timeout}, expect.Wait{Timeout: expect.Now})
	if err != nil || m.Index != 1 || m.Before != " two" {
		t.Errorf("%+v %v", m, err)
	}
	if m := wait(t, p, re("t.o")); m.Text != "two" {
		t.Errorf("%+v", m)
	}
}

func TestPeekLeavesTheMatch(t *testing.T) {
	p := sh(t, "printf 'abc'; read x")
	for range 2 {
		m, err := p.Expect(t.Context(), []expect.Pattern{re("bc")}, expect.Wait{Peek: true})
		if err != nil || m.Before != "a" {
			t.Errorf("%+v %v", m, err)
		}
	}
	if m := wait(t, p, re("b")); m.Before != "a" {
		t.Errorf("%+v", m)
	}
}

// TestSendToADeafProgram: it does not read, so the write ends with its timeout
// and with its context.
func TestSendToADeafProgram(t *testing.T) {
	testenv.Goroutines(t)
	p := sh(t, "stty raw -echo; printf ready; sleep 1000")
	wait(t, p, re("ready"))
	err := p.Send(t.Context(), strings.Repeat("x", 1<<20), 50*time.Millisecond)
	if fault.KindOf(err) != fault.Timeout || !strings.Contains(err.Error(), "does not read") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if err := p.Send(ctx, strings.Repeat("x", 1<<20), time.Hour); !errors.Is(err, context.Canceled) && fault.KindOf(err) != fault.Cancelled {
		t.Error(err)
	}
}

// TestLongLines: a terminal that collects lines takes 4,095 bytes of one; more
// is refused, and what is taken arrives.
func TestLongLines(t *testing.T) {
	p := spawn(t, ptyproc.Options{}, "/bin/sh", "-c", "read x; echo ${#x}; stty raw; printf raw; head -c 5000 | wc -c")
	err := p.Send(t.Context(), strings.Repeat("x", 4096)+"\n", 0)
	if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "4095") {
		t.Error(err)
	}
	send(t, p, strings.Repeat("x", 2000))
	if err := p.Send(t.Context(), strings.Repeat("x", 2500), 0); fault.KindOf(err) != fault.Usage {
		t.Error("in two pieces:", err)
	}
	send(t, p, strings.Repeat("x", 2094)+"\n")
	wait(t, p, re(`\b4094\r\n`))
	wait(t, p, re("raw"))
	send(t, p, strings.Repeat("y", 5000))
	wait(t, p, re(`\b5000\b`))
}

// TestUnreadOutputStaysInTheStream: what nobody waits for is not dropped, and
// the program waits with it.
func TestUnreadOutputStaysInTheStream(t *testing.T) {
	p := sh(t, "stty -opost; seq 1 600000; echo end")
	wait(t, p, re("^1\n2\n"))
	m := wait(t, p, re("599999\n600000\nend"))
	if m.Dropped > 0 || !strings.HasPrefix(m.Before, "3\n4\n") {
		t.Errorf("dropped %d, begins with %.20q", m.Dropped, m.Before)
	}
}

// TestLongWaitIsBounded: of more output than fits the newest is kept.
func TestLongWaitIsBounded(t *testing.T) {
	s, err := ptyproc.Start(ptyproc.Options{Args: []string{"/bin/sh", "-c", "seq 1 100000; echo end"}, Pipes: true})
	if err != nil {
		t.Fatal(err)
	}
	p := expect.New(s, expect.Options{Buffer: 10000})
	t.Cleanup(func() { _ = p.Close() })
	m := wait(t, p, re("end"))
	if len(m.Before) > 2*10000+64<<10 || m.Dropped+int64(len(m.Before)) != 588895 || !strings.HasSuffix(m.Before, "99999\n100000\n") {
		t.Errorf("%d bytes kept, %d dropped", len(m.Before), m.Dropped)
	}
}

// TestWaitWithUnreadOutput: more than any buffer holds does not hold up the
// end of the program.
func TestWaitWithUnreadOutput(t *testing.T) {
	p := sh(t, "seq 1 1000000; exit 4")
	if exit, err := p.Wait(t.Context()); err != nil || exit.Code != 4 {
		t.Error(exit, err)
	}
	if text, err := p.ReadAll(t.Context(), 0); err != nil || !strings.HasSuffix(text, "1000000\r\n") {
		t.Errorf("%.30q %v", text, err)
	}
}

func TestContextEndsAWait(t *testing.T) {
	testenv.Goroutines(t)
	p := sh(t, "sleep 1000")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := p.Expect(ctx, []expect.Pattern{re("x")}, expect.Wait{}); fault.KindOf(err) != fault.Cancelled {
		t.Error(err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := p.Wait(ctx); fault.KindOf(err) != fault.Cancelled {
		t.Error(err)
	}
}

func TestDialog(t *testing.T) {
	p := sh(t, `stty -echo; for q in Name Colour Name; do printf "$q? "; read x; echo "<$x>"; done; echo bye`)
	answer := func(text string) func(context.Context, *expect.Match) (expect.Answer, error) {
		return func(context.Context, *expect.Match) (expect.Answer, error) { return expect.Answer{Send: text}, nil }
	}
	turns, err := p.Dialog(t.Context(), []expect.Rule{
		{Pattern: re(`Name\? `), Reply: answer("ada\n"), Max: 2},
		{Pattern: re(`Colour\? `), Reply: answer("red\n")},
	}, expect.Wait{})
	if err != nil || len(turns) != 4 || turns[1].Index != 1 || turns[1].Match.Before != "<ada>\r\n" {
		t.Errorf("%+v %v", turns, err)
	}
}

// TestDialogDoesNotAskForEver: the same question again means that the answer
// is wrong.
func TestDialogDoesNotAskForEver(t *testing.T) {
	p := sh(t, `while :; do printf "Password: "; read x; done`)
	_, err := p.Dialog(t.Context(), []expect.Rule{{
		Pattern: re("Password: "), Max: 3,
		Reply: func(context.Context, *expect.Match) (expect.Answer, error) { return expect.Answer{Send: "x\n"}, nil },
	}}, expect.Wait{})
	if err == nil || !strings.Contains(err.Error(), "shown 4 times") {
		t.Error(err)
	}
}

// TestAlways: standing rules answer while a wait goes on, after its own
// patterns.
func TestAlways(t *testing.T) {
	p := sh(t, `stty -echo; for i in 1 2 3; do echo page $i; printf -- --More--; read x; done; printf 'end'; read x`)
	p.Always(expect.Page(expect.Literal("--More--"), "\n"))
	wait(t, p, re("end"))
}

func TestAny(t *testing.T) {
	testenv.Goroutines(t)
	a, b := sh(t, "sleep 1000"), sh(t, "read x; echo ready; sleep 1000")
	done := make(chan struct{})
	go func() {
		defer close(done)
		who, m, err := expect.Any(t.Context(), []*expect.Process{a, b}, []expect.Pattern{expect.EOF, re("ready")}, expect.Wait{})
		if err != nil || who != 1 || m.Index != 1 {
			t.Errorf("%d %+v %v", who, m, err)
		}
	}()
	send(t, b, "\n")
	<-done
	_, _, err := expect.Any(t.Context(), []*expect.Process{a, b}, []expect.Pattern{re("x")}, expect.Wait{Timeout: 10 * time.Millisecond})
	if fault.KindOf(err) != fault.Timeout {
		t.Error(err)
	}
}

// TestManyAtOnce: 200 dialogues in parallel, with nothing left over.
func TestManyAtOnce(t *testing.T) {
	testenv.Goroutines(t)
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			s, err := ptyproc.Start(ptyproc.Options{Args: []string{"/bin/sh", "-c", `read x; echo "got $x"`}})
			if err != nil {
				t.Error(err)
				return
			}
			p := expect.New(s, expect.Options{Timeout: time.Minute})
			defer p.Close()
			if err := p.Send(t.Context(), "hello\n", 0); err != nil {
				t.Error(err)
			}
			if _, err := p.Expect(t.Context(), []expect.Pattern{re("got hello")}, expect.Wait{}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// TestSocket: a connection is a stream like any other.
func TestSocket(t *testing.T) {
	testenv.Goroutines(t)
	ours, theirs := net.Pipe()
	go func() {
		_, _ = theirs.Write([]byte("220 mail\r\n"))
		line := make([]byte, 6)
		_, _ = theirs.Read(line)
		_, _ = theirs.Write(append([]byte("250 "), line...))
		_ = theirs.Close()
	}()
	p := hold(t, ours, "mail")
	wait(t, p, re(`220 .*\n`))
	send(t, p, "EHLO x")
	if m := wait(t, p, re("250 EHLO x"), expect.EOF); m.Index != 0 {
		t.Errorf("%+v", m)
	}
	wait(t, p, expect.EOF)
	if _, err := p.Wait(t.Context()); fault.KindOf(err) != fault.Unsupported {
		t.Error(err)
	}
}

func TestTraceTellsWhy(t *testing.T) {
	s, err := ptyproc.Start(ptyproc.Options{Args: []string{"/bin/sh", "-c", "printf 'Password: hunter2'; read x"}})
	if err != nil {
		t.Fatal(err)
	}
	var text string
	p := expect.New(s, expect.Options{
		Name: "demo", Trace: func(line string) { text += line + "\n" },
		Redact: func(s string) string { return strings.ReplaceAll(s, "hunter2", "***") },
	})
	t.Cleanup(func() { _ = p.Close() })
	wait(t, p, re("password:"), re("(?:hunter)2"))
	for _, want := range []string{`"Password: ***"`, `1 "password:": no; "password:" would match in another case`, `2 "(?:hunter)2": yes`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in:\n%s", want, text)
		}
	}
	if strings.Contains(strings.ReplaceAll(text, "(?:hunter)2", ""), "hunter") {
		t.Errorf("a secret is shown:\n%s", text)
	}
}

// TestEndOfInput: the character on a terminal, the end of the pipe without one.
func TestEndOfInput(t *testing.T) {
	for _, pipes := range []bool{false, true} {
		p := spawn(t, ptyproc.Options{Pipes: pipes}, "sh", "-c", "wc -c; exit 6")
		send(t, p, "four\n")
		if err := p.SendEOF(t.Context()); err != nil {
			t.Fatal(err)
		}
		wait(t, p, re(`\b5\r?\n`))
		if exit, err := p.Wait(t.Context()); err != nil || exit.Code != 6 {
			t.Error(exit, err)
		}
	}
}

func TestReading(t *testing.T) {
	p := sh(t, "printf 'one\\ntwo\\nthree'")
	if text, err := p.Read(t.Context(), 2, 0); text != "on" || err != nil {
		t.Errorf("%q %v", text, err)
	}
	for _, want := range []string{"e", "two", "three"} {
		if line, ok, err := p.ReadLine(t.Context(), 0); line != want || !ok || err != nil {
			t.Errorf("%q %v %v", line, ok, err)
		}
	}
	if line, ok, err := p.ReadLine(t.Context(), 0); line != "" || ok || err != nil {
		t.Errorf("%q %v %v", line, ok, err)
	}
}
