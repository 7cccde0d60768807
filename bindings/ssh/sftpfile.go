package ssh

import (
	"context"
	"io"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/remotefile"
	"gofab/internal/sftpfs"
	"gofab/internal/transfer"
)

func copyMethods() []kit.Func {
	return []kit.Func{
		ask("open", "Open a file. Modes are those of io.open, and x: the file must not be there.", openFile).With(
			`local f = ssh.connect("web1"):sftp()
local out = f:open("log.txt", "w")
out:write("one\ntwo\n")
out:close()
for line in f:open("log.txt"):lines() do print(line) end`),
		kit.Method("put", "Copy a file or a folder to the host. A file is replaced in one step or not at all.", put).With(
			`fs.write("app.conf", "port = 80\n")
local f = ssh.connect("web1"):sftp()
f:put("app.conf", "etc/")
assert(f:stat("etc/app.conf").size == 10)`),
		kit.Method("get", "Copy a file or a folder from the host.", get),
		kit.Method("close", "End this SFTP channel; the session stays.", closeSFTP),
	}
}

func closeSFTP(_ *kit.Call, f *sftpClient, _ none) (kit.None, error) {
	return kit.None{}, f.files.Close()
}

func put(c *kit.Call, f *sftpClient, o transfer.PutOptions) (transfer.Result, error) {
	o.From, o.To = transfer.Local(c.World.Dir()), f.files
	o.Source, o.Target = c.Path(o.Source), f.path(o.Target)
	o.Progress = f.progress(c, o.Source)
	r, err := transfer.Put(c.Context, o)
	return r, f.session.named(err)
}

func get(c *kit.Call, f *sftpClient, o transfer.GetOptions) (transfer.Result, error) {
	o.From, o.To = f.files, transfer.Local(c.World.Dir())
	o.Source, o.Target = f.path(o.Source), c.Path(o.Target)
	o.Names = map[string]string{"host": f.session.name}
	o.Progress = f.progress(c, o.Source)
	r, err := transfer.Get(c.Context, o)
	return r, f.session.named(err)
}

func (f *sftpClient) progress(c *kit.Call, what string) func(transfer.Progress) {
	return func(p transfer.Progress) {
		c.Events.Progress(f.session.name, what, p.Bytes, p.TotalBytes, p.Bytes == p.TotalBytes && p.Files == p.TotalFiles)
	}
}

type openArgs struct {
	Path string `lua:"path,arg1" doc:"Path on the host."`
	Mode string `lua:"mode,arg2" default:"r" enum:"r|r+|w|w+|a|a+|x|x+" doc:"r reads, w writes a new or emptied file, a adds to its end, x makes one that must not be there; + is for both."`
}

// remoteFile is an open file of a host.
type remoteFile struct {
	*remotefile.File
	session *session
	path    string
}

func (f *remoteFile) String() string { return f.session.name + ":" + f.path }

func openFile(ctx context.Context, f *sftpClient, a openArgs) (*remoteFile, error) {
	kind, both := a.Mode[0], strings.HasSuffix(a.Mode, "+")
	full := f.path(a.Path)
	target, err := f.files.OpenMode(ctx, full, sftpfs.Mode{
		Read: kind == 'r' || both, Write: kind != 'r' || both, Append: kind == 'a',
		Create: kind != 'r', Truncate: kind == 'w', Exclusive: kind == 'x',
	})
	if err != nil {
		return nil, err
	}
	if info, err := target.Stat(ctx); err == nil && info.IsDir() {
		_ = target.Close(ctx)
		return nil, fault.New(fault.Usage, "%s is a folder", full)
	}
	file, err := remotefile.New(ctx, target, kind == 'a')
	if err != nil {
		_ = target.Close(ctx)
		return nil, err
	}
	return &remoteFile{file, f.session, full}, nil
}

