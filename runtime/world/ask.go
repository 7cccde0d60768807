package world

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"gofab/internal/fault"
)

// Ask puts a question to the person at the terminal, one at a time. Without
// echo nothing that is typed is shown. It uses the terminal itself, so that
// piped input and output stay what they are, and fails where there is none.
func (w *World) Ask(ctx context.Context, text string, echo bool) (string, error) {
	w.asking.Lock()
	defer w.asking.Unlock()
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return "", fault.New(fault.Denied, "cannot ask %q: there is no terminal", strings.TrimSpace(text)).
			WithHint("run gofab in a terminal, or give the value by an option")
	}
	restore, err := silence(tty, echo)
	if err != nil {
		tty.Close()
		return "", err
	}
	answer := make(chan reply, 1)
	go func() {
		defer tty.Close()
		fmt.Fprint(tty, text)
		line, err := bufio.NewReader(tty).ReadString('\n')
		restore()
		if !echo {
			fmt.Fprintln(tty)
		}
		answer <- reply{strings.TrimRight(line, "\r\n"), err}
	}()
	select {
	case r := <-answer:
		if r.err != nil && r.err != io.EOF {
			return "", fault.Wrap(fault.Failed, r.err, "cannot read the answer")
		}
		return r.text, nil
	case <-ctx.Done():
		restore()
		tty.Close()
		return "", context.Cause(ctx)
	}
}

type reply struct {
	text string
	err  error
}

// silence switches the echo off; restore brings the terminal back.
func silence(tty *os.File, echo bool) (restore func(), err error) {
	state, err := term.GetState(int(tty.Fd()))
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "cannot read the terminal's settings")
	}
	if !echo {
		if err := echoOff(tty); err != nil {
			return nil, fault.Wrap(fault.Failed, err, "cannot switch the terminal's echo off")
		}
	}
	return func() { _ = term.Restore(int(tty.Fd()), state) }, nil
}
