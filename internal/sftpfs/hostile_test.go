package sftpfs

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// everything calls every method once; a file is used if one is to be had.
func everything(ctx context.Context, f *FS) map[string]error {
	errs := map[string]error{}
	_, errs["home"] = f.Home(ctx)
	_, errs["stat"] = f.Stat(ctx, "x")
	_, errs["lstat"] = f.Lstat(ctx, "x")
	_, errs["readdir"] = f.ReadDir(ctx, "x", 100)
	_, errs["readlink"] = f.Readlink(ctx, "x")
	_, errs["space"] = f.Space(ctx, "x")
	errs["mkdir"] = f.Mkdir(ctx, "x", 0o755)
	errs["rename"] = f.Rename(ctx, "x", "y")
	errs["remove"] = f.Remove(ctx, "x")
	errs["chmod"] = f.Chmod(ctx, "x", 0o644)
	errs["chown"] = f.Chown(ctx, "x", 1, 1)
	errs["chtimes"] = f.Chtimes(ctx, "x", time.Now(), time.Now())
	errs["symlink"] = f.Symlink(ctx, "x", "y")
	_, errs["create"] = f.Create(ctx, "x")
	var file transfer.File
	if file, errs["open"] = f.Open(ctx, "x"); errs["open"] == nil {
		_, errs["read"] = file.ReadAt(ctx, make([]byte, 100_000), 0)
		_, errs["write"] = file.WriteAt(ctx, make([]byte, 100_000), 0)
		_, errs["fstat"] = file.Stat(ctx)
		errs["fchmod"] = file.Chmod(ctx, 0o600)
		errs["sync"] = file.Sync(ctx)
		_, _, errs["readstat"] = file.(transfer.StatReader).ReadStat(ctx, make([]byte, 1000), 0)
		errs["close"] = file.Close(ctx)
	}
	if file, errs["reopen"] = f.Reopen(ctx, "x"); errs["reopen"] == nil {
		_, errs["finish"] = file.(transfer.Finisher).Finish(ctx, []byte("rest"), 0, transfer.Final{Mode: 0o644})
	}
	return errs
}

// TestOKEverywhere: the library takes a status of OK for a nil file and nil
// attributes.
func TestOKEverywhere(t *testing.T) {
	noLeak(t)
	f := start(t, scripted(t, func(p packet) []byte { return status(p.id, 0, "") }), quick)
	errs := everything(t.Context(), f)
	for _, name := range []string{"home", "stat", "lstat", "readlink", "space", "create", "open", "reopen"} {
		if fault.KindOf(errs[name]) != fault.Protocol {
			t.Errorf("%s: %v", name, errs[name])
		}
	}
}

func TestOKWhereDataIsDue(t *testing.T) {
	f := start(t, scripted(t, func(p packet) []byte {
		if p.kind == typeOpen {
			return reply(102, p.id, str(nil, "handle"))
		}
		return status(p.id, 0, "")
	}), quick)
	errs := everything(t.Context(), f)
	for _, name := range []string{"read", "fstat", "readstat", "finish"} {
		if fault.KindOf(errs[name]) != fault.Protocol {
			t.Errorf("%s: %v", name, errs[name])
		}
	}
}

// TestSilence: a server that never answers costs the patience of one call, and
// a context ends a call at once.
func TestSilence(t *testing.T) {
	noLeak(t)
	f := start(t, scripted(t, func(packet) []byte { return nil }), quick)
	_, err := f.Stat(t.Context(), "x")
	wantKind(t, err, fault.Timeout)
	for name, err := range everything(t.Context(), f) {
		if err == nil {
			t.Errorf("%s worked on a closed channel", name)
		}
	}
	<-f.Done()
}

func TestSilenceAtTheStart(t *testing.T) {
	noLeak(t)
	ours, theirs := net.Pipe()
	defer func() { _ = theirs.Close() }()
	go io.Copy(io.Discard, theirs) // takes and says nothing
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err := open(ctx, ours, usual)
	wantKind(t, err, fault.Cancelled)
	_, err = open(t.Context(), ours, quick)
	if err == nil {
		t.Error("began on a closed channel")
	}
}

