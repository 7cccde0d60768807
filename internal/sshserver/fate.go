package sshserver

import "context"

// function is a command played by Config.Exec.
type function struct{ cancel context.CancelFunc }

func (f function) signal(string)     { f.cancel() }
func (f function) resize(windowSize) {}
func (f function) end()              { f.cancel() }

func (ses *session) startFunc(ctx context.Context, command string) (bool, func()) {
	ctx, cancel := context.WithCancel(ctx)
	ses.program = function{cancel}
	return true, func() {
		defer cancel()
		code := ses.server.cfg.Exec(ctx, command, ses.channel)
		if code < 0 {
			ses.finish("", nil)
			return
		}
		_ = ses.channel.CloseWrite()
		ses.finish("exit-status", exitStatus{uint32(code)})
	}
}
