package dnsclient

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/miekg/dns"

	"gofab/internal/dnsclient/rdata"
	"gofab/internal/fault"
)

// Options are how a resolver asks.
type Options struct {
	Servers  []Server
	Search   []string
	Ndots    int
	Timeout  time.Duration // for a question with all its tries
	Attempt  time.Duration // for one try
	Retries  int           // rounds over all servers after the first
	Rotate   bool          // begin with any of the servers
	TCP      bool          // ask by TCP at once
	EDNS     int           // the datagram size told to servers; 0: no EDNS
	DNSSEC   bool          // ask for signatures
	CheckOff bool          // ask the server not to validate (CD)
	AD       bool          // ask whether the server has validated
	NoRD     bool          // do not ask for recursion
	Stay     bool          // do not ask again where an alias leads elsewhere
	Ignore   bool          // keep answers that were cut, instead of asking again by TCP
	MixCase  bool          // write names in random case, which forgers have to guess
	Cache    bool          // keep answers as long as they may be kept
	Source   string        // local address
	Key      *Key          // signs questions, transfers and updates
	Security Security
}

// Resolver asks some servers.
type Resolver struct {
	options Options
	pool    *Pool
	cache   *cache // nil without
}

// NewResolver makes a resolver whose sockets belong to a pool.
func NewResolver(pool *Pool, o Options) (*Resolver, error) {
	if len(o.Servers) == 0 {
		return nil, fault.New(fault.Usage, "no name server is given")
	}
	if o.EDNS < 0 || o.EDNS > 65535 || o.EDNS > 0 && o.EDNS < 512 {
		return nil, fault.New(fault.Usage, "edns: %d is no datagram size (512 to 65535, or 0)", o.EDNS)
	}
	r := &Resolver{options: o, pool: pool}
	if o.Cache {
		r.cache = &cache{answers: map[Question]cached{}}
	}
	return r, nil
}

// Options tells how it asks.
func (r *Resolver) Options() Options { return r.options }

// With gives a resolver with other options and the same sockets.
func (r *Resolver) With(change func(*Options)) *Resolver {
	o := r.options
	change(&o)
	return &Resolver{options: o, pool: r.pool}
}

// connectionKey tells which open connections are fit for a server.
func (r *Resolver) connectionKey(s Server) string {
	return fmt.Sprintf("%s %s %+v", s, r.options.Source, r.options.Security)
}

// Attempt is one try of one server.
type Attempt struct {
	Server   string
	Protocol string
	Status   Status
	Problem  string
	Elapsed  time.Duration
}

// Answer is what a question came to.
type Answer struct {
	Question  Question
	Status    Status
	Records   []Record // of the type that was asked, at the end of the aliases
	Chain     []Record // the aliases that led there
	Canonical string   // the name at their end
	Message   *Message // the last one; nil when nobody answered
	Server    string
	Protocol  string
	Elapsed   time.Duration
	Tried     []Attempt
	Security  string // "secure", "insecure", "bogus" when it was validated
	Reason    string // of an answer that is bogus
	Cached    bool   // it was asked for before

	earlier []*Message // those that led to aliases elsewhere
}

// Query asks one question. What servers say, and that they say nothing, is in
// the answer; an error is misuse or the end of ctx.
func (r *Resolver) Query(ctx context.Context, name string, qtype uint16) (*Answer, error) {
	return r.QueryClass(ctx, name, qtype, dns.ClassINET)
}

// QueryClass is Query for other classes than IN.
func (r *Resolver) QueryClass(ctx context.Context, name string, qtype, class uint16) (*Answer, error) {
	absolute, err := Absolute(name)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	limited, stop := ctx, context.CancelFunc(func() {})
	if r.options.Timeout > 0 {
		limited, stop = context.WithTimeout(ctx, r.options.Timeout)
	}
	defer stop()
	a := &Answer{Question: Question{absolute, qtype, class}, Canonical: absolute}
	if r.cache != nil {
		if known := r.cache.find(a.Question, began); known != nil {
			return known, nil
		}
	}
	if err := r.follow(limited, a); err != nil {
		return nil, err
	}
	a.Elapsed = time.Since(began)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if r.cache != nil {
		r.cache.keep(a, began)
	}
	return a, nil
}

