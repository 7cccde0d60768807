package dnsclient_test

import (
	"context"
	"encoding/binary"
	"net"
	"testing"
	"time"

	"gofab/internal/dnsclient"
	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// liar is a name server in this process that answers what a test wants: by UDP
// each datagram is changed by reply (nil sends nothing), by TCP stream has the
// connection for itself after the question was read.
type liar struct {
	reply  func(question []byte) [][]byte
	stream func(conn net.Conn, question []byte)
}

func (l liar) start(t testing.TB) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", conn.LocalAddr().String())
	if err != nil {
		conn.Close()
		return l.start(t) // somebody has that port for TCP
	}
	t.Cleanup(func() { conn.Close(); listener.Close() })
	go l.datagrams(conn)
	go l.streams(listener)
	return conn.LocalAddr().String()
}

func (l liar) datagrams(conn net.PacketConn) {
	b := make([]byte, 4096)
	for {
		n, from, err := conn.ReadFrom(b)
		if err != nil {
			return
		}
		if l.reply == nil {
			continue
		}
		for _, answer := range l.reply(append([]byte{}, b[:n]...)) {
			conn.WriteTo(answer, from)
		}
	}
}

func (l liar) streams(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			b := make([]byte, 4096)
			n, err := conn.Read(b)
			if err == nil && l.stream != nil && n > 2 {
				l.stream(conn, b[2:n])
			}
		}()
	}
}

// answer makes an honest answer with records behind it; EDNS is cut off.
func honest(question []byte, count int, records ...byte) []byte {
	end := 12
	for question[end] != 0 {
		end += int(question[end]) + 1
	}
	end += 5
	b := append([]byte{}, question[:end]...)
	b[2] |= 0x80
	b[7], b[11] = byte(count), 0
	return append(b, records...)
}

// address is an A record for the name of the question.
var address = []byte{0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1}

func with(b []byte, change func([]byte)) []byte { change(b); return b }

func TestHostileDatagrams(t *testing.T) {
	for name, c := range map[string]struct {
		reply  func(q []byte) []byte
		status dnsclient.Status
	}{
		"honest":              {func(q []byte) []byte { return honest(q, 1, address...) }, "ok"},
		"nothing":             {func(q []byte) []byte { return []byte{} }, "malformed"},
		"header alone":        {func(q []byte) []byte { return with(honest(q, 0)[:12], func(b []byte) { b[5] = 0 }) }, "malformed"},
		"wrong ID":            {func(q []byte) []byte { return with(honest(q, 1, address...), func(b []byte) { b[0]++ }) }, "malformed"},
		"wrong name":          {func(q []byte) []byte { return with(honest(q, 1, address...), func(b []byte) { b[13]++ }) }, "malformed"},
		"wrong type":          {func(q []byte) []byte { b := honest(q, 0); b[len(b)-3] = 28; return b }, "malformed"},
		"the question itself": {func(q []byte) []byte { return q }, "malformed"},
		"wrong opcode":        {func(q []byte) []byte { return with(honest(q, 1, address...), func(b []byte) { b[2] |= 0x28 }) }, "malformed"},
		"more than there is":  {func(q []byte) []byte { return honest(q, 200, address...) }, "malformed"},
		"less than there is":  {func(q []byte) []byte { return honest(q, 0, address...) }, "malformed"},
		"half a record":       {func(q []byte) []byte { return honest(q, 1, address[:13]...) }, "malformed"},
		"rdata too short":     {func(q []byte) []byte { return honest(q, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 3, 192, 0, 2) }, "malformed"},
		"rdata too long":      {func(q []byte) []byte { return honest(q, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 255, 255, 1) }, "malformed"},
		"pointer to itself": {func(q []byte) []byte {
			b := honest(q, 1)
			return append(b, 0xc0|byte(len(b)>>8), byte(len(b)), 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 1, 2, 3, 4)
		}, "malformed"},
		"pointer ahead": {func(q []byte) []byte { return honest(q, 1, 0xc0, 200, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 1, 2, 3, 4) }, "malformed"},
		"alias to itself": {func(q []byte) []byte {
			return honest(q, 1, 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, 12)
		}, "loop"},
		"somebody else's record": {func(q []byte) []byte {
			return honest(q, 1, 1, 'x', 0, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1)
		}, "nodata"},
		"refused without question": {func(q []byte) []byte {
			return with(honest(q, 0)[:12], func(b []byte) { b[5], b[3] = 0, 5 })
		}, "refused"},
		"unknown response code": {func(q []byte) []byte { return with(honest(q, 0), func(b []byte) { b[3] = 15 }) }, "rcode15"},
		"not implemented":       {func(q []byte) []byte { return with(honest(q, 0), func(b []byte) { b[3] = 4 }) }, "notimp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := liar{reply: func(q []byte) [][]byte { return [][]byte{c.reply(q)} }}.start(t)
			limit := 30 * time.Second
			if c.status == "malformed" { // what is passed over is told when the time is up
				limit = time.Second
			}
			r := resolver(t, server, func(o *dnsclient.Options) { o.Timeout, o.Retries = limit, 0 })
			if a := query(t, r, "www.example.test", "A"); a.Status != c.status {
				t.Errorf("%s, want %s: %+v", a.Status, c.status, a.Tried)
			}
		})
	}
}

