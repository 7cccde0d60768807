// Package command runs one command on one host: it composes the line, tries
// again, keeps the time limit, bounds the output and answers sudo.
//
// Rules: a result never claims more than is known, so a lost link is no exit
// status; memory does not grow with output; a password is written once, after
// its own prompt was seen, and to nothing but standard input; the end of the
// context ends the command and its children.
package command