// maxAliases bounds the chain of aliases.
const maxAliases = 16

// follow asks, and asks again where the aliases of an answer lead elsewhere.
func (r *Resolver) follow(ctx context.Context, a *Answer) error {
	for {
		if err := r.ask(ctx, a, a.Canonical); err != nil || a.Status != StatusOK {
			return err
		}
		more := a.take()
		if !more || r.options.NoRD || r.options.Stay {
			return nil
		}
		a.earlier = append(a.earlier, a.Message)
	}
}

// take picks what was asked for out of the message, and tells whether there is
// an alias left to follow.
func (a *Answer) take() (more bool) {
	seen := map[string]bool{}
	for _, r := range a.Chain {
		seen[key(r.Name)] = true
	}
	before := len(a.Chain)
	for {
		alias, found := a.pick()
		if found {
			return false
		}
		if alias == nil {
			break
		}
		if seen[key(alias.Name)] || len(a.Chain) >= maxAliases {
			a.Chain, a.Status = append(a.Chain, *alias), StatusLoop
			return false
		}
		seen[key(alias.Name)] = true
		a.Chain = append(a.Chain, *alias)
		a.Canonical = alias.str("target")
	}
	if len(a.Chain) > before && len(a.Message.Authority) == 0 {
		return true
	}
	a.Status = StatusNoData
	return len(a.Chain) > before && !a.negative()
}

// negative tells whether the message says that there is no such record: it
// carries the SOA of the zone, and no referral.
func (a *Answer) negative() bool {
	for _, r := range a.Message.Authority {
		if r.Type == dns.TypeSOA {
			return true
		}
	}
	return false
}

// pick looks for the records at the canonical name, or for an alias.
func (a *Answer) pick() (alias *Record, found bool) {
	q := a.Question
	for i, r := range a.Message.Answer {
		switch {
		case !SameName(r.Name, a.Canonical) || r.Class != q.Class && q.Class != dns.ClassANY:
		case r.Type == q.Type || q.Type == dns.TypeANY:
			a.Records = append(a.Records, r)
		case r.Type == dns.TypeCNAME:
			alias = &a.Message.Answer[i]
		}
	}
	return alias, len(a.Records) > 0
}

// MinTTL is how long the answer may be kept: the least of its records, or what
// the zone says of names that are not there (RFC 2308).
func (a *Answer) MinTTL() uint32 {
	least, found := uint32(0), false
	keep := func(ttl uint32) {
		if !found || ttl < least {
			least, found = ttl, true
		}
	}
	for _, r := range a.Chain {
		keep(r.TTL)
	}
	for _, r := range a.Records {
		keep(r.TTL)
	}
	if len(a.Records) == 0 && a.Message != nil {
		for _, r := range a.Message.Authority {
			if r.Type == dns.TypeSOA {
				keep(min(r.TTL, uint32(r.num("minimum"))))
			}
		}
	}
	return least
}

// mixCase changes the case of letters at random.
func mixCase(name []byte) {
	for i, c := range name {
		if c|0x20 >= 'a' && c|0x20 <= 'z' && rand.Uint32()&1 == 0 {
			name[i] ^= 0x20
		}
	}
}

// Type reads the mnemonic of a type.
func Type(name string) (uint16, error) {
	if code, ok := rdata.TypeCode(name); ok {
		return code, nil
	}
	return 0, unknownType(name)
}

// TypeName gives the mnemonic of a type.
func TypeName(code uint16) string { return rdata.TypeName(code) }

// TypeNames lists all mnemonics.
func TypeNames() []string { return rdata.TypeNames() }
