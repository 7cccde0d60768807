// Package sftpfs is a host's file system over SFTP, version 3 of the protocol
// (draft-ietf-secsh-filexfer-02), as a transfer.FS. It guards
// github.com/pkg/sftp, which trusts its server.
//
// Rules it keeps:
//
//   - No call outlives its context by more than 100 ms. A request that was given
//     up is waited for in the background, so that one cancelled task does not
//     take the channel from others; if its answer does not come, the channel is
//     closed. So it is when a request is due and nothing at all arrives for a
//     minute.
//   - Whatever the server answers, there is no panic, no nil and no endless loop:
//     a status of OK where data is due is a protocol error.
//   - Requests carry 32 KiB at most. Some servers cut longer ones without a word,
//     and the library takes the short answer for the end of the file. For the
//     same reason its own concurrent reads and writes are not used: a request
//     is one block, its length is checked, and internal/transfer keeps many of
//     them in flight.
//   - A file that is made is private from its first moment. The library cannot
//     name a mode when it creates one, so wire.go adds it to the packet.
//   - A listing has a limit in bytes while it arrives.
//
// The channel given to New must end its Read and Write when it is closed;
// callers get back in time even if it does not, but a goroutine is then stuck
// until the connection ends.
package sftpfs
