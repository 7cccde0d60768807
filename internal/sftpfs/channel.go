package sftpfs

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"gofab/internal/fault"
)

// channel is one SFTP channel: requests of many goroutines are in flight at
// once, and answers come in any order. One goroutine writes, and takes all
// that is waiting at a time, so that many small requests share one packet of
// SSH; one reads, data straight to where it belongs.
type channel struct {
	stream  io.ReadWriteCloser
	times   times
	eased   func()       // called when load gets less
	alive   atomic.Int64 // when bytes last moved, Unix nanoseconds
	load    atomic.Int64 // weight of open calls
	handles atomic.Int64 // files and folders that are open

	mu      sync.Mutex
	filled  sync.Cond // queue is no longer empty, or the channel has ended
	queue   []byte
	calls   map[uint32]*call
	lastID  uint32
	trip    time.Duration // fastest answer so far
	timer   *time.Timer   // of the patience
	watched bool
	why     error // why the channel ended
	done    chan struct{}

	extensions map[string]string
	block      int  // most bytes of one read or write
	files      int  // most open at a time; what is said to be allowed is halved for others
	orderly    bool // requests for one file are worked off in order
}

const (
	protocolVersion = 3
	smallBlock      = 32 << 10  // what every server must take (draft, section 3)
	largeBlock      = 255 << 10 // what OpenSSH takes: 256 KiB less 1 KiB for the rest of the packet
	largestPacket   = 1 << 20
)

// begin starts the protocol on a stream and takes it over.
func begin(ctx context.Context, stream io.ReadWriteCloser, t times, eased func()) (*channel, error) {
	c := &channel{
		stream: stream, times: t, eased: eased, calls: map[uint32]*call{}, lastID: protocolVersion, trip: math.MaxInt64,
		done: make(chan struct{}), block: smallBlock, files: math.MaxInt32,
	}
	c.filled.L = &c.mu
	go c.write()
	go c.read()
	err := c.negotiate(ctx)
	if err != nil {
		c.end(errClosed)
		return nil, asFault(err, "cannot begin sftp")
	}
	return c, nil
}

// negotiate exchanges versions: they stand where other packets have their id.
func (c *channel) negotiate(ctx context.Context) error {
	hello := &call{request: newRequest(typeInit)}
	c.lastID-- // hello gets the version for an id
	if err := c.ask(ctx, hello); err != nil {
		return err
	}
	f, err := hello.result(typeVersion, "version")
	if err != nil {
		return err
	}
	c.extensions = map[string]string{}
	for len(f.rest) > 0 && !f.short {
		name := f.string()
		c.extensions[name] = f.string()
	}
	// These two tell OpenSSH's server and those like it. Others, that of pkg/sftp
	// for one, work on requests for one file at the same time, though the draft
	// forbids it (section 6.1).
	c.orderly = c.has(fsync, "1") && c.has("fstatvfs@openssh.com", "2")
	return c.limits(ctx)
}

// limits asks for the largest packets (OpenSSH's PROTOCOL file, section 4.8).
func (c *channel) limits(ctx context.Context) error {
	if !c.has("limits@openssh.com", "1") {
		return nil
	}
	k := &call{request: extended("limits@openssh.com")}
	if err := c.ask(ctx, k); err != nil {
		return err
	}
	f, err := k.result(typeExtendedReply, "limits")
	if err != nil {
		return nil // it cannot after all
	}
	packet, read, write, handles := f.uint64(), f.uint64(), f.uint64(), f.uint64()
	if f.short || packet == 0 || read == 0 || write == 0 {
		return nil
	}
	if handles > 0 {
		c.files = int(max(1, min(handles/2, math.MaxInt32)))
	}
	room := max(packet, smallBlock+1024) - 1024
	c.block = int(max(1024, min(largeBlock, room, read, write)))
	return nil
}

func (c *channel) has(name, version string) bool { return c.extensions[name] == version }

