package sshserver

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// hangupGrace is the time between the loss of a terminal and SIGKILL.
const hangupGrace = time.Second

// process is a command that runs as a real process group.
type process struct {
	cmd   *exec.Cmd
	files []*os.File // our ends of its pipes or of its terminal
	pty   *os.File   // nil without a terminal

	mu     sync.Mutex
	exited bool // it was reaped; its number may be given out again once its group is empty
	ended  bool // nobody can write to its output any more
}

// startProcess runs a command line, or a login shell when it is empty.
func (ses *session) startProcess(command string) (bool, func()) {
	p := &process{cmd: ses.command(command)}
	ses.program = p
	if err := p.start(ses.pty); err != nil {
		return true, func() { ses.cannotStart(err) }
	}
	return true, func() {
		ses.server.wg.Go(func() { p.copyInput(ses.channel) })
		output := p.copyOutput(ses.channel)
		err := p.wait(&ses.server.orphans)
		output.Wait()
		p.outputEnded()
		_ = ses.channel.CloseWrite()
		ses.finish(exitReport(p.cmd.ProcessState, err))
	}
}

func (p *process) start(req *ptyRequest) error {
	if req != nil {
		return p.startPTY(req)
	}
	return p.startPipes()
}

// copyInput feeds standard input until the client ends it.
func (p *process) copyInput(ch ssh.Channel) {
	_, _ = io.Copy(p.files[0], ch)
	if p.pty == nil {
		_ = p.files[0].Close()
	}
}

// copyOutput passes on what the process writes, until nobody can write any
// more: what it left in the background may still hold the output, and then the
// channel stays open as with sshd(8).
func (p *process) copyOutput(ch ssh.Channel) *sync.WaitGroup {
	var output sync.WaitGroup
	if p.pty != nil { // ends with EIO when the terminal has lost its last user
		output.Go(func() { _, _ = io.Copy(ch, p.pty) })
		return &output
	}
	output.Go(func() { _, _ = io.Copy(ch, p.files[1]) })
	output.Go(func() { _, _ = io.Copy(ch.Stderr(), p.files[2]) })
	return &output
}

// cannotStart tells the client what a shell would have told it.
func (ses *session) cannotStart(err error) {
	_, _ = io.WriteString(ses.channel.Stderr(), "gofab sandbox: "+err.Error()+"\n")
	ses.finish("exit-status", exitStatus{127})
}

func (ses *session) command(command string) *exec.Cmd {
	shell := ses.server.cfg.Shell
	cmd := exec.Command(shell, "-c", command)
	if command == "" {
		cmd = exec.Command(shell)
		cmd.Args[0] = "-" + filepath.Base(shell) // a login shell, login(1)
	}
	cmd.Dir = ses.server.cfg.Root
	cmd.Env = ses.environment()
	return cmd
}

// startPipes starts the process in a group of its own with three pipes. Plain
// files rather than writers: exec.Cmd.Wait then waits for the process alone,
// and closing our ends always stops the copying.
func (p *process) startPipes() error {
	var theirs [3]*os.File
	defer func() { closeAll(theirs[:]) }()
	for i := range theirs {
		r, w, err := os.Pipe()
		if err != nil {
			closeAll(p.files)
			return err
		}
		if i == 0 {
			r, w = w, r
		}
		p.files, theirs[i] = append(p.files, r), w
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = theirs[0], theirs[1], theirs[2]
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		closeAll(p.files)
		return err
	}
	return nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close()
		}
	}
}

// wait reaps the process and hands what it left behind to o.
func (p *process) wait(o *orphans) error {
	err := p.cmd.Wait()
	p.mu.Lock()
	p.exited = true
	p.mu.Unlock()
	o.leave(p.family())
	return err
}

func (p *process) outputEnded() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
}

func (p *process) family() family {
	return family{leader: p.cmd.Process.Pid, session: p.pty != nil}
}

func (p *process) signal(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if sig, ok := signalNumbers[name]; ok && p.started() && !p.exited {
		_ = syscall.Kill(-p.cmd.Process.Pid, sig)
	}
}

func (p *process) started() bool { return p.cmd.Process != nil }

// end is the loss of the channel: it closes our ends and kills what has not
// ended. Without its terminal a process gets SIGHUP from the system, and a
// shell then has a moment to end in order and to pass it on to its jobs.
func (p *process) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	running := p.started() && !(p.exited && p.ended)
	switch {
	case running && p.pty != nil:
		time.AfterFunc(hangupGrace, p.kill)
	case running:
		p.killLocked()
	}
	closeAll(p.files)
}

func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killLocked()
}

func (p *process) killLocked() {
	if !p.exited || p.family().orphaned() {
		p.family().kill(syscall.SIGKILL)
	}
}

// exitReport is the request that tells how a process ended.
func exitReport(state *os.ProcessState, err error) (string, any) {
	var exit *exec.ExitError
	if state == nil || err != nil && !errors.As(err, &exit) {
		return "exit-status", exitStatus{255}
	}
	status := state.Sys().(syscall.WaitStatus)
	if !status.Signaled() {
		return "exit-status", exitStatus{uint32(status.ExitStatus())}
	}
	return "exit-signal", exitSignal{Signal: signalName(status.Signal()), CoreDumped: status.CoreDump()}
}
