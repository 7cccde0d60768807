// Package mailer writes, sends and reads mail.
//
// Rules: nothing that a script gives can end a header or begin a new one; a
// recipient that is refused does not stop the others; encryption is demanded
// unless it is said otherwise, and a password never crosses a link without it
// unasked; Bcc is never written. Every step has a time limit, and what a server
// sends is bounded.
package mailer
