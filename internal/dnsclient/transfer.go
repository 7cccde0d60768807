package dnsclient

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"github.com/miekg/dns"

	"gofab/internal/fault"
)

// Transfer is a zone on its way: records come one by one, in the order the
// server sends them, the SOA first and, other than over the wire, once. The connection is closed at its end, by Close, and with
// the pool.
type Transfer struct {
	pool     *Pool
	conn     net.Conn
	request  *request
	zone     string
	server   string
	first    *Record  // the SOA that it begins with, and ends with
	batch    []Record // read but not given out
	count    int
	done     bool
	since    int64 // the serial that was asked from, for IXFR
	deltas   int   // how often the first SOA must come until the end
	verifier *verifier
	timeout  time.Duration
}

// Transfer asks a server for a whole zone (AXFR), or for what has changed since
// a serial (IXFR) when since is not negative. The timeout is for each message.
func (r *Resolver) Transfer(ctx context.Context, zone string, since int64) (*Transfer, error) {
	name, err := Absolute(zone)
	if err != nil {
		return nil, err
	}
	server := r.options.Servers[0]
	t := &Transfer{pool: r.pool, zone: name, server: server.String(), timeout: r.options.Timeout, since: since}
	if err := t.ask(r); err != nil {
		return nil, err
	}
	if server.Protocol == UDP {
		server.Protocol = TCP
	}
	limited, stop := context.WithTimeout(ctx, r.options.Timeout)
	defer stop()
	if t.conn, err = r.options.dial(limited, server); err != nil {
		return nil, t.problem(ctx, networkProblem(limited, err, ""))
	}
	r.pool.track(t.conn)
	release := until(limited, t.conn)
	defer release()
	if err := writeStream(t.conn, t.request.wire); err != nil {
		_ = t.Close()
		return nil, t.problem(ctx, networkProblem(limited, err, ""))
	}
	return t, nil
}

// ask writes the question, with the SOA that is known for IXFR.
func (t *Transfer) ask(r *Resolver) error {
	wire, err := packName(t.zone)
	if err != nil {
		return err
	}
	q := Question{t.zone, dns.TypeAXFR, dns.ClassINET}
	if t.since >= 0 {
		q.Type = dns.TypeIXFR
	}
	t.request = newRequest(uint16(rand.Uint32()), q, wire, 0, 0, false)
	if t.since >= 0 {
		soa := binary.BigEndian.AppendUint32([]byte{0, 0}, uint32(t.since))
		soa = append(soa, make([]byte, 16)...)
		t.request.wire = appendRecord(t.request.wire, wire, dns.TypeSOA, dns.ClassINET, 0, soa)
		t.request.wire[9] = 1
	}
	if k := r.options.Key; k != nil {
		signed, mac := k.sign(t.request.wire, time.Now())
		t.request.wire, t.verifier = signed, &verifier{key: k, prior: mac}
	}
	return nil
}

// Close ends the transfer.
func (t *Transfer) Close() error {
	t.done = true
	t.pool.forget(t.conn)
	return t.conn.Close()
}

// Next gives the next record; ok is false at the end.
func (t *Transfer) Next(ctx context.Context) (r Record, ok bool, err error) {
	for len(t.batch) == 0 {
		if t.done {
			return Record{}, false, nil
		}
		if err := t.receive(ctx); err != nil {
			_ = t.Close()
			return Record{}, false, err
		}
	}
	r = t.batch[0]
	t.batch = t.batch[1:]
	return r, true, nil
}

// receive reads one message and checks it.
func (t *Transfer) receive(ctx context.Context) error {
	limited, stop := context.WithTimeout(ctx, t.timeout)
	defer stop()
	release := until(limited, t.conn)
	defer release()
	b, err := readStream(t.conn)
	if err != nil {
		return t.problem(ctx, networkProblem(limited, err, ""))
	}
	if len(b) < 12 || binary.BigEndian.Uint16(b) != t.request.id {
		return t.problem(ctx, problem{StatusMalformed, "an answer had another ID"})
	}
	m, err := readMessage(b)
	if err != nil {
		return t.problem(ctx, problem{StatusMalformed, err.Error()})
	}
	if t.verifier != nil {
		if err := t.verifier.verify(b, time.Now()); err != nil {
			return t.problem(ctx, err)
		}
	}
	if m.Rcode != dns.RcodeSuccess {
		return t.problem(ctx, problem{rcodeStatus(m.Rcode), problemText(m)})
	}
	return t.keep(ctx, m.Answer)
}

