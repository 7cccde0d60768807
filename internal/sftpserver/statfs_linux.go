package sftpserver

import "golang.org/x/sys/unix"

// fragmentAndNameMax are f_frsize and f_namemax of statvfs(3).
func fragmentAndNameMax(st *unix.Statfs_t) (fragment, nameMax uint64) {
	return uint64(st.Frsize), uint64(st.Namelen)
}
