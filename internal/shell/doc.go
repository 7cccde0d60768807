// Package shell builds command lines: it quotes arguments, and puts working
// directory, environment and another user around a command.
//
// Rules: whatever is asked for ends up in one script, run by the shell of the
// target user, so cwd, env, sudo and prefixes mean the same in any
// combination; a value reaches a shell only quoted; the line that is sent
// means the same to every login shell (sh, bash, zsh, fish, csh, busybox),
// because all that they read differently is encoded. No password is ever part
// of a line.
//
// The layers, outermost first; those that are not asked for are left out:
//
//	exec sudo -n -H -u USER -- /bin/sh -c '...'    as the user, or by su or doas
//	cd -- DIR || exit; umask 027; export A=b       the place
//	... & SHELL -c '...'                           the watcher, or detaching
//	{ PREFIX
//	} || exit
//	LINE                                           what was asked for
package shell
