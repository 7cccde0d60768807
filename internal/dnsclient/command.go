package dnsclient

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/miekg/dns"

	"gofab/internal/fault"
)

// Notify tells the first server that a zone has changed (RFC 1996).
func (r *Resolver) Notify(ctx context.Context, zone string) error {
	name, err := packName(zone)
	if err != nil {
		return err
	}
	b := make([]byte, 12)
	binary.BigEndian.PutUint16(b, uint16(rand.Uint32()))
	b[2], b[5] = dns.OpcodeNotify<<3|flagAA>>8, 1
	b = append(append(b, name...), 0, byte(dns.TypeSOA), 0, byte(dns.ClassINET))
	return r.command(ctx, b, fmt.Sprintf("notify of %s", zone))
}

// command sends a message that is no question, and makes an error of a refusal.
// Small ones go by UDP and are sent again when nothing comes.
func (r *Resolver) command(ctx context.Context, b []byte, what string) error {
	server := r.options.Servers[0]
	protocol := server.Protocol
	if protocol == UDP && (r.options.TCP || len(b) > 1200) {
		protocol = TCP
	}
	limited, stop := context.WithTimeout(ctx, r.options.Timeout)
	defer stop()
	_, end, _ := nameAt(b)
	q := &request{id: binary.BigEndian.Uint16(b), wire: b, nameEnd: end}
	var err error
	for try := range r.options.Retries + 1 {
		attempt, end := r.limit(limited, r.options.Retries+1-try)
		err = r.commandOnce(attempt, server, protocol, *q)
		end()
		if p := (problem{}); err == nil || ctx.Err() != nil || !errors.As(err, &p) || p.status != StatusTimeout || limited.Err() != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return commandError(err, what, server)
		}
	}
	return commandError(err, what, server)
}

func (r *Resolver) commandOnce(ctx context.Context, s Server, protocol string, q request) error {
	var check *verifier
	if k := r.options.Key; k != nil {
		signed, mac := k.sign(q.wire, time.Now())
		q.wire, check = signed, &verifier{key: k, prior: mac}
	}
	b, err := r.send(ctx, s, protocol, &q)
	if err != nil {
		return err
	}
	m, err := readMessage(b)
	if err != nil {
		return problem{StatusMalformed, err.Error()}
	}
	if check != nil {
		if err := check.verify(b, time.Now()); err != nil && (m.Rcode == 0 || m.Rcode == dns.RcodeNotAuth) {
			return err
		}
	}
	if m.Rcode != dns.RcodeSuccess {
		return problem{rcodeStatus(m.Rcode), problemText(m)}
	}
	return nil
}

func commandError(err error, what string, s Server) error {
	var p problem
	if err == nil || !errors.As(err, &p) {
		return err
	}
	return fault.New(p.status.Kind(), "%s at %s: %s", what, s, p.text)
}