// put adds a call to the queue; c.mu is held.
func (c *channel) put(k *call) {
	c.lastID++
	id := c.lastID
	k.id, k.began = id, time.Now()
	binary.BigEndian.PutUint32(k.request, uint32(len(k.request)-4+len(k.payload)))
	binary.BigEndian.PutUint32(k.request[5:], id)
	c.queue = append(append(c.queue, k.request...), k.payload...)
	c.calls[id] = k
	c.load.Add(k.weight())
	c.watch()
	c.filled.Signal()
}

// remove forgets a call; c.mu is held.
func (c *channel) remove(k *call) {
	delete(c.calls, k.id)
	c.load.Add(-k.weight())
	c.eased()
}

// write sends what is queued, in turns with two buffers.
func (c *channel) write() {
	var sent []byte
	for {
		c.mu.Lock()
		for len(c.queue) == 0 && c.why == nil {
			c.filled.Wait()
		}
		out, over := c.queue, c.why != nil
		c.queue = sent[:0]
		c.mu.Unlock()
		if over {
			return
		}
		if _, err := c.stream.Write(out); err != nil {
			c.end(errLost)
			return
		}
		c.alive.Store(time.Now().UnixNano())
		sent = out
	}
}

// Read is the stream for read, with a note of the time.
func (c *channel) Read(p []byte) (int, error) {
	n, err := c.stream.Read(p)
	c.alive.Store(time.Now().UnixNano())
	return n, err
}

func (c *channel) read() {
	r := bufio.NewReaderSize(c, 64<<10)
	for {
		err := c.receive(r)
		var broken *fault.Error
		switch {
		case err == nil:
		case errors.As(err, &broken):
			c.end(broken)
			return
		default:
			c.end(errLost)
			return
		}
	}
}

// receive takes one packet.
func (c *channel) receive(r *bufio.Reader) error {
	var head [headSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	length, kind, id := binary.BigEndian.Uint32(head[:]), head[4], binary.BigEndian.Uint32(head[5:])
	if length < 5 || length > largestPacket {
		return fault.New(fault.Protocol, "the sftp server announced a packet of %d bytes", length)
	}
	c.mu.Lock()
	k := c.calls[id]
	c.mu.Unlock()
	switch {
	case k == nil && kind == typeVersion:
		return fault.New(fault.Protocol, "the sftp server speaks version %d, not %d", id, protocolVersion)
	case k == nil:
		return fault.New(fault.Protocol, "the sftp server answered what was not asked")
	case kind == typeData && k.into != nil:
		return c.receiveData(r, k, int64(length)-5)
	}
	body := make([]byte, length-5)
	if _, err := io.ReadFull(r, body); err != nil {
		return err
	}
	c.complete(k, kind, body, 0)
	return nil
}

// receiveData takes data, and no more of it than was asked for.
func (c *channel) receiveData(r *bufio.Reader, k *call, length int64) error {
	var head [4]byte
	if length < 4 {
		return errMalformed
	}
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	announced := int64(binary.BigEndian.Uint32(head[:]))
	if announced > length-4 {
		return errMalformed
	}
	n := int(min(announced, int64(len(k.into))))
	if _, err := io.ReadFull(r, k.into[:n]); err != nil {
		return err
	}
	if _, err := r.Discard(int(length) - 4 - n); err != nil {
		return err
	}
	c.complete(k, typeData, nil, n)
	return nil
}

var (
	errClosed = fault.New(fault.Cancelled, "the sftp channel was closed")
	errLost   = fault.New(fault.Lost, "the sftp channel ended")
)

// end closes the channel once; everything that waits gets why.
func (c *channel) end(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why != nil {
		return
	}
	c.why = why
	for _, k := range c.calls {
		k.err = why
		c.remove(k)
		close(k.done)
	}
	close(c.done)
	c.filled.Broadcast()
	go func() { _ = c.stream.Close() }() // may take its time
}
