package sshserver

// sessionMembers finds nobody: this system lists no sessions without cgo. A
// shell there passes the hang-up on to its jobs or nobody does.
func sessionMembers(int) []int { return nil }
