// Package sftpfs is a host's file system over SFTP, version 3 of the protocol
// (draft-ietf-secsh-filexfer-02), as a transfer.FS.
//
// Rules it keeps:
//
//   - Many requests are in flight at once, of many goroutines and of one. What
//     waits to be sent goes out together; data arrives where it belongs.
//   - No call outlives its context by more than 100 ms. A request that was given
//     up is waited for in the background, so that one cancelled task does not
//     take the channel from others; if its answer does not come, the channel is
//     closed. So it is when a request is due and nothing at all moves for a
//     minute.
//   - Whatever the server answers, there is no panic, no nil and no endless
//     loop. An answer to what was not asked, or of the wrong type, and a status
//     of OK where data is due are protocol errors.
//   - Requests carry 32 KiB, or what the server allows (limits@openssh.com, at
//     most 255 KiB). The length of every answer is checked, and the rest of a
//     short one is asked for again: a read or a write is whole or fails.
//   - A file that is made is private from its first moment.
//   - A listing ends when it has more entries than were allowed.
//   - A large copy over a link with latency may open more channels (Widen); they
//     are closed with it.
//
// The channel given to New must end its Read and Write when it is closed;
// callers get back in time even if it does not, but a goroutine is then stuck
// until the connection ends.
//
// Read channel.go first, which moves packets, then file.go for open files and
// ops.go for the rest; widen.go and spread.go are for several channels.
package sftpfs
