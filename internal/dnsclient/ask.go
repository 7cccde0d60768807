package dnsclient

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/miekg/dns"

	"gofab/internal/dnsclient/rdata"
	"gofab/internal/fault"
	"gofab/internal/suggest"
)

func unknownType(name string) error {
	e := fault.New(fault.Usage, "unknown record type %q", name)
	if near := suggest.Nearest(name, rdata.TypeNames()); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return e
}

// ask asks the servers one after the other until one knows. Servers that
// answered with a failure are not asked again; those that did not answer are.
func (r *Resolver) ask(ctx context.Context, a *Answer, name string) error {
	wire, err := packName(name)
	if err != nil {
		return err
	}
	servers := r.order()
	refused := make([]bool, len(servers))
	a.Status, a.Message = StatusTimeout, nil
	for round := range r.options.Retries + 1 {
		for i, s := range servers {
			if refused[i] || round > 0 && ctx.Err() != nil {
				continue
			}
			tries := len(servers) * (r.options.Retries + 1 - round)
			if err := r.try(ctx, a, s, Question{name, a.Question.Type, a.Question.Class}, wire, tries); err != nil {
				return err
			}
			if !a.Status.failed() {
				return nil
			}
			refused[i] = a.Tried[len(a.Tried)-1].Status.heard()
		}
	}
	return nil
}

// order gives the servers in the order in which they are asked.
func (r *Resolver) order() []Server {
	servers := r.options.Servers
	if !r.options.Rotate || len(servers) < 2 {
		return servers
	}
	first := rand.IntN(len(servers))
	return append(append([]Server{}, servers[first:]...), servers[:first]...)
}

// try asks one server. A failure does not replace a better one of before: that
// a server answered tells more than that another did not.
func (r *Resolver) try(ctx context.Context, a *Answer, s Server, q Question, wire []byte, tries int) error {
	began := time.Now()
	limited, stop := r.limit(ctx, tries)
	m, protocol, err := r.exchange(limited, s, q, wire)
	stop()
	t := Attempt{Server: s.String(), Protocol: protocol, Elapsed: time.Since(began)}
	var p problem
	switch {
	case errors.As(err, &p):
		t.Status, t.Problem = p.status, p.text
	case err != nil && fault.KindOf(err) == fault.Unreachable:
		t.Status, t.Problem = StatusUnreachable, err.Error()
	case err != nil:
		return err
	default:
		t.Status = rcodeStatus(m.Rcode)
		if t.Status.failed() {
			t.Problem = problemText(m)
		}
	}
	a.Tried = append(a.Tried, t)
	if m != nil || a.Message == nil {
		a.Status, a.Message, a.Server, a.Protocol = t.Status, m, t.Server, protocol
	}
	if t.Status == StatusNXDomain {
		a.alongAliases()
	}
	return nil
}

// alongAliases keeps the aliases of a message that ends with "no such name".
func (a *Answer) alongAliases() {
	a.take()
	a.Status = StatusNXDomain
}

// limit is the time for one try: what the options say, and never more than a
// fair part of what is left.
func (r *Resolver) limit(ctx context.Context, tries int) (context.Context, context.CancelFunc) {
	attempt := r.options.Attempt
	if deadline, ok := ctx.Deadline(); ok {
		if part := time.Until(deadline) / time.Duration(max(1, tries)); attempt <= 0 || part < attempt {
			attempt = part
		}
	}
	if attempt == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, attempt)
}

// exchange puts one question to one server: without EDNS where the server does
// not know it, and over TCP where the answer was cut.
func (r *Resolver) exchange(ctx context.Context, s Server, q Question, wire []byte) (m *Message, protocol string, err error) {
	protocol = s.Protocol
	if protocol == UDP && (r.options.TCP || q.Type == dns.TypeAXFR) {
		protocol = TCP
	}
	payload := r.options.EDNS
	for {
		m, err = r.once(ctx, s, protocol, q, wire, payload)
		switch {
		case err != nil:
			return nil, protocol, err
		case payload > 0 && (m.Rcode == dns.RcodeFormatError || m.Rcode == dns.RcodeNotImplemented || m.Rcode == dns.RcodeBadVers) && m.EDNS == nil:
			payload = 0
		case m.Has("tc") && protocol == UDP && !r.options.Ignore:
			protocol = TCP
		default:
			return m, protocol, nil
		}
	}
}

// once sends one message and reads one.
func (r *Resolver) once(ctx context.Context, s Server, protocol string, q Question, wire []byte, payload int) (*Message, error) {
	request := newRequest(uint16(rand.Uint32()), q, wire, r.flags(), payload, r.options.DNSSEC)
	if r.options.MixCase {
		mixCase(request.wire[12:request.nameEnd])
		request.exact = true
	}
	var check *verifier
	if k := r.options.Key; k != nil {
		signed, mac := k.sign(request.wire, time.Now())
		request.wire, check = signed, &verifier{key: k, prior: mac}
	}
	b, err := r.send(ctx, s, protocol, request)
	if err == nil && check != nil {
		err = check.verify(b, time.Now())
	}
	if err != nil {
		return nil, err
	}
	m, err := readMessage(b)
	if err != nil {
		return nil, problem{StatusMalformed, err.Error()}
	}
	return m, nil
}

func (r *Resolver) send(ctx context.Context, s Server, protocol string, q *request) ([]byte, error) {
	switch protocol {
	case HTTPS:
		return r.exchangeHTTPS(ctx, s, q)
	case UDP:
		at, err := s.at(ctx)
		if err != nil {
			return nil, err
		}
		return r.pool.datagram(ctx, route{at, r.options.Source}, q)
	}
	s.Protocol = protocol
	return r.exchangeStream(ctx, s, q)
}

func (r *Resolver) flags() uint16 {
	flags := uint16(flagRD)
	if r.options.NoRD {
		flags = 0
	}
	if r.options.CheckOff {
		flags |= flagCD
	}
	if r.options.AD {
		flags |= flagAD
	}
	return flags
}
