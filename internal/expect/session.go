package expect

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"gofab/internal/fault"
)

// REPL is an interpreter: how it is started and how its prompt looks.
type REPL struct {
	Command Command
	Prompt  Pattern  // its first group, if any, is an exit code
	More    *Pattern // prompt for the rest of an unfinished input
	Init    []string // input that makes the prompts what Prompt and More say
	First   *Pattern // the prompt before that
	Pagers  []Rule   // what is answered while output comes
	Echo    bool     // the other side shows what is sent
	Knock   bool     // press Enter when no prompt comes by itself
}

// Session is an interpreter at its prompt.
type Session struct {
	*Process
	repl REPL
}

// Reply is what one input left.
type Reply struct {
	Output string
	Code   *int // of shells
}

// nonce is part of a prompt that no program prints by chance.
func nonce() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	return "gofab-" + hex.EncodeToString(b[:])
}

// shellREPL has the exit code in its prompts. The variables themselves, as env
// shows them, are not what the patterns want.
func shellREPL(args ...string) REPL {
	name := nonce()
	more := Must(name + `=\d+\+ `)
	return REPL{
		Command: Command{Args: args, Env: map[string]string{
			"PS1": name + "=$?> ", "PS2": name + "=$?+ ", "PROMPT_COMMAND": "", "ENV": "", "PAGER": "cat", "GIT_PAGER": "cat", "SYSTEMD_PAGER": "cat",
		}},
		Prompt: Must(name + `=(\d+)> `), More: &more,
	}
}

// KnownREPL gives the interpreters that need no description.
func KnownREPL(name string) (REPL, bool) {
	switch name {
	case "bash":
		return shellREPL("bash", "--noprofile", "--norc", "--noediting", "-i"), true
	case "sh":
		return shellREPL("/bin/sh", "-i"), true
	case "zsh":
		r := shellREPL("zsh", "-f", "-i", "+Z", "-o", "PROMPT_SUBST", "-o", "NO_PROMPT_SP", "-o", "NO_PROMPT_CR")
		return r, true
	case "python3", "python":
		return pythonREPL(name), true
	}
	return REPL{}, false
}

func pythonREPL(name string) REPL {
	mark := nonce()
	more, first := Must(mark+`\+ `), Must(`>>> $`)
	half := len(mark) / 2
	ps := "'" + mark[:half] + "'+'" + mark[half:] // the prompt as it is typed is none
	return REPL{
		Command: Command{Args: []string{name, "-q", "-i"}, Env: map[string]string{"PYTHON_BASIC_REPL": "1", "PYTHONSTARTUP": "", "NO_COLOR": "1"}},
		Prompt:  Must(mark + `> `), More: &more, First: &first,
		Init: []string{"import sys; sys.ps1=" + ps + "> '; sys.ps2=" + ps + "+ '"},
	}
}

// NewSession waits for the first prompt.
func NewSession(ctx context.Context, p *Process, r REPL) (*Session, error) {
	s := &Session{Process: p, repl: r}
	p.Always(r.Pagers...)
	first := r.Prompt
	if r.First != nil {
		first = *r.First
	}
	if err := s.greet(ctx, first); err != nil {
		return nil, err
	}
	for _, text := range r.Init {
		if err := p.Send(ctx, text+"\n", 0); err != nil {
			return nil, err
		}
		if _, err := p.Expect(ctx, []Pattern{r.Prompt}, Wait{}); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// knockAfter is the patience with a device before Enter is pressed.
const knockAfter = 3 * time.Second

func (s *Session) greet(ctx context.Context, prompt Pattern) error {
	if s.repl.Knock {
		m, err := s.Expect(ctx, []Pattern{prompt, Timeout}, Wait{Timeout: knockAfter})
		if err != nil || m.Index == 0 {
			return err
		}
		if err := s.Send(ctx, "\n", 0); err != nil {
			return err
		}
	}
	_, err := s.Expect(ctx, []Pattern{prompt}, Wait{})
	return err
}

// enters makes line ends of all kinds one: each of them is Enter to a terminal.
var enters = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// Run sends input line by line and waits for the prompt after each. An input
// that is not finished, and one that takes too long, is interrupted: the
// session can be used again.
func (s *Session) Run(ctx context.Context, input string, timeout time.Duration) (Reply, error) {
	var output strings.Builder
	text, ends := strings.CutSuffix(enters.Replace(input), "\n")
	lines := strings.Split(text, "\n")
	patterns := []Pattern{s.repl.Prompt}
	if s.repl.More != nil {
		patterns = append(patterns, *s.repl.More)
	}
	var m *Match
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if err := s.Send(ctx, line+"\n", timeout); err != nil {
			return Reply{}, err
		}
		var err error
		if m, err = s.Expect(ctx, patterns, Wait{Timeout: timeout}); err != nil {
			return Reply{}, s.recover(ctx, err)
		}
		output.WriteString(s.answer(line, m.Before))
		if m.Index == 1 && ends && i == len(lines)-1 {
			lines, ends = append(lines, ""), false // what ends a block in Python
		}
	}
	if m.Index == 1 {
		err := fault.New(fault.Usage, "the input is not finished: %s", shown(input))
		return Reply{}, s.recover(ctx, s.fault(err))
	}
	return Reply{Output: output.String(), Code: code(m)}, nil
}

func code(m *Match) *int {
	if len(m.Groups) < 2 {
		return nil
	}
	n, err := strconv.Atoi(m.Groups[1])
	if err != nil {
		return nil
	}
	return &n
}

// recover interrupts what runs, so that the prompt is there again.
func (s *Session) recover(ctx context.Context, cause error) error {
	if kind := fault.KindOf(cause); kind != fault.Timeout && kind != fault.Usage || ctx.Err() != nil {
		return cause
	}
	for range 2 { // Python does not notice one that comes while its prompt appears
		if s.Interrupt(ctx) != nil || s.prompted(ctx, time.Second/2) {
			return cause
		}
	}
	if s.Send(ctx, "\n", 0) == nil { // zsh sees the interrupt with the next line only
		s.prompted(ctx, knockAfter)
	}
	return cause
}

// prompted takes the prompt, and further ones: some shells show two.
func (s *Session) prompted(ctx context.Context, patience time.Duration) bool {
	for found := false; ; found, patience = true, 4*Settle {
		m, err := s.Expect(ctx, []Pattern{s.repl.Prompt, Timeout}, Wait{Timeout: patience})
		if err != nil || m.Index == 1 {
			return found
		}
	}
}

// answer is output without the echo of the input and without what is for a
// terminal only.
func (s *Session) answer(line, text string) string {
	text = Plain(text)
	if s.repl.Echo {
		if rest, ok := strings.CutPrefix(strings.TrimLeft(text, "\n"), line); ok {
			text = strings.TrimPrefix(strings.TrimLeft(rest, " "), "\n")
		}
	}
	return text
}

// PlainShell is sh on a host: the terminal's echo is switched off on the way.
func PlainShell() REPL {
	r := shellREPL()
	r.Command.Line = "stty -echo 2>/dev/null; exec /bin/sh -i"
	r.Command.Args = nil
	return r
}
