package sshserver

import "os"

func applyModes(tty *os.File, modes []byte) {}
