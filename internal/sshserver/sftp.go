package sshserver

import "gofab/internal/sftpserver"

// subsystem is the file transfer on a session. It ends with the channel.
type subsystem struct{}

func (subsystem) signal(string)     {}
func (subsystem) resize(windowSize) {}
func (subsystem) end()              {}

func (ses *session) startSFTP() (bool, func()) {
	ses.program = subsystem{}
	return true, func() {
		code := uint32(0)
		if sftpserver.Serve(ses.channel, ses.server.cfg.Root) != nil {
			code = 1
		}
		ses.finish("exit-status", exitStatus{code})
	}
}