// TestForgeriesArePassedOver: wrong answers that come first do not keep the
// right one out, and servers that do not know EDNS are asked without it.
func TestForgeriesArePassedOver(t *testing.T) {
	server := liar{reply: func(q []byte) [][]byte {
		if q[11] == 1 {
			return [][]byte{with(honest(q, 0), func(b []byte) { b[3] = 1 })} // FORMERR
		}
		good := honest(q, 1, address...)
		return [][]byte{{}, with(append([]byte{}, good...), func(b []byte) { b[1]++ }), with(append([]byte{}, good...), func(b []byte) { b[14]++ }), good}
	}}.start(t)
	if a := query(t, resolver(t, server, nil), "www.example.test", "A"); a.Status != "ok" || a.Records[0].Text != "192.0.2.1" {
		t.Errorf("%+v", a)
	}
}

func TestHostileStreams(t *testing.T) {
	frame := func(b []byte) []byte { return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...) }
	for name, c := range map[string]struct {
		stream func(conn net.Conn, q []byte)
		status dnsclient.Status
	}{
		"honest":             {func(conn net.Conn, q []byte) { conn.Write(frame(honest(q, 1, address...))) }, "ok"},
		"closed at once":     {func(conn net.Conn, q []byte) {}, "malformed"},
		"half a length":      {func(conn net.Conn, q []byte) { conn.Write([]byte{0}) }, "malformed"},
		"half a message":     {func(conn net.Conn, q []byte) { conn.Write(frame(honest(q, 1, address...))[:30]) }, "malformed"},
		"an empty message":   {func(conn net.Conn, q []byte) { conn.Write([]byte{0, 0}) }, "malformed"},
		"another's answer":   {func(conn net.Conn, q []byte) { conn.Write(frame(with(honest(q, 0), func(b []byte) { b[0]++ }))) }, "malformed"},
		"silence":            {func(conn net.Conn, q []byte) { conn.Read(make([]byte, 1)) }, "timeout"},
		"endless garbage":    {func(conn net.Conn, q []byte) { flood(conn) }, "malformed"},
		"one byte, and then": {func(conn net.Conn, q []byte) { conn.Write([]byte{0xff, 0xff, 1}); conn.Read(make([]byte, 1)) }, "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cut := func(q []byte) [][]byte { return [][]byte{with(honest(q, 0), func(b []byte) { b[2] |= 2 })} }
			server := liar{reply: cut, stream: c.stream}.start(t)
			limit := 30 * time.Second
			if c.status == "timeout" {
				limit = 300 * time.Millisecond
			}
			r := resolver(t, server, func(o *dnsclient.Options) { o.Timeout, o.Retries = limit, 0 })
			if a := query(t, r, "www.example.test", "A"); a.Status != c.status {
				t.Errorf("%s, want %s: %+v", a.Status, c.status, a.Tried)
			}
		})
	}
}

func flood(conn net.Conn) {
	garbage := make([]byte, 65536)
	for i := range garbage {
		garbage[i] = 0xff
	}
	for {
		if _, err := conn.Write(garbage); err != nil {
			return
		}
	}
}

