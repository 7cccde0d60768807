package dns

import (
	"strings"
	"time"

	"gofab/internal/dnsclient"
	"gofab/internal/fault"
)

// row is a record as a table.
type row = map[string]any

func rowOf(r dnsclient.Record) row {
	t := make(row, 5+len(r.Fields))
	for _, f := range r.Fields {
		t[f.Name] = f.Value
	}
	t["name"], t["type"], t["class"], t["ttl"], t["text"] = r.Name, r.TypeName(), dnsclient.ClassName(r.Class), r.TTL, r.Text
	return t
}

func rowsOf(records []dnsclient.Record) []row {
	rows := make([]row, len(records))
	for i, r := range records {
		rows[i] = rowOf(r)
	}
	return rows
}

// answer is what a question came to.
type answer struct {
	Status     string  `lua:"status" doc:"ok, nxdomain (no such name), nodata (no record of this type), servfail, refused, timeout, unreachable, malformed, loop, bogus."`
	Rcode      string  `lua:"rcode" doc:"Response code of the server: NOERROR, NXDOMAIN, ...; empty when nobody answered."`
	Name       string  `lua:"name" doc:"The name that was asked for."`
	Type       string  `lua:"type" doc:"The type that was asked for."`
	Records    []row   `lua:"records" doc:"The records of this type."`
	Canonical  string  `lua:"canonical" doc:"The name at the end of the aliases."`
	Aliases    []row   `lua:"aliases" doc:"The CNAME records that led there."`
	TTL        uint32  `lua:"ttl" doc:"How long this may be kept, in seconds; of an absent name too."`
	AA         bool    `lua:"aa" doc:"The server is responsible for the zone."`
	TC         bool    `lua:"tc" doc:"The answer was cut."`
	RA         bool    `lua:"ra" doc:"The server offers recursion."`
	AD         bool    `lua:"ad" doc:"The server says that it has validated the answer."`
	Server     string  `lua:"server" doc:"Who answered."`
	Protocol   string  `lua:"protocol" doc:"udp, tcp, tls or https."`
	Elapsed    float64 `lua:"elapsed" doc:"Seconds that it took."`
	Size       int     `lua:"size" doc:"Bytes of the message."`
	Cached     bool    `lua:"cached" doc:"The resolver had it already."`
	Tried      []tried `lua:"tried" doc:"Every try, in order."`
	Answer     *[]row  `lua:"answer" doc:"All records of the answer section; with sections = true."`
	Authority  *[]row  `lua:"authority" doc:"The authority section; with sections = true."`
	Additional *[]row  `lua:"additional" doc:"The additional section; with sections = true."`
	Options    *[]edns `lua:"edns_options" doc:"EDNS options of the server; with sections = true."`
	Security   *string `lua:"security" doc:"secure, insecure or bogus; with validate = true."`
	Reason     *string `lua:"reason" doc:"Why it is not secure."`
	engine     *dnsclient.Answer
}

type tried struct {
	Server   string  `lua:"server" doc:"Who was asked."`
	Protocol string  `lua:"protocol" doc:"How."`
	Status   string  `lua:"status" doc:"What came of it."`
	Problem  string  `lua:"problem" doc:"What was wrong; empty when nothing was."`
	Elapsed  float64 `lua:"elapsed" doc:"Seconds that it took."`
}

type edns struct {
	Code int    `lua:"code" doc:"Number of the option."`
	Name string `lua:"name" doc:"Its name: nsid, cookie, ede (extended error)."`
	Text string `lua:"text" doc:"What it says."`
}

func answerOf(a *dnsclient.Answer, sections bool) answer {
	out := answer{
		Status: string(a.Status), Name: a.Question.Name, Type: dnsclient.TypeName(a.Question.Type),
		Records: rowsOf(a.Records), Canonical: a.Canonical, Aliases: rowsOf(a.Chain), TTL: a.MinTTL(),
		Cached: a.Cached, Server: a.Server, Protocol: a.Protocol, Elapsed: seconds(a.Elapsed), Tried: make([]tried, len(a.Tried)), engine: a,
	}
	for i, t := range a.Tried {
		out.Tried[i] = tried{t.Server, t.Protocol, string(t.Status), t.Problem, seconds(t.Elapsed)}
	}
	if a.Security != "" {
		out.Security, out.Reason = &a.Security, &a.Reason
	}
	if m := a.Message; m != nil {
		out.Rcode, out.Size = dnsclient.RcodeName(m.Rcode), m.Size
		out.AA, out.TC, out.RA, out.AD = m.Has("aa"), m.Has("tc"), m.Has("ra"), m.Has("ad")
		if sections {
			out.addSections(m)
		}
	}
	return out
}

func (a *answer) addSections(m *dnsclient.Message) {
	section := func(records []dnsclient.Record) *[]row { rows := rowsOf(records); return &rows }
	a.Answer, a.Authority, a.Additional = section(m.Answer), section(m.Authority), section(m.Additional)
	options := []edns{}
	if m.EDNS != nil {
		for _, o := range m.EDNS.Options {
			options = append(options, edns{o.Code, o.Name, o.Text})
		}
	}
	a.Options = &options
}

// err is the error that an answer is, with the answer in e.result.
func (a answer) err() error {
	err := a.engine.Err()
	if err == nil {
		return nil
	}
	e := fault.From(err)
	e.Result = a
	if a.Status == "unreachable" || a.Status == "timeout" {
		e.Hint = "is a name server running at " + strings.Join(a.servers(), ", ") + "?"
	}
	return e
}

func (a answer) servers() (names []string) {
	for _, t := range a.Tried {
		if len(names) == 0 || names[len(names)-1] != t.Server {
			names = append(names, t.Server)
		}
	}
	return names
}

func seconds(d time.Duration) float64 { return d.Seconds() }