// stuck ignores that it is closed.
type stuck struct{ gone chan struct{} }

func (s stuck) Read([]byte) (int, error)    { <-s.gone; return 0, io.EOF }
func (s stuck) Write(p []byte) (int, error) { <-s.gone; return 0, io.EOF }
func (s stuck) Close() error                { return nil }

func TestChannelThatDoesNotEnd(t *testing.T) {
	gone := make(chan struct{})
	defer close(gone)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err := open(ctx, stuck{gone}, usual)
	wantKind(t, err, fault.Cancelled)
}

// TestCancelSparesOthers: an abandoned request that is answered late takes
// nothing from other calls, and a file that it opened is closed.
func TestCancelSparesOthers(t *testing.T) {
	noLeak(t)
	asked, proceed, closed := make(chan bool), make(chan bool), make(chan bool, 1)
	f := start(t, scripted(t, func(p packet) []byte {
		switch p.kind {
		case typeOpen:
			asked <- true
			<-proceed
			return reply(102, p.id, str(nil, "late"))
		case 4:
			closed <- true
			return status(p.id, 0, "")
		default:
			return reply(105, p.id, fileAttrs(7))
		}
	}), usual)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, err := f.Open(ctx, "x")
	wantKind(t, err, fault.Cancelled)
	proceed <- true
	info, err := f.Stat(t.Context(), "x")
	if err != nil || info.Size != 7 {
		t.Errorf("another call: %+v, %v", info, err)
	}
	<-closed
}

// TestGraceEnds: an abandoned request that is never answered costs the channel.
func TestGraceEnds(t *testing.T) {
	asked := make(chan bool, 1)
	f := start(t, scripted(t, func(packet) []byte {
		asked <- true
		return nil
	}), quick)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, err := f.Stat(ctx, "x")
	wantKind(t, err, fault.Cancelled)
	<-f.Done()
}

// TestEndlessListing: memory and time stay bounded although the server never
// comes to an end.
func TestEndlessListing(t *testing.T) {
	noLeak(t)
	f := start(t, scripted(t, func(p packet) []byte {
		switch p.kind {
		case 11:
			return reply(102, p.id, str(nil, "h"))
		case 12:
			body := binary.BigEndian.AppendUint32(nil, 500)
			for range 500 {
				body = append(str(str(body, strings.Repeat("n", 80)), ""), 0, 0, 0, 0)
			}
			return reply(typeName, p.id, body)
		default:
			return status(p.id, 0, "")
		}
	}), usual)
	_, err := f.ReadDir(t.Context(), "x", 10_000)
	if err == nil || !strings.Contains(err.Error(), "more than 10000 entries") {
		t.Errorf("got %v", err)
	}
	_, err = f.Lstat(t.Context(), "x") // the channel still works
	wantKind(t, err, fault.Protocol)
}

func TestStatusKinds(t *testing.T) {
	var code uint32
	f := start(t, scripted(t, func(p packet) []byte { return status(p.id, code, "said \x1b[31m") }), usual)
	want := map[uint32]fault.Kind{
		2: fault.NotFound, 3: fault.Denied, 4: fault.Failed, 5: fault.Failed, 8: fault.Unsupported,
		11: fault.Exists, 12: fault.Denied, 14: fault.NoSpace, 15: fault.NoSpace, 999: fault.Failed,
	}
	for c, kind := range want {
		code = c
		err := f.Chmod(t.Context(), "x", 0)
		wantKind(t, err, kind)
		if !strings.HasPrefix(err.Error(), "cannot set the mode of x: ") || strings.ContainsRune(err.Error(), 0x1b) {
			t.Errorf("status %d: %q", c, err)
		}
	}
}

func TestSizeThatMakesNoSense(t *testing.T) {
	f := start(t, scripted(t, func(p packet) []byte { return reply(105, p.id, fileAttrs(1<<63)) }), quick)
	_, err := f.Stat(t.Context(), "x")
	wantKind(t, err, fault.Protocol)
}
