package sshserver

import "github.com/pkg/sftp"

// subsystem is the file transfer on a session.
type subsystem struct{ server *sftp.Server }

func (subsystem) signal(string)     {}
func (subsystem) resize(windowSize) {}
func (s subsystem) end()            { _ = s.server.Close() }

func (ses *session) startSFTP() (bool, func()) {
	server, err := sftp.NewServer(ses.channel, sftp.WithServerWorkingDirectory(ses.server.cfg.Root))
	if err != nil {
		return false, nil
	}
	ses.program = subsystem{server}
	return true, func() {
		_ = server.Serve()
		ses.finish("exit-status", exitStatus{0})
	}
}
