package ssh

import (
	"context"
	"io"
	"strings"

	"gofab/bindings/kit"
	"gofab/bindings/kit/follow"
	"gofab/internal/fault"
	"gofab/internal/transfer"
)

func copyMethods() []kit.Func {
	return []kit.Func{
		ask("open", "Open a file. Modes are those of io.open, and x: the file must not be there. A b for binary may be added: nothing is ever translated.", openFile).With(
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

type putArgs struct {
	transfer.PutOptions
	follow.Options
}

func put(c *kit.Call, f *sftpClient, a putArgs) (transfer.Result, error) {
	o := a.PutOptions
	o.From, o.To, o.Limit = transfer.Local(c.World.Dir()), f.files, int64(a.Limit)
	if err := o.Place(); err != nil {
		return transfer.Result{}, err
	}
	o.Source, o.Target = c.Path(o.Source), f.path(o.Target)
	return f.copy(c, a.Options, o.Source, func(ctx context.Context, report func(transfer.Progress)) (transfer.Result, error) {
		o.Progress = report
		return transfer.Put(ctx, o)
	})
}

type getArgs struct {
	transfer.GetOptions
	follow.Options
}

func get(c *kit.Call, f *sftpClient, a getArgs) (transfer.Result, error) {
	o := a.GetOptions
	o.From, o.To, o.Limit = f.files, transfer.Local(c.World.Dir()), int64(a.Limit)
	o.Source, o.Target = f.path(o.Source), c.Path(o.Target)
	o.Names = map[string]string{"host": f.session.name}
	return f.copy(c, a.Options, o.Source, func(ctx context.Context, report func(transfer.Progress)) (transfer.Result, error) {
		o.Progress = report
		return transfer.Get(ctx, o)
	})
}

// copy runs a copy and tells of it.
func (f *sftpClient) copy(c *kit.Call, o follow.Options, what string,
	run func(context.Context, func(transfer.Progress)) (transfer.Result, error),
) (transfer.Result, error) {
	ctx, report, done := follow.Copy(c.Context, o.Progress, func(p transfer.Progress) {
		c.Events.Progress(f.session.name, what, p.Bytes, p.TotalBytes, p.Bytes == p.TotalBytes && p.Files == p.TotalFiles)
	})
	result, err := run(ctx, report)
	return result, f.session.named(done(err))
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
	if err := f.may(f.mode.Read); err != nil {
		return nil, err
	}
	data, err := f.Read(c.Context, n, maxRead)
	if data == nil {
		data = []byte{}
	}
	return data, f.session.named(err)
}

const maxLine = 16 << 20

func readLine(c *kit.Call, f *remoteFile, _ none) (*string, error) {
	if err := f.may(f.mode.Read); err != nil {
		return nil, err
	}
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
	if err := f.may(f.mode.Write); err != nil {
		return kit.None{}, err
	}
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
	if err := f.may(f.mode.Write); err != nil {
		return kit.None{}, err
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