// keep takes the records of a message and looks for the end: the SOA that came
// first comes again, and with differences once more than there are steps.
func (t *Transfer) keep(ctx context.Context, records []Record) error {
	if len(records) == 0 {
		return t.problem(ctx, problem{StatusMalformed, "a message of the transfer is empty"})
	}
	for i := range records {
		r := records[i]
		if t.done {
			return t.problem(ctx, problem{StatusMalformed, "there are records behind the end of the zone"})
		}
		t.count++
		t.batch = append(t.batch, r)
		if err := t.watch(ctx, r); err != nil {
			return err
		}
	}
	if t.count == 1 && t.since >= 0 && serialNewer(t.since, t.first.num("serial")) {
		t.finish() // one SOA alone: nothing has changed
	}
	if t.done && t.verifier != nil && !t.verifier.signed {
		return t.problem(ctx, problem{"badsig", "the end of the zone is not signed"})
	}
	return nil
}

func (t *Transfer) watch(ctx context.Context, r Record) error {
	switch {
	case t.first == nil && (r.Type != dns.TypeSOA || !SameName(r.Name, t.zone)):
		return t.problem(ctx, problem{StatusMalformed, "the transfer does not begin with the SOA of the zone"})
	case t.first == nil:
		t.first, t.deltas = &r, 1
	case r.Type != dns.TypeSOA:
	case t.count == 2 && t.since >= 0 && r.num("serial") != t.first.num("serial"):
		t.deltas = 2 // differences: the newest serial also begins the last additions
	case SameName(r.Name, t.zone) && r.num("serial") == t.first.num("serial"):
		if t.deltas--; t.deltas == 0 {
			t.finish()
			if t.since < 0 {
				t.batch = t.batch[:len(t.batch)-1] // it has been given out as the first
			}
		}
	}
	return nil
}

func (t *Transfer) finish() {
	t.done = true
	t.pool.forget(t.conn)
	t.conn.Close()
}

// problem makes an error of what went wrong.
func (t *Transfer) problem(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	what := fmt.Sprintf("transfer of %s from %s", t.zone, t.server)
	p, ok := err.(problem)
	if !ok {
		return fault.Wrap(fault.KindOf(err), err, "%s", what)
	}
	e := fault.New(p.status.Kind(), "%s: %s", what, p.text)
	if p.status == StatusRefused || p.status == "notauth" {
		return e.WithHint("the server must allow the transfer to this address or key")
	}
	return e
}

// Change is one step of an incremental transfer, or the whole zone.
type Change struct {
	Whole    bool // Added is the zone as it is now
	From, To int64
	Removed  []Record
	Added    []Record
}

// Changes reads a transfer since a serial to its end.
func (t *Transfer) Changes(ctx context.Context) ([]Change, error) {
	var records []Record
	for {
		r, ok, err := t.Next(ctx)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		records = append(records, r)
	}
	if len(records) < 2 {
		return []Change{}, nil // the SOA alone
	}
	newest, body := records[0].num("serial"), records[1:len(records)-1]
	if len(body) == 0 || body[0].Type != dns.TypeSOA {
		return []Change{{Whole: true, To: newest, Added: records[:len(records)-1]}}, nil
	}
	return steps(body), nil
}

// steps cuts the differences at their SOAs: the one before what was removed,
// the one before what was added, and again.
func steps(body []Record) []Change {
	changes := []Change{}
	added := true
	for _, r := range body {
		switch last := len(changes) - 1; {
		case r.Type == dns.TypeSOA && added:
			changes, added = append(changes, Change{From: r.num("serial")}), false
		case r.Type == dns.TypeSOA:
			changes[last].To, added = r.num("serial"), true
		case added:
			changes[last].Added = append(changes[last].Added, r)
		default:
			changes[last].Removed = append(changes[last].Removed, r)
		}
	}
	return changes
}

// serialNewer compares serials as RFC 1982 does: a is b, or comes after it.
func serialNewer(a, b int64) bool { return int32(uint32(a)-uint32(b)) >= 0 }

// track keeps a connection in mind until forget, so that the end of the run
// closes it.
func (p *Pool) track(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[c] = struct{}{}
}

func (p *Pool) forget(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}
