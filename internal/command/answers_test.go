package command

import (
	"strings"
	"testing"

	"gofab/internal/secret"
)

func TestAnswers(t *testing.T) {
	ask := `printf 'Continue? [Y/n] '; read a; printf 'Name: ' >&2; read b; echo "got $a $b"`
	answers := []Answer{
		{Pattern: `\[Y/n\] $`, Reply: Reply{Text: secret.New("y\n")}, Max: 1},
		{Pattern: `(?i)name:`, Reply: Reply{Text: secret.New("joe\n")}, Max: 1},
	}
	for _, pty := range []bool{false, true} {
		r := mustRun(t, ask, func(o *Options) { o.Watch, o.PTY = answers, pty })
		if !strings.Contains(r.Stdout, "got y joe") {
			t.Errorf("pty %v: %+v", pty, r)
		}
	}
}

func TestTooManyQuestionsEndTheCommand(t *testing.T) {
	_, err := runLocal(t, `while :; do printf 'PIN: '; read x; done`, func(o *Options) {
		o.Watch = []Answer{{Pattern: "PIN: ", Reply: Reply{Text: secret.New("1\n")}, Max: 3}}
		o.Retries = 5
	})
	if want := `web1: the question "PIN: " came 4 times, more than its max`; err == nil || err.Error() != want {
		t.Fatalf("got  %v\nwant %s", err, want)
	}
}

// A pattern sees across writes, but not what another match has taken.
func TestResponderAcrossWrites(t *testing.T) {
	t.Parallel()
	var sent strings.Builder
	list, err := questions([]Answer{{Pattern: "user(name)?:", Reply: Reply{Text: secret.New("u")}, Max: 9}, {Pattern: `pass\w*:\s`, Reply: Reply{Text: secret.New("p")}, Max: 9}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	random := seeded(t)
	for range 300 {
		sent.Reset()
		r := responder{questions: list, counts: make([]int, 2), reply: func(r Reply, _ []string) { sent.WriteString(r.Text.Reveal()) }}
		for _, p := range pieces(random, strings.Repeat("x", random.IntN(window+10))+" user: password: pass user: pass: ") {
			if err := r.write(p); err != nil {
				t.Fatal(err)
			}
		}
		if sent.String() != "upup" {
			t.Fatalf("sent %q", sent.String())
		}
	}
}

func TestTerminal(t *testing.T) {
	pty := func(o *Options) { o.PTY = true }
	r := mustRun(t, "test -t 0 && test -t 1 && test -t 2 && stty size && echo $TERM; echo err >&2", pty)
	if want := "50 240\r\ndumb\r\nerr\r\n"; r.Stdout != want || r.Stderr != "" {
		t.Errorf("got %q and %q, want %q", r.Stdout, r.Stderr, want)
	}
	for _, text := range []string{"a\nb\n", "a\nb"} {
		r := mustRun(t, "stty -echo; cat; echo .", func(o *Options) { pty(o); o.Stdin = Text(text) })
		if got := strings.ReplaceAll(r.Stdout, "\r", ""); !strings.HasSuffix(got, "a\nb.\n") && !strings.HasSuffix(got, "a\nb\n.\n") {
			t.Errorf("%q gave %q", text, r.Stdout)
		}
	}
}
