package dns

import (
	"time"

	"gofab/bindings/kit"
	"gofab/internal/dnsclient"
	"gofab/internal/fault"
)

// validation asks for proof.
type validation struct {
	Validate bool     `lua:"validate" default:"false" doc:"Check the signatures (DNSSEC) here, up to a trust anchor; a wrong one raises."`
	Anchors  []string `lua:"anchors" default:"" doc:"Trust anchors: DS or DNSKEY records as lines of a zone file; those of the root of the Internet when empty."`
}

func (v validation) validate(c *kit.Call, engine *dnsclient.Resolver, name string, code uint16) (*dnsclient.Answer, error) {
	lines := v.Anchors
	if len(lines) == 0 {
		lines = dnsclient.RootAnchors
	}
	var anchors []dnsclient.Record
	for _, line := range lines {
		r, err := dnsclient.ParseRecord(line, ".", 0)
		if err != nil {
			return nil, fault.Wrap(fault.Usage, err, "anchors")
		}
		anchors = append(anchors, r)
	}
	return engine.Validate(c.Context, name, code, anchors)
}

type checkArgs struct {
	Name    string         `lua:"name,arg1" doc:"Domain name."`
	Type    string         `lua:"type,arg2" default:"A" doc:"Record type."`
	Expect  *[]string      `lua:"expect" doc:"The records that there must be, as text, and no others; {} for none."`
	MaxTime *time.Duration `lua:"max_time" doc:"A server that takes longer has a problem."`
	settings
}

type verdict struct {
	OK       bool     `lua:"ok" doc:"All is well."`
	Problems []string `lua:"problems" doc:"What is not, in words."`
	Agree    bool     `lua:"agree" doc:"All servers that answered gave the same."`
	Serials  bool     `lua:"same_serial" doc:"All servers have the same serial of the zone."`
	Slowest  float64  `lua:"slowest" doc:"Seconds of the slowest server."`
	Servers  []probe  `lua:"servers" doc:"What each server said."`
}

type probe struct {
	Server  string   `lua:"server" doc:"The server."`
	OK      bool     `lua:"ok" doc:"It has no problem of its own."`
	Status  string   `lua:"status" doc:"What it answered: ok, nxdomain, timeout, ..."`
	Records []string `lua:"records" doc:"Its records as text, sorted."`
	Serial  *int64   `lua:"serial" doc:"Serial of the zone there; nil when it told none."`
	Elapsed float64  `lua:"elapsed" doc:"Seconds that it took."`
	Missing []string `lua:"missing" doc:"Expected and not there."`
	Extra   []string `lua:"extra" doc:"There and not expected."`
	Problem string   `lua:"problem" doc:"What is wrong, in words; empty when nothing is."`
}

func check(c *kit.Call, a checkArgs) (verdict, error) {
	engine, err := a.open(c)
	if err != nil {
		return verdict{}, err
	}
	code, err := dnsclient.Type(a.Type)
	if err != nil {
		return verdict{}, err
	}
	var expect []string
	if a.Expect != nil {
		expect = append([]string{}, *a.Expect...)
	}
	slow := time.Duration(0)
	replace(&slow, a.MaxTime)
	v, err := engine.Check(c.Context, a.Name, code, expect, slow)
	if err != nil {
		return verdict{}, err
	}
	out := verdict{OK: v.OK, Problems: v.Problems, Agree: v.Agree, Serials: v.Serials, Slowest: v.Slowest.Seconds(), Servers: []probe{}}
	for _, p := range v.Probes {
		one := probe{Server: p.Server, OK: p.Problem == "", Status: string(p.Status), Records: p.Texts, Elapsed: p.Elapsed.Seconds(),
			Missing: p.Missing, Extra: p.Extra, Problem: p.Problem}
		if p.Serial >= 0 {
			one.Serial = &p.Serial
		}
		out.Servers = append(out.Servers, one)
	}
	return out, nil
}

type traceArgs struct {
	Name    string        `lua:"name,arg1" doc:"Domain name."`
	Type    string        `lua:"type,arg2" default:"A" doc:"Record type."`
	Roots   []string      `lua:"roots" default:"" doc:"Servers to begin with, each an address or \"name address\"; those of the Internet when empty."`
	Port    int           `lua:"port" default:"53" doc:"Port of all servers."`
	Timeout time.Duration `lua:"timeout" default:"30s" doc:"Limit for the whole way."`
	EDNS    int           `lua:"edns" default:"1232" doc:"Size of answers that is offered for UDP; 0 leaves EDNS out."`
}

type step struct {
	Zone     string  `lua:"zone" doc:"The zone whose server was asked."`
	Server   string  `lua:"server" doc:"Name of the server."`
	Address  string  `lua:"address" doc:"Address of the server."`
	Status   string  `lua:"status" doc:"What it answered."`
	Referral []row   `lua:"referral" doc:"The NS records that lead on."`
	Answer   []row   `lua:"answer" doc:"The answer, with aliases."`
	Elapsed  float64 `lua:"elapsed" doc:"Seconds that it took."`
	Problem  string  `lua:"problem" doc:"What was wrong; empty when nothing was."`
}

func trace(c *kit.Call, a traceArgs) ([]step, error) {
	s := settings{Timeout: a.Timeout, EDNS: a.EDNS, Recurse: false, Verify: true, ResolvConf: "/etc/resolv.conf"}
	engine, err := s.open(c)
	if err != nil {
		return nil, err
	}
	code, err := dnsclient.Type(a.Type)
	if err != nil {
		return nil, err
	}
	steps, err := engine.Trace(c.Context, a.Name, code, dnsclient.ParseRoots(a.Roots), a.Port)
	out := make([]step, len(steps))
	for i, s := range steps {
		out[i] = step{s.Zone, s.Server, s.Address, string(s.Status), rowsOf(s.Referral), rowsOf(s.Answer), s.Elapsed.Seconds(), s.Problem}
	}
	return out, err
}
