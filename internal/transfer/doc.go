// Package transfer copies files and whole trees between two file systems, one
// of which is usually a host over SFTP (internal/sftpfs).
//
// Where a copy goes:
//
//   - "~" and "~/x" begin in the home folder, and so does a relative path on a
//     host; a relative path on the operator's machine begins in its folder.
//   - A file: a target that ends in "/" or is a folder gets the file inside,
//     under its own name. Any other target is the file's new path.
//   - A folder: only what is written decides, never what is there already, so
//     the same call made twice does the same twice. A target without "/" at its
//     end becomes the copy: "dist" to "/srv/app" gives /srv/app/index.html. A
//     target that ends in "/" gets the folder inside: "dist" to "/srv/" gives
//     /srv/dist/index.html. A source that ends in "/" stands for what is in it:
//     "dist/" to "/srv/" gives /srv/index.html. "~", "." and ".." count as
//     ending in "/" on either side.
//   - Folders above the target are made, with mode 0755.
//   - A target that is a symbolic link is written through. Links deeper in a
//     tree are replaced.
//   - What else is in a target folder stays. Folders that were there keep their
//     mode; new ones get that of the source.
//
// Rules it keeps:
//
//   - A file is replaced in one step or not at all: the bytes go to
//     .<name>.gofab-<random> beside it, created exclusively with mode 0600, get
//     their mode and owner, are brought to disk, their size is checked, and then
//     the new file is renamed over the old. After a failure or a cancel the
//     temporary file is removed; Sweep finds what a killed run left.
//
//   - The number of bytes is proven on both sides. A source that grows or shrinks
//     meanwhile is an error, unless it may grow (a log).
//
//   - A name that the other side sent never leaves the target folder: it is one
//     plain path element without control characters, local targets are entered
//     through os.Root, symbolic links stay inside the tree, and depth, number
//     of entries and bytes have limits.
//
//   - Files, folders and links are copied, nothing else; what was left out is
//     counted and noted.
//
//   - Errors name the path and the reason, with a bare "failure" of an SFTP server
//     looked into: no space, read-only, something in the way.
//
//   - With Resume a broken copy leaves its temporary file. The next run takes it
//     up only when it is a private file of the same user, and only those of its
//     blocks that equal the source.
//
//   - Sync deletes last and only what it has seen in a listing of the target; it
//     goes through no link, and the root and the home folder are refused.
//
// Read put.go first, then replace.go for one file, tree.go for many, and sync.go
// with syncplan.go and syncapply.go for what differs.
package transfer