func fileType() kit.Type {
	return kit.TypeOf[*remoteFile]("ssh_file", "An open file of a host. Writing is gathered: flush or close sends it, and tells when it failed.",
		kit.Method("read", "Give the next bytes, or all that is left.", readFile).With(
			`local f = ssh.connect("web1"):sftp()
local file = f:open("data", "w+")
file:write("0123456789")
file:seek(4)
assert(file:read(2) == "45" and file:tell() == 6)
file:truncate(8)
file:seek(-2, { from = "end" })
assert(file:read() == "67" and file:read(1) == "")
file:close()`),
		kit.Method("readline", "Give the next line without its end; nil after the last one.", readLine),
		kit.Method("lines", "Go through the lines that are left, without their ends.", lines),
		kit.Method("write", "Write text at the position, or at the end of a file opened with a.", writeFile),
		kit.Method("seek", "Move the position and give it.", seek),
		kit.Method("tell", "Give the position.", tell),
		kit.Method("truncate", "Set the size; the position when none is given.", truncateFile),
		kit.Method("stat", "Describe the file.", statFile),
		kit.Method("flush", "Send what was gathered.", flush),
		kit.Method("close", "Send what was gathered and close the file.", closeFile),
	)
}

// maxRead bounds what one read gives: a Lua string is memory.
const maxRead = 256 << 20

type readArgs struct {
	Bytes *kit.Size `lua:"bytes,arg1" default:"" doc:"How many; all when absent. More than 256M at once are an error."`
}

func readFile(c *kit.Call, f *remoteFile, a readArgs) ([]byte, error) {
	n := -1
	if a.Bytes != nil {
		n = int(*a.Bytes)
	}
	if n > maxRead {
		return nil, fault.New(fault.Usage, "bytes: %d at once are too many", n)
	}
	data, err := f.Read(c.Context, n, maxRead)
	if data == nil {
		data = []byte{}
	}
	return data, f.session.named(err)
}

const maxLine = 16 << 20

func readLine(c *kit.Call, f *remoteFile, _ none) (*string, error) {
	line, ok, err := f.Line(c.Context, maxLine)
	if !ok || err != nil {
		return nil, f.session.named(err)
	}
	text := strings.TrimSuffix(string(line), "\n")
	return &text, nil
}

func lines(_ *kit.Call, f *remoteFile, _ none) (kit.Iter, error) {
	return func(c *kit.Call) (any, bool, error) {
		line, err := readLine(c, f, none{})
		if line == nil || err != nil {
			return nil, false, err
		}
		return *line, true, nil
	}, nil
}

type writeArgs struct {
	Text []byte `lua:"text,arg1" doc:"What to write."`
}

func writeFile(c *kit.Call, f *remoteFile, a writeArgs) (kit.None, error) {
	return kit.None{}, f.session.named(f.Write(c.Context, a.Text))
}

type seekArgs struct {
	Offset int64  `lua:"offset,arg1" default:"0" doc:"Where to, in bytes."`
	From   string `lua:"from" default:"start" enum:"start|here|end" doc:"What the offset is counted from."`
}

func seek(c *kit.Call, f *remoteFile, a seekArgs) (int64, error) {
	whence := map[string]int{"start": io.SeekStart, "here": io.SeekCurrent, "end": io.SeekEnd}
	at, err := f.Seek(c.Context, a.Offset, whence[a.From])
	return at, f.session.named(err)
}

func tell(_ *kit.Call, f *remoteFile, _ none) (int64, error) { return f.Tell(), nil }

type sizeArgs struct {
	Size *kit.Size `lua:"size,arg1" default:"" doc:"New size."`
}

func truncateFile(c *kit.Call, f *remoteFile, a sizeArgs) (kit.None, error) {
	size := f.Tell()
	if a.Size != nil {
		size = int64(*a.Size)
	}
	return kit.None{}, f.session.named(f.Truncate(c.Context, size))
}

func statFile(c *kit.Call, f *remoteFile, _ none) (attributes, error) {
	i, err := f.Stat(c.Context)
	return attributesOf(i), f.session.named(err)
}

type flushArgs struct {
	Sync bool `lua:"sync" default:"false" doc:"Wait until it is on disk."`
}

func flush(c *kit.Call, f *remoteFile, a flushArgs) (kit.None, error) {
	return kit.None{}, f.session.named(f.Flush(c.Context, a.Sync))
}

func closeFile(c *kit.Call, f *remoteFile, _ none) (kit.None, error) {
	return kit.None{}, f.session.named(f.Close(c.Context))
}
