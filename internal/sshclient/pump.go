package sshclient

import (
	"io"
	"sync"

	"gofab/internal/command"
)

// pump moves input and output. The output is drained even if nobody wants it.
func (p *Process) pump(req command.Exec) {
	var streams sync.WaitGroup
	streams.Go(func() { p.stdout.run(p.ch) })
	streams.Go(func() { p.stderr.run(p.ch.Stderr()) })
	go func() {
		streams.Wait()
		close(p.drained)
	}()
	switch {
	case req.Stdin != nil:
		p.feed(req.Stdin, req.PTY != nil)
	case req.PTY == nil:
		_ = p.ch.CloseWrite() // an error is a channel that is gone already
	}
}

// feed moves the input through a pipe, since a pipe can be closed while stdin
// blocks. What a command does not read of its input is no error.
//
// The channel of a terminal stays open: an OpenSSH server that was told of the
// end of input does not pass on window sizes any more.
func (p *Process) feed(stdin io.Reader, terminal bool) {
	rest, input := io.Pipe()
	p.input = input
	go func() {
		_, _ = io.Copy(input, stdin)
		_ = input.Close()
	}()
	go func() {
		_, _ = io.Copy(p.ch, rest)
		_ = rest.Close()
		if terminal {
			_, _ = p.ch.Write([]byte{'D' & 0x1f})
			return
		}
		_ = p.ch.CloseWrite()
	}()
}

// endInput gives the command the end of its input.
func (p *Process) endInput() {
	if p.input != nil {
		_ = p.input.Close()
	}
}
