package transfer

import (
	"context"
	"time"
)

// PutOptions is one copy to a host.
type PutOptions struct {
	From     FS             // the operator's side
	To       FS             // the host
	Progress func(Progress) // called often, never twice at once; may be nil

	Source string `lua:"source,arg1" default:"" doc:"File or folder on this machine; {host} stands for the name of the host. A folder that ends in / stands for what is in it. Left out when content is given."`
	Target string `lua:"target,arg2" default:"" doc:"Path on the host, the working directory when left out; {host} and {basename} stand for its name and the source's last part. Ends in / or is a folder: a file goes inside, under its own name. A folder goes inside only when it ends in /. Folders above it are made."`

	Content *string `lua:"content" doc:"Bytes of the new file, instead of a source."`
	Mode    string  `lua:"mode" default:"" doc:"Permission bits of files in octal, such as \"0640\"; those of the source, or for content those of the old file or 0644."`
	Owner   string  `lua:"owner" default:"" doc:"User name or number that files and new folders belong to; those of the old file where possible."`
	Group   string  `lua:"group" default:"" doc:"Group name or number that files and new folders belong to."`
	TreeOptions
}

// GetOptions is one copy from a host.
type GetOptions struct {
	From     FS                // the host
	To       FS                // the operator's side
	Progress func(Progress)    // called often, never twice at once; may be nil
	Names    map[string]string // what placeholders in Target stand for, e.g. host; basename is added

	Source string `lua:"source,arg1" doc:"File or folder on the host. A folder that ends in / stands for what is in it."`
	Target string `lua:"target,arg2" default:"{host}/" doc:"Path on this machine; {host} and {basename} stand for the host's name and the source's last part. Ends in / or is a folder: a file goes inside, under its own name. A folder goes inside only when it ends in /."`

	Mode     string `lua:"mode" default:"" doc:"Permission bits of files in octal, such as \"0640\"; those of the source."`
	MaxBytes int64  `lua:"max_bytes" default:"1099511627776" doc:"Most bytes to take in all; more are an error."`
	TreeOptions
}

// TreeOptions is what both directions have in common.
type TreeOptions struct {
	Preserve bool     `lua:"preserve" default:"false" doc:"Keep the modification times."`
	Update   bool     `lua:"update" default:"false" doc:"Leave files alone that are the same already: equal in size and, with preserve, in time, else in content."`
	Verify   bool     `lua:"verify" default:"false" doc:"Read every new file back and compare it before it takes its place."`
	Checksum string   `lua:"checksum" default:"none" enum:"none|sha256" doc:"When all is copied, compare the SHA-256 of every copied file on both ends, in one round trip where the host has sha256sum."`
	Resume   bool     `lua:"resume" default:"false" doc:"Keep what has arrived of a file when the copy fails, and go on from there next time. What is there is compared with the source first."`
	Growing  bool     `lua:"growing" default:"false" doc:"Accept a source that grows meanwhile, such as a log; the copy has the size of the start."`
	Symlinks string   `lua:"symlinks" default:"keep" enum:"keep|follow|skip" doc:"Links in a tree: made again, as long as they stay inside it; replaced by what they point to; or left out."`
	Exclude  []string `lua:"exclude" default:"" doc:"Patterns of what to leave out of a tree: with / from its top, such as \"build/**\", else names at any depth, such as \"*.pyc\"; one that ends in / is for folders alone."`
	Limit    int64    // bytes a second, of the whole copy; 0 is none
	HostSums Comparer // computes sums on the host; nil reads files back
	// PrefixSum computes the sum of the first n bytes of a file on the host,
	// for Resume; nil reads them back.
	PrefixSum  func(ctx context.Context, path string, n int64) (string, error)
	MaxEntries int `lua:"max_entries" default:"100000" doc:"Most files, folders and links of a tree; more are an error."`
}

// Progress is how far a copy is.
type Progress struct {
	Path       string // the target of the file that moved last
	Files      int    // files in place
	TotalFiles int
	Bytes      int64 // bytes copied
	TotalBytes int64
}

// Result tells what a copy did.
type Result struct {
	Path     string        `lua:"path" doc:"The target as it was found: the file, or the top of the tree."`
	Files    int           `lua:"files" doc:"Files that are in place now, written or the same already."`
	Changed  int           `lua:"changed" doc:"Files that were written, and links and folders that were made."`
	Bytes    int64         `lua:"bytes" doc:"Bytes copied."`
	Skipped  int           `lua:"skipped" doc:"Entries left out: excluded, links when they are skipped, devices, sockets and pipes."`
	Notes    []string      `lua:"notes" doc:"What was left out without being asked for, and why; the first 100."`
	Duration time.Duration `lua:"duration" doc:"Seconds it took."`
}
