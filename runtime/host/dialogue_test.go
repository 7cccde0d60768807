package host

import (
	"testing"

	engine "gofab/internal/expect"
	"gofab/internal/fault"
)

// talkTo begins a dialogue on a host of its own.
func talkTo(t *testing.T, h *Handle, c engine.Command) *engine.Process {
	t.Helper()
	s, err := h.Dialogue(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	p := engine.New(s, engine.Options{Host: h.Name, Timeout: long})
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func shows(t *testing.T, p *engine.Process, pattern string) *engine.Match {
	t.Helper()
	m, err := p.Expect(t.Context(), []engine.Pattern{engine.Must(pattern)}, engine.Wait{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func says(t *testing.T, p *engine.Process, text string) {
	t.Helper()
	if err := p.Send(t.Context(), text, 0); err != nil {
		t.Fatal(err)
	}
}

func onTerminal(line string) engine.Command {
	return engine.Command{Line: line, Term: "vt100", Rows: 31, Cols: 101, Echo: true}
}

// TestDialogueOverSSH: terminal, size, code, signal, on a real sshd.
func TestDialogueOverSSH(t *testing.T) {
	m := startMachineRoom(t)
	p := talkTo(t, m.handle, onTerminal("stty size; echo $TERM; read x; stty size; exit 5"))
	shows(t, p, `31 101\r\nvt100\r\n`)
	if err := p.Stream().(engine.Resizer).Resize(40, 120); err != nil {
		t.Fatal(err)
	}
	says(t, p, "\n")
	shows(t, p, `40 120\r\n`)
	if exit, err := p.Wait(t.Context()); err != nil || exit != (engine.Exit{Code: 5}) {
		t.Errorf("%+v %v", exit, err)
	}
	p = talkTo(t, m.handle, onTerminal("echo ready; exec sleep 1000"))
	shows(t, p, "ready")
	if err := p.Interrupt(t.Context()); err != nil {
		t.Fatal(err)
	}
	if exit, err := p.Wait(t.Context()); err != nil || exit != (engine.Exit{Code: -1, Signal: "INT"}) {
		t.Errorf("%+v %v", exit, err)
	}
}

// TestScopeOfADialogue: cwd and env of h:with hold, and echo off reaches the
// other side before the program starts.
func TestScopeOfADialogue(t *testing.T) {
	m := startMachineRoom(t)
	h := &Handle{Host: m.handle.Host, services: m.handle.services, scope: Scope{Cwd: "/", Env: map[string]string{"STAGE": "it's"}}}
	c := onTerminal(`pwd; echo "$STAGE"; read x; echo "<$x>"`)
	c.Echo = false
	p := talkTo(t, h, c)
	shows(t, p, `^/\r\nit's\r\n`)
	says(t, p, "typed\n")
	if m := shows(t, p, `<typed>`); m.Before != "" {
		t.Errorf("echo: %q", m.Before)
	}
}

// TestLostLinkIsNoEnd: what was under way is lost, not over.
func TestLostLinkIsNoEnd(t *testing.T) {
	m := startMachineRoom(t)
	p := talkTo(t, m.handle, onTerminal("echo ready; read x"))
	shows(t, p, "ready\r\n")
	m.sshd.Stop()
	_, err := p.Expect(t.Context(), []engine.Pattern{engine.Must("x")}, engine.Wait{})
	if fault.KindOf(err) != fault.Lost || fault.From(err).Host != m.handle.Name {
		t.Errorf("%v (%s)", err, fault.KindOf(err))
	}
	if _, err := p.Wait(t.Context()); fault.KindOf(err) != fault.Lost {
		t.Error(err)
	}
}

// TestDialogueLeavesNothing: closing ends the command on the host.
func TestDialogueLeavesNothing(t *testing.T) {
	m := startMachineRoom(t)
	p := talkTo(t, m.handle, onTerminal("trap exit HUP TERM; trap 'echo gone >"+m.sshd.Dir+"/gone' EXIT; echo ready; read x"))
	shows(t, p, "ready")
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if p.Alive() {
		t.Error("it is alive")
	}
	again := talkTo(t, m.handle, onTerminal("while ! test -s "+m.sshd.Dir+"/gone; do sleep 0.02; done; echo seen"))
	shows(t, again, "seen")
}

// TestShellOverSSH: state stays, codes are told, an unfinished command does no
// harm; and the same login shell as a device that is known by its prompt only.
func TestShellOverSSH(t *testing.T) {
	m := startMachineRoom(t)
	spec := engine.PlainShell()
	c := spec.Command
	c.Term, c.Rows, c.Cols = "dumb", 50, 240
	s, err := engine.NewSession(t.Context(), talkTo(t, m.handle, c), spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		input, output string
		code          int
	}{{"cd /tmp && x=1", "", 0}, {"echo $x $PWD", "1 /tmp\n", 0}, {"sh -c 'exit 9'", "", 9}} {
		if r, err := s.Run(t.Context(), step.input, 0); err != nil || r.Output != step.output || *r.Code != step.code {
			t.Errorf("%s: %+v %v", step.input, r, err)
		}
	}
	repl, err := engine.Device(`switch[>#] ?$`, nil)
	if err != nil {
		t.Fatal(err)
	}
	line := `printf 'Welcome\r\n'; while printf 'switch> ' && read -r x; do case $x in show*) echo one; printf -- ' --More-- '; ` +
		`stty -icanon -echo; head -c 1 >/dev/null; stty icanon echo; printf '\b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b'; echo two;; esac; done`
	d, err := engine.NewSession(t.Context(), talkTo(t, m.handle, onTerminal(line)), repl)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := d.Run(t.Context(), "show version", 0); err != nil || r.Output != "one\ntwo\n" {
		t.Errorf("%q %v", r.Output, err)
	}
}