func TestHostileTransfers(t *testing.T) {
	frame := func(b []byte) []byte { return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...) }
	soa := append([]byte{0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 60, 0, 24, 0xc0, 12, 0xc0, 12, 0, 0, 0, 7}, make([]byte, 16)...)
	for name, stream := range map[string]func(conn net.Conn, q []byte){
		"no SOA first": func(conn net.Conn, q []byte) { conn.Write(frame(honest(q, 1, address...))) },
		"empty":        func(conn net.Conn, q []byte) { conn.Write(frame(honest(q, 0))) },
		"no end":       func(conn net.Conn, q []byte) { conn.Write(frame(honest(q, 1, soa...))) },
		"behind the end": func(conn net.Conn, q []byte) {
			conn.Write(frame(honest(q, 3, append(append(append([]byte{}, soa...), soa...), address...)...)))
		},
		"endless": func(conn net.Conn, q []byte) {
			endless(conn, frame(honest(q, 1, soa...)), frame(honest(q, 1, address...)))
		},
		"refused": func(conn net.Conn, q []byte) { conn.Write(frame(with(honest(q, 0), func(b []byte) { b[3] = 5 }))) },
		"silence": func(conn net.Conn, q []byte) { conn.Read(make([]byte, 1)) },
		"malformed later": func(conn net.Conn, q []byte) {
			conn.Write(append(frame(honest(q, 1, soa...)), frame(honest(q, 1, 1))...))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := liar{stream: stream}.start(t)
			r := resolver(t, server, func(o *dnsclient.Options) { o.Timeout = 300 * time.Millisecond })
			transfer, err := r.Transfer(t.Context(), "example.test", -1)
			count := 0
			for ok := true; ok && err == nil && count < 5000; count++ {
				_, ok, err = transfer.Next(t.Context())
			}
			if err == nil && count < 5000 {
				t.Error("the transfer was taken for complete")
			}
		})
	}
}

func endless(conn net.Conn, first, then []byte) {
	_, err := conn.Write(first)
	for err == nil {
		_, err = conn.Write(then)
	}
}

// TestNothingIsLeft: no goroutine stays behind a question that was given up.
func TestNothingIsLeft(t *testing.T) {
	testenv.Goroutines(t)
	server := liar{}.start(t)
	r := resolver(t, server, func(o *dnsclient.Options) { o.Timeout, o.Retries = 100*time.Millisecond, 3 })
	if a := query(t, r, "www.example.test", "A"); a.Status != "timeout" || len(a.Tried) != 4 {
		t.Errorf("%+v", a)
	}
}

// TestTheEndOfTheContextEndsAll: whatever is under way returns when its context
// ends, and that is an error, not an answer.
func TestTheEndOfTheContextEndsAll(t *testing.T) {
	testenv.Goroutines(t)
	asked := make(chan struct{}, 10)
	silent := liar{
		reply:  func([]byte) [][]byte { asked <- struct{}{}; return nil },
		stream: func(conn net.Conn, _ []byte) { asked <- struct{}{}; conn.Read(make([]byte, 1)) },
	}.start(t)
	r := resolver(t, silent, func(o *dnsclient.Options) { o.Timeout = time.Hour })
	byTCP := r.With(func(o *dnsclient.Options) { o.TCP = true })
	for name, call := range map[string]func(ctx context.Context) error{
		"query":    func(ctx context.Context) error { _, err := r.Query(ctx, "x.test", 1); return err },
		"tcp":      func(ctx context.Context) error { _, err := byTCP.Query(ctx, "x.test", 1); return err },
		"validate": func(ctx context.Context) error { _, err := r.Validate(ctx, "x.test", 1, nil); return err },
		"check":    func(ctx context.Context) error { _, err := r.Check(ctx, "x.test", 1, nil, 0); return err },
		"notify":   func(ctx context.Context) error { return r.Notify(ctx, "x.test") },
		"update": func(ctx context.Context) error {
			return r.Update(ctx, dnsclient.Update{Zone: "x.test", Delete: []string{"a"}})
		},
		"transfer": func(ctx context.Context) error {
			transfer, err := r.Transfer(ctx, "x.test", -1)
			if err == nil {
				_, _, err = transfer.Next(ctx)
			}
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- call(ctx) }()
		<-asked
		cancel()
		if err := <-done; fault.KindOf(err) != fault.Cancelled {
			t.Errorf("%s: %v", name, err)
		}
	}
}
