// Package sshclient is the SSH engine: it reaches a host, logs in, runs
// commands and opens channels over one connection, on golang.org/x/crypto/ssh.
//
// Rules it keeps:
//   - A host key is checked before anything secret is sent, strictly unless the
//     operator's configuration says otherwise.
//   - Nothing waits for ever on the other side: one limit covers the whole
//     handshake, keepalives find a dead link, and every call ends within 100 ms
//     of its context.
//   - A command whose exit status did not arrive has an unknown end
//     (fault.Lost), never a good one. So has output that was cut short.
//   - The output of a command is always drained, wanted or not: a full window
//     would stop the command (RFC 4254, section 5.2).
//   - Many targets may be one machine: handshakes at one address are limited,
//     and a login that the server dropped before it looked at it is tried again
//     (MaxStartups, sshd_config(5)).
//   - Bytes of the other side never crash the program: every goroutine that
//     looks at them recovers.
//
// Read dialer.go first, then login.go and process.go.
package sshclient
