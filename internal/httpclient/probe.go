package httpclient

import (
	"net"
	"net/url"
	"time"

	"gofab/internal/tlsinfo"
)

// Report is what a request did, in numbers.
type Report struct {
	OK       bool     `lua:"ok" doc:"Whether an answer came and everything expected of it holds."`
	URL      string   `lua:"url" doc:"URL that answered, after redirects."`
	Status   int      `lua:"status" doc:"HTTP status; 0 without an answer."`
	Version  string   `lua:"version" doc:"Protocol of the answer, such as HTTP/2.0."`
	IP       string   `lua:"ip" doc:"Address of the server."`
	Port     int      `lua:"port" doc:"Port of the server."`
	LocalIP  string   `lua:"local_ip" doc:"Our own address."`
	Reused   bool     `lua:"reused" doc:"Whether the connection was open already."`
	Failures []string `lua:"failures" doc:"What is wrong: why there is no answer, or what is not as expected."`
	Failure  string   `lua:"failure" doc:"Kind of failure when there is no answer: dns, refused, connect, timeout, tls, certificate, redirects, empty, closed, protocol, encoding, toolarge; else empty."`
	Stage    string   `lua:"stage" doc:"Step of the failure: dns, connect, tls, request, wait, transfer or redirect."`
	Curl     int      `lua:"curl" doc:"Exit code that curl has for the failure, 0 for none."`

	Time Phases  `lua:"time" doc:"What each step of the last hop took, in seconds."`
	At   Moments `lua:"at" doc:"When each step ended, in seconds since the start, as curl counts."`
	Size Sizes   `lua:"size" doc:"Bytes."`

	Speed         float64       `lua:"speed" doc:"Bytes of the body a second over the whole time."`
	Redirects     int           `lua:"redirects" doc:"How many redirects were followed."`
	ContentType   string        `lua:"content_type" doc:"Media type of the body."`
	ContentLength int64         `lua:"content_length" doc:"Length that the server named; -1 when it named none."`
	TLS           *tlsinfo.Info `lua:"tls" doc:"Details of the encrypted connection; nil without one."`
	Hops          []HopReport   `lua:"hops" doc:"Every request, redirects included."`
	Body          string        `lua:"body" doc:"Beginning of the body, when it was asked for."`
}

// Phases are what the steps took. They add up to the total.
type Phases struct {
	Redirect  time.Duration `lua:"redirect" doc:"All hops before the last."`
	DNS       time.Duration `lua:"dns" doc:"Resolving the name."`
	Connect   time.Duration `lua:"connect" doc:"Making the connection."`
	TLS       time.Duration `lua:"tls" doc:"Agreeing on encryption."`
	Request   time.Duration `lua:"request" doc:"Sending the request."`
	FirstByte time.Duration `lua:"first_byte" doc:"Waiting for the first byte of the answer."`
	Transfer  time.Duration `lua:"transfer" doc:"Reading the answer."`
	Total     time.Duration `lua:"total" doc:"All of it."`
}

// Moments are when the steps ended, counted as libcurl counts
// (curl_easy_getinfo(3)): with redirects, the steps of all hops are added.
type Moments struct {
	NameLookup    time.Duration `lua:"namelookup" doc:"The name was resolved."`
	Connect       time.Duration `lua:"connect" doc:"The connection was made."`
	AppConnect    time.Duration `lua:"appconnect" doc:"Encryption was agreed on; 0 without."`
	PreTransfer   time.Duration `lua:"pretransfer" doc:"The request could be sent."`
	StartTransfer time.Duration `lua:"starttransfer" doc:"The first byte of the answer came."`
	Redirect      time.Duration `lua:"redirect" doc:"The last redirect was followed."`
	Total         time.Duration `lua:"total" doc:"Everything had ended."`
}

// Sizes are bytes.
type Sizes struct {
	Request  int   `lua:"request" doc:"Heads of all requests."`
	Upload   int64 `lua:"upload" doc:"Body that was sent."`
	Header   int   `lua:"header" doc:"Heads of all answers."`
	Download int64 `lua:"download" doc:"Body over the wire."`
	Decoded  int64 `lua:"decoded" doc:"Body after decoding."`
}

// HopReport is one request.
type HopReport struct {
	URL    string        `lua:"url" doc:"What was asked for."`
	Method string        `lua:"method" doc:"How."`
	Status int           `lua:"status" doc:"The answer."`
	IP     string        `lua:"ip" doc:"Address of the server."`
	Total  time.Duration `lua:"total" doc:"What it took."`
}

// ReportOf tells what a request did. err is its error.
func (c *Client) ReportOf(r *Response, err error, now time.Time) Report {
	last := r.Last()
	out := Report{
		OK: err == nil, URL: last.URL, Status: last.Status, Version: r.Version, Reused: last.Reused, Failures: []string{},
		Redirects: r.Redirects(), ContentLength: r.Length, Time: r.phases(), At: r.moments(), Hops: []HopReport{},
	}
	out.IP, out.Port = split(last.Remote)
	out.LocalIP, _ = split(last.Local)
	out.ContentType = r.Header.Get("Content-Type")
	for _, hop := range r.Hops {
		ip, _ := split(hop.Remote)
		out.Hops = append(out.Hops, HopReport{hop.URL, hop.Method, hop.Status, ip, hop.end(r).Sub(hop.Time.Start)})
		out.Size.Request += hop.RequestHeader
		out.Size.Header += hop.Header
	}
	out.Size.Upload, out.Size.Download, out.Size.Decoded = last.RequestBody, last.Body, r.Decoded
	if seconds := out.Time.Total.Seconds(); seconds > 0 {
		out.Speed = float64(last.Body) / seconds
	}
	out.TLS = tlsinfo.Of(last.TLS, c.serverName(last), c.roots, now)
	if err != nil {
		out.fail(err)
	}
	return out
}

func (r *Report) fail(err error) {
	r.OK = false
	r.Failures = append(r.Failures, err.Error())
	if f, ok := FailureOf(err); ok {
		r.Failure, r.Stage, r.Curl = f.Kind, f.Stage, f.Code
	} else {
		r.Failure, r.Curl = "failed", codes["failed"]
	}
}

func split(address string) (ip string, port int) {
	parsed, err := net.ResolveTCPAddr("tcp", address) // an address and a port, so nothing is asked
	if err != nil || address == "" {
		return "", 0
	}
	return parsed.IP.String(), parsed.Port
}

// end is when a hop ended: at the latest when the next one began.
func (h *Hop) end(r *Response) time.Time {
	for i, hop := range r.Hops[:len(r.Hops)-1] {
		if hop == h {
			return r.Hops[i+1].Time.Start
		}
	}
	return r.Finished
}

// phases cuts the last hop into its steps. A step ends where the next one that
// happened begins, so that nothing is lost between them.
func (r *Response) phases() Phases {
	last := r.Last()
	t := last.Time
	if t.Start.IsZero() {
		return Phases{Total: r.Finished.Sub(r.Started)}
	}
	p := Phases{Redirect: t.Start.Sub(r.Started), Total: r.Finished.Sub(r.Started)}
	at := t.Start
	for _, step := range []struct {
		done time.Time
		into *time.Duration
	}{{t.DNSDone, &p.DNS}, {t.ConnectDone, &p.Connect}, {t.TLSDone, &p.TLS}, {t.Wrote, &p.Request}, {t.FirstByte, &p.FirstByte}, {r.Finished, &p.Transfer}} {
		if step.done.After(at) {
			*step.into = step.done.Sub(at)
			at = step.done
		}
	}
	if t.FirstByte.IsZero() { // no answer: the time belongs to the step that failed
		*p.waitingFor(t) += p.Transfer
		p.Transfer = 0
	}
	return p
}

// waitingFor is the step that had not ended.
func (p *Phases) waitingFor(t Timeline) *time.Duration {
	switch {
	case !t.Wrote.IsZero():
		return &p.FirstByte
	case !t.Ready.IsZero():
		return &p.Request
	case !t.TLSStart.IsZero():
		return &p.TLS
	case !t.ConnectStart.IsZero():
		return &p.Connect
	default:
		return &p.DNS
	}
}

// moments adds up the hops.
func (r *Response) moments() Moments {
	m := Moments{Total: r.Finished.Sub(r.Started)}
	for _, hop := range r.Hops {
		t := hop.Time
		since := func(done, otherwise time.Time) time.Duration {
			if done.IsZero() {
				done = otherwise
			}
			return max(done.Sub(t.Start), 0)
		}
		m.NameLookup += since(t.DNSDone, or(t.ConnectStart, t.Ready))
		m.Connect += since(t.ConnectDone, t.Ready)
		m.AppConnect += since(t.TLSDone, time.Time{})
		m.PreTransfer += since(t.Ready, time.Time{})
		m.StartTransfer += since(t.FirstByte, time.Time{})
	}
	if len(r.Hops) > 1 {
		m.Redirect = r.Last().Time.Start.Sub(r.Started)
	}
	return m
}

func or(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

// serverName is the name that the certificate of a hop must hold for.
func (c *Client) serverName(h *Hop) string {
	if c.config.ServerName != "" {
		return c.config.ServerName
	}
	u, err := url.Parse(h.URL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
